//! What a function's author can do wrong, and what is said of it. Each program is a process of its
//! own, with the real runtime: OpenTelemetry's globals are there once.

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
