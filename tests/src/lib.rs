//! Whole-system tests of Lamplight.
