//! Where spans and metrics go: sinks, each with a queue, retries and a circuit breaker of its own.
//!
//! A [`SinkQueue`] owns one [`Sink`] and a task that delivers to it. No sink waits for another: each has
//! its own [`Parcel`]s, and what one sink accepted is not sent to it again because another one refused.
//!
//! | what a sink answers ([`Outcome`]) | what its queue does |
//! |---|---|
//! | accepted, or accepted in part | counts; never sends it again |
//! | retryable | waits as the sink asks, else 1 s to 30 s with jitter, and sends it again |
//! | too large | sends halves: of the traces, then of a trace's spans; a single span is dead-lettered |
//! | rejected | dead-letters it, and goes on |
//!
//! A [critical](Criticality::Critical) sink holds the checkpoint: its [`Ticket`]s settle records when
//! they are delivered or dead-lettered, and its queue makes those who fill it wait. A
//! [best-effort](Criticality::BestEffort) sink holds nothing: over its bytes it drops what has waited
//! longest, and it gives up what it could not deliver for [some time](SinkSettings::give_up_after); both
//! are counted.

mod dead_letters;
mod destination;
mod outcome;
mod parcel;
mod queue;
mod request;
mod settings;
mod stats;
mod ticket;

pub use self::{
    dead_letters::{DeadLetter, DeadLetters},
    destination::{BoxFuture, Sink},
    outcome::Outcome,
    parcel::{Content, Parcel, RecordId},
    queue::SinkQueue,
    request::{Body, Layout, Request, Signal, TraceBody},
    settings::{Criticality, SinkSettings},
    stats::{BreakerState, SinkStats},
    ticket::{Settlements, Ticket, Tickets, tickets},
};
