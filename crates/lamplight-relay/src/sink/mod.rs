//! Destinations of spans and metrics: sinks, each with its own queue, retries and circuit breaker.
//!
//! A [`SinkQueue`] owns one [`Sink`] and a task that delivers to it. Sinks are independent: each
//! has its own [`Parcel`]s, so that data accepted by one sink is not sent to it again if another
//! one refuses it.
//!
//! | response of the sink ([`Outcome`]) | reaction of its queue |
//! |---|---|
//! | accepted, or accepted in part | counts it, and never sends it again |
//! | retryable | sends it again, after the wait that the sink requests, or else 1 s to 30 s with jitter |
//! | too large | sends halves: of the traces, then of the spans of a trace; a single span is cut down (its longest values first, then links and events), and if that does not suffice, the original span becomes a dead letter |
//! | rejected | makes it a dead letter, and continues |
//!
//! A [critical](Criticality::Critical) sink holds the checkpoint: its [`Ticket`]s settle records
//! when their data is delivered or becomes a dead letter, and callers wait while its queue is full.
//! A [best-effort](Criticality::BestEffort) sink does not hold the checkpoint: a full queue drops
//! its oldest data, and data that could not be delivered for [some
//! time](SinkSettings::give_up_after) is dropped too; both are counted.

mod claim;
#[cfg(feature = "clickhouse")]
mod clickhouse;
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

#[cfg(feature = "clickhouse")]
pub use self::clickhouse::{ClickHouseSink, ClickHouseSinkBuilder, ClickHouseSinkError};
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
