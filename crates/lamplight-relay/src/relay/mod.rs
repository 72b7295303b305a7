//! The relay, put together: a [`Core`] without I/O, and a driver around it.
//!
//! [`Relay::builder`] puts one together of a [`Source`], rules, changes and sinks; [`Relay::run`] drives it. Who
//! wants another driver takes the [`Core`]: records and time go in, what each sink is given comes out.
//!
//! Delivery is at least once, and what is delivered twice is the same both times. That is so across a restart, and
//! where another instance takes a shard over. Of a shard whose lease has run out by this machine's clock nothing
//! is handed to a sink's queue; once it is known that another instance has it, nothing of it is saved, and what
//! waits in the queues is dropped, also what is to be sent again. Between the two, and in a request that has been
//! sent, it may be delivered here and by the other one.

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
mod error;
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
    error::RelayError,
    letters::LogLetters,
    report::Summary,
    setup::{Filter, Lane},
    source::{SaveCheckpoints, Source},
};
