//! Lambda functions, with Lamplight and with rivals, as separate processes on the real `lambda_runtime`.
//!
//! Lambda and the destination of spans are threads of this process: times are measured where the bytes
//! arrive.

// Like a test, this fails by panicking.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod build;
pub(crate) mod collector;
pub(crate) mod events;
mod process;
mod runtime_api;
mod sink;
pub(crate) mod spans;
mod subject;

pub(crate) use build::{Built, time_clean};
pub(crate) use process::Function;
pub(crate) use runtime_api::{Answer, Event, NOT_SAMPLED};
pub(crate) use sink::{Behavior, Sink};
pub(crate) use subject::{
    BARE, BARE_LAMBDA, COLLECTOR, KINESIS, KINESIS_LAMBDA, SERVING, STARTED, Spans, Subject,
};

use std::time::Duration;

/// The maximum wait for something that should happen immediately, on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Returns a time in milliseconds, for tables.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
