//! Whole-system benches of Lamplight.
