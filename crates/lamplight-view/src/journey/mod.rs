//! The journey of an event: the spans of a trace joined by parents, links, messages and attempts.

use std::sync::Arc;

use crate::span::{Span, SpanId, SpanRef, TraceId};

/// A trace put together: every span once, in the order in which a page shows them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Journey {
    /// The trace.
    pub trace: TraceId,
    /// First start, in nanoseconds since 1970, after clocks are set right ([`Node::shift`]).
    pub begin: u64,
    /// Last end, after clocks are set right.
    pub end: u64,
    /// Depth first, siblings by their start; parents stand before their children.
    pub nodes: Vec<Node>,
    /// The batches its records belong to, and the batches of its invocations.
    pub batches: Vec<Batch>,
    /// Its messages that were delivered more than once, or moved to another queue.
    pub attempts: Vec<Attempts>,
}

/// A place in [`Journey::nodes`].
pub type Place = usize;

/// A span in a journey, or a gap where one should be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Node {
    /// What is here.
    pub kind: NodeKind,
    /// Its parent, by parent id; of a [`NodeKind::Missing`] none is known.
    pub parent: Option<Place>,
    /// Its children.
    pub children: Vec<Place>,
    /// Number of parents above it.
    pub depth: usize,
    /// Nanoseconds to add to its times, where its clock and its parent's disagree beyond doubt: a
    /// child in another process that begins before its parent began.
    pub shift: i64,
    /// What passed between its parent's doing and its beginning, in order of time, without overlap.
    pub waits: Vec<Wait>,
    /// Its place in a batch, as index into [`Journey::batches`].
    pub batch: Option<usize>,
    /// Its message's attempts, as index into [`Journey::attempts`].
    pub attempts: Option<usize>,
    /// Spans of any trace that link to it, known from what the store holds.
    pub linked_from: Vec<SpanRef>,
    /// Whether it is on the critical path: the chain of spans and waits that decides when the
    /// journey ends.
    pub critical: bool,
}

/// What stands at a place of a journey.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// A span.
    Span(Arc<Span>),
    /// A parent that did not arrive, above those children that did.
    Missing(SpanId),
}

/// Time that nobody spent computing.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Wait {
    /// Start, in nanoseconds since 1970.
    pub start: u64,
    /// End, in nanoseconds since 1970.
    pub end: u64,
    /// Where it was spent, as people say it: `SQS event-broker-orders`, `EventBridge`, `cold start`.
    pub place: String,
    /// `messaging.system`, where that is known.
    pub system: Option<String>,
    /// Whether it was measured (a sent timestamp), rather than what lies between two spans.
    pub measured: bool,
}

/// One invocation with its records.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch {
    /// The invocation, or the span for all its messages; `None` where only its records arrived.
    pub invocation: Option<Arc<Span>>,
    /// The invocation's id, be it here or not.
    pub id: SpanRef,
    /// Its records, by their start: of whatever trace.
    pub records: Vec<Arc<Span>>,
    /// Messages the invocation says it had; more than [`Batch::records`] where some did not arrive.
    pub count: Option<u64>,
    /// `lamplight.batch.failed_count`.
    pub failed: Option<u64>,
}

/// Deliveries of one message, side by side.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempts {
    /// `messaging.system`, or `unknown`.
    pub system: String,
    /// `messaging.message.id`.
    pub message_id: String,
    /// In order of time. One in another queue than the one before shows that it was moved there:
    /// dead-lettered.
    pub deliveries: Vec<Arc<Span>>,
    /// Whether the last failed and none came after it: it was dead-lettered, is still to come, or
    /// was not recorded.
    pub open: bool,
}

/// What a store holds around a trace, to make its journey of.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The spans of the trace.
    pub spans: Vec<Span>,
    /// Spans of other traces: what its spans link to, what links to them, the other records of
    /// their invocations, and other deliveries of their messages.
    pub related: Vec<Span>,
}

impl Journey {
    /// Returns the journey of a trace.
    ///
    /// Every span in `around.spans` is in it once; spans that differ under one id are all there, and
    /// rings of parents are opened.
    #[must_use]
    pub fn new(trace: TraceId, around: Around) -> Self {
        let _ = (trace, around);
        todo!("model")
    }
}
