//! What is measured of spans, as a backend reads it.

mod common;
mod faas;
mod hostile;
mod spans;
mod telemetry;
mod windows;
