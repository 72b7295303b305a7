//! Mistakes of a function's author, and the reports about them. Each program is a separate process with the
//! real runtime, because OpenTelemetry's globals exist once per process.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod lambda;
mod mistakes;
mod off;
mod otlp;
mod programs;
mod secrets;
mod variables;
mod wrong_values;
