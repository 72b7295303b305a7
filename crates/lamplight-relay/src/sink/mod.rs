//! Where spans and metrics go: sinks, each with a queue, retries and a circuit breaker of its own.
//!
//! A [`SinkQueue`] owns one [`Sink`] and a task that delivers to it. No sink waits for another: each has
//! its own [`Parcel`]s, and what one sink accepted is not sent to it again because another one refused.
//!
//! | what a sink answers ([`Outcome`]) | what its queue does |
//! |---|---|
//! | accepted, or accepted in part | counts; never sends it again |
//! | retryable | waits as the sink asks, else 1 s to 30 s with jitter, and sends it again |
//! | too large | sends halves: of the traces, then of a trace's spans; a single span is cut down (its longest values first, then links and events), and dead-lettered as it was where there is nothing more to cut |
//! | rejected | dead-letters it, and goes on |
//!
//! A [critical](Criticality::Critical) sink holds the checkpoint: its [`Ticket`]s settle records when
//! they are delivered or dead-lettered, and its queue makes those who fill it wait. A
//! [best-effort](Criticality::BestEffort) sink holds nothing: over its bytes it drops what has waited
//! longest, and it gives up what it could not deliver for [some time](SinkSettings::give_up_after); both
//! are counted.

mod claim;
mod dead_letters;
mod destination;
mod file;
mod json;
#[cfg(feature = "kinesis")]
mod kinesis;
mod lines;
#[cfg(feature = "otlp")]
mod otlp;
mod outcome;
mod parcel;
mod queue;
mod request;
mod settings;
mod stats;
mod stdout;
mod ticket;

#[cfg(feature = "dead-letters-s3")]
pub use self::dead_letters::S3DeadLetters;
#[cfg(feature = "dead-letters-sqs")]
pub use self::dead_letters::SqsDeadLetters;
#[cfg(feature = "kinesis")]
pub use self::kinesis::KinesisSink;
#[cfg(feature = "otlp")]
pub use lamplight_otlp::client::{Compression, Protocol};

#[cfg(feature = "otlp")]
pub use self::otlp::{OtlpSink, OtlpSinkBuilder, OtlpSinkError};
pub use self::{
    claim::Claim,
    dead_letters::{DeadLetter, DeadLetters, FileDeadLetters, StdoutDeadLetters},
    destination::{BoxFuture, Sink},
    file::FileSink,
    outcome::Outcome,
    parcel::{Content, Parcel, RecordId},
    queue::SinkQueue,
    request::{Body, Layout, Request, Signal, TraceBody},
    settings::{Criticality, SinkSettings},
    stats::{BreakerState, SinkStats},
    stdout::StdoutSink,
    ticket::{Settlements, Ticket, Tickets, tickets},
};
