//! The relay, put together: a [`Core`] without I/O, and a driver around it.
//!
//! [`Relay::builder`] puts one together of a [`Source`], rules, changes and sinks; [`Relay::run`] drives it. Who
//! wants another driver takes the [`Core`]: records and time go in, what each sink is given comes out.

pub mod log;

#[cfg(feature = "config")]
mod assemble;
#[cfg(all(
    feature = "config",
    any(
        feature = "kinesis",
        feature = "dead-letters-s3",
        feature = "dead-letters-sqs"
    )
))]
pub(crate) mod aws;
mod batch;
mod builder;
mod core;
mod dry;
mod letters;
mod outbox;
mod report;
mod run;
mod saves;
mod setup;
mod source;

#[cfg(feature = "config")]
pub use self::assemble::AssembleError;
pub use self::{
    batch::BatchOutcome,
    builder::{BuildError, Relay, RelayBuilder},
    core::{Core, Delivery, TraceDelivery},
    letters::LogLetters,
    report::Summary,
    run::RelayError,
    setup::{Filter, Lane},
    source::{SaveCheckpoints, Source},
};
