//! What is measured of spans, as a backend reads it.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;
mod faas;
mod hostile;
mod restarts;
mod spans;
mod telemetry;
mod windows;
