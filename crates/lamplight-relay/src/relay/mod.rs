//! The complete relay: a [`Core`] without I/O, and a driver around it.
//!
//! [`Relay::builder`] builds one from a [`Source`], rules, changes and sinks; [`Relay::run`] drives
//! it. For another driver, use the [`Core`] directly: records and time go in, and the data for each
//! sink comes out.
//!
//! Delivery is at least once, and data that is delivered twice is identical both times. This holds
//! across restarts, and when another instance takes over a shard. Once the lease of a shard has
//! expired by this machine's clock, none of its data is added to a sink's queue. Once another
//! instance is known to have the lease, nothing of the shard is saved, and its data in the queues
//! is dropped, including data waiting for a retry. Between these two moments, and in requests
//! already sent, data may be delivered by both instances.

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
