//! Results of a store.

use crate::{
    facts::Outcome,
    span::{SpanRef, TraceId},
};

/// The result of adding a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Added {
    /// Number of new spans.
    pub new: u64,
    /// Number of exact copies of known spans.
    pub again: u64,
    /// Number of invalid spans.
    pub refused: u64,
}

/// A function, with its statistics in a window.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Function {
    /// Name.
    pub name: String,
    /// Number of invocations, with any outcome.
    pub invocations: u64,
    /// Number of invocations that failed, including timeouts.
    pub errors: u64,
    /// Number of invocations that timed out.
    pub timeouts: u64,
    /// Number of cold starts.
    pub cold_starts: u64,
    /// Median duration of invocations, in nanoseconds.
    pub p50: u64,
    /// 95th percentile of the duration, in nanoseconds.
    pub p95: u64,
    /// 99th percentile of the duration, in nanoseconds.
    pub p99: u64,
    /// Mean duration of the initialization in cold starts, in milliseconds.
    pub init_ms: Option<f64>,
    /// Mean duration of the flush of telemetry, in milliseconds, if recorded.
    pub flush_ms: Option<f64>,
    /// Memory size of the newest invocation, in bytes.
    pub memory: Option<u64>,
    /// Versions, the most recent first.
    pub versions: Vec<String>,
    /// Start of the newest invocation, in nanoseconds since 1970.
    pub last: u64,
    /// Invocations and errors in equal parts of the window, for a sparkline.
    pub series: Vec<Count>,
}

/// Invocations in a part of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Invocations.
    pub invocations: u64,
    /// Number of failed ones.
    pub errors: u64,
}

/// A page of invocations.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Invocations {
    /// The rows, newest first.
    pub rows: Vec<Invocation>,
    /// True if there are more: query them with [`Query::before`](super::Query::before).
    pub more: bool,
}

/// An invocation as a row of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Invocation {
    /// The id of its span.
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
    /// Its outcome.
    pub outcome: Outcome,
    /// `error.type`.
    pub error_type: Option<String>,
    /// Message of the exception, or of the status.
    pub message: Option<String>,
    /// `faas.trigger`.
    pub trigger: Option<String>,
    /// True if it was a cold start.
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
    /// The id of the trace.
    pub id: TraceId,
    /// Name of its first span.
    pub name: String,
    /// Function of its first span.
    pub function: String,
    /// First start, in nanoseconds since 1970.
    pub start: u64,
    /// Last end, in nanoseconds since 1970.
    pub end: u64,
    /// Number of spans.
    pub spans: u64,
    /// Number of spans with an error.
    pub errors: u64,
    /// Functions in it, in order of their first span.
    pub functions: Vec<String>,
}

/// Traffic between functions, queues and other services.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Map {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Edges between `nodes`.
    pub edges: Vec<Edge>,
}

/// A node of the map.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Kind.
    pub kind: NodeKind,
    /// Name, such as that of the queue.
    pub name: String,
    /// The attribute with this name on spans, the most frequent one of several. `None` if it is the
    /// name of a function, or if no attribute has exactly this value.
    pub named_by: Option<&'static str>,
}

/// Kind of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum NodeKind {
    /// External callers.
    Client,
    Function,
    Queue,
    Topic,
    Bus,
    Stream,
    Table,
    Bucket,
    /// Any other service, by its address or its AWS name.
    Service,
}

/// An edge of the map.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Edge {
    /// Index of the source node.
    pub from: usize,
    /// Index of the target node.
    pub to: usize,
    /// Number of calls, messages or records.
    pub count: u64,
    /// Number of failed ones.
    pub errors: u64,
    /// Mean wait in nanoseconds, for edges through a queue.
    pub wait: Option<u64>,
}

/// An attribute value that is more frequent on one side.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The key of the attribute.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Number of invocations with it among the failed (or slow) ones.
    pub inside: u64,
    /// Number of all failed (or slow) ones.
    pub inside_of: u64,
    /// Number of invocations with it among the others.
    pub outside: u64,
    /// Number of all others.
    pub outside_of: u64,
}

/// The content of a store.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct State {
    /// Number of spans.
    pub spans: u64,
    /// Number of traces.
    pub traces: u64,
    /// Start of the oldest span, in nanoseconds since 1970.
    pub oldest: Option<u64>,
    /// Start of the newest span, in nanoseconds since 1970.
    pub newest: Option<u64>,
    /// Number of spans dropped because there were too many.
    pub dropped_for_count: u64,
    /// Number of spans dropped because they were too old.
    pub dropped_for_age: u64,
    /// Number of spans dropped because they took too much room.
    pub dropped_for_size: u64,
    /// Size of the stored spans as received, in bytes.
    pub bytes: u64,
    /// Number of exact copies received.
    pub again: u64,
    /// Number of invalid spans.
    pub refused: u64,
    /// A number that changes whenever spans are added or dropped.
    pub revision: u64,
}
