//! Metrics of spans, as read by a backend.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;
mod faas;
mod hostile;
mod restarts;
mod spans;
mod telemetry;
mod windows;
