//! Functions under the two layers, seen from outside.
//!
//! One program, since each more is a link more. Processes of their own are `tests/tracing`, which sets the
//! subscriber of its process and needs the lines that Lamplight writes once in one, and `tests/alarm`,
//! which keeps the only thread of the alarm for minutes.

// Tests fail by panicking, and read the clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod answers;
mod batch_answers;
mod common;
mod concurrent;
mod deadline;
mod error_types;
mod event_span;
mod exceptions;
mod flush;
mod http;
mod inferred;
mod layers;
mod open_spans;
mod records;
mod sources;
mod wide_events;
