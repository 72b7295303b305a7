//! Answers.

use crate::{
    facts::Outcome,
    span::{SpanRef, TraceId},
};

/// What came of adding a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Added {
    /// Spans that are new.
    pub new: u64,
    /// Exact copies of spans that were there.
    pub again: u64,
    /// Spans that could not be read.
    pub refused: u64,
}

/// A function, and what it did in a window.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Function {
    /// Name.
    pub name: String,
    /// Invocations, whatever their outcome.
    pub invocations: u64,
    /// Invocations that failed, timeouts included.
    pub errors: u64,
    /// Invocations that timed out.
    pub timeouts: u64,
    /// Cold starts.
    pub cold_starts: u64,
    /// Half of the invocations took at most as long, in nanoseconds.
    pub p50: u64,
    /// 95 of 100 took at most as long, in nanoseconds.
    pub p95: u64,
    /// 99 of 100 took at most as long, in nanoseconds.
    pub p99: u64,
    /// Mean initialization of its cold starts, in milliseconds.
    pub init_ms: Option<f64>,
    /// Mean time in the flush of telemetry, in milliseconds, where that is recorded.
    pub flush_ms: Option<f64>,
    /// Memory setting, in bytes: of the newest invocation.
    pub memory: Option<u64>,
    /// Versions, the newest seen first.
    pub versions: Vec<String>,
    /// Start of the newest invocation, in nanoseconds since 1970.
    pub last: u64,
    /// Invocations and errors over the window in equal parts of time, for a sparkline.
    pub series: Vec<Count>,
}

/// Invocations in a part of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Invocations.
    pub invocations: u64,
    /// Those that failed.
    pub errors: u64,
}

/// A page of invocations.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Invocations {
    /// Newest first.
    pub rows: Vec<Invocation>,
    /// Whether there are more: ask again with [`Query::before`](super::Query::before).
    pub more: bool,
}

/// An invocation as a row of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Invocation {
    /// Its span.
    pub id: SpanRef,
    /// Function.
    pub function: String,
    /// Version.
    pub version: Option<String>,
    /// Name of the span.
    pub name: String,
    /// Start, in nanoseconds since 1970.
    pub start: u64,
    /// Duration, in nanoseconds.
    pub duration: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// `error.type`.
    pub error_type: Option<String>,
    /// Message of the exception, or of the status.
    pub message: Option<String>,
    /// `faas.trigger`.
    pub trigger: Option<String>,
    /// Whether it was a cold start.
    pub cold: bool,
    /// `messaging.batch.message_count`.
    pub records: Option<u64>,
    /// `lamplight.batch.failed_count`.
    pub failed: Option<u64>,
}

/// A trace as a row of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceRow {
    /// Trace.
    pub id: TraceId,
    /// Name of its first span.
    pub name: String,
    /// Function of its first span.
    pub function: String,
    /// First start, in nanoseconds since 1970.
    pub start: u64,
    /// Last end, in nanoseconds since 1970.
    pub end: u64,
    /// Spans.
    pub spans: u64,
    /// Spans with an error.
    pub errors: u64,
    /// Functions in it, in order of their first span.
    pub functions: Vec<String>,
}

/// What goes between functions, queues and other services.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Map {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Edges, as places in `nodes`.
    pub edges: Vec<Edge>,
}

/// A node of the map.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Kind.
    pub kind: NodeKind,
    /// Name, such as that of the queue.
    pub name: String,
    /// Attribute that has this name on spans; of several the most usual one. `None` where a function
    /// goes by it, or no attribute has exactly the name.
    pub named_by: Option<&'static str>,
}

/// Kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum NodeKind {
    /// Whoever calls from outside.
    Client,
    Function,
    Queue,
    Topic,
    Bus,
    Stream,
    Table,
    Bucket,
    /// Any other service, by its address or its name at AWS.
    Service,
}

/// An edge of the map.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Edge {
    /// From this node.
    pub from: usize,
    /// To this node.
    pub to: usize,
    /// Calls, messages, records.
    pub count: u64,
    /// Those that failed.
    pub errors: u64,
    /// Mean wait, in nanoseconds, where it is a way through a queue.
    pub wait: Option<u64>,
}

/// A value that is more frequent on one side.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Attribute.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Invocations with it among the failed (or slow) ones.
    pub inside: u64,
    /// All failed (or slow) ones.
    pub inside_of: u64,
    /// Invocations with it among the others.
    pub outside: u64,
    /// All others.
    pub outside_of: u64,
}

/// How much a store holds.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct State {
    /// Spans.
    pub spans: u64,
    /// Traces.
    pub traces: u64,
    /// Start of the oldest span, in nanoseconds since 1970.
    pub oldest: Option<u64>,
    /// Start of the newest span, in nanoseconds since 1970.
    pub newest: Option<u64>,
    /// Spans dropped because there were too many.
    pub dropped_for_count: u64,
    /// Spans dropped because they were too old.
    pub dropped_for_age: u64,
    /// Spans dropped because they took too much room.
    pub dropped_for_size: u64,
    /// Bytes of the spans that are there, as they came.
    pub bytes: u64,
    /// Exact copies that came.
    pub again: u64,
    /// Spans that could not be read.
    pub refused: u64,
    /// Changes whenever spans are added or dropped.
    pub revision: u64,
}
