//! What a journey consists of.

use std::sync::Arc;

use super::names;
use crate::span::{Span, SpanId, SpanRef, TraceId};

/// A trace put together: every span once, in the order in which a page shows them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Journey {
    /// The trace.
    pub trace: TraceId,
    /// First start of a span or of a wait, in nanoseconds since 1970, after clocks are set right
    /// ([`Node::shift`]). Starts of 0, which are those of spans that have none, do not count.
    pub begin: u64,
    /// Last end, after clocks are set right.
    pub end: u64,
    /// Depth first, siblings by their start; parents stand before their children.
    pub nodes: Vec<Node>,
    /// The batches its records belong to, and the batches of its invocations.
    pub batches: Vec<Batch>,
    /// Its messages that were delivered more than once, were moved to another queue, or failed the
    /// only time they were delivered.
    pub attempts: Vec<Attempts>,
    /// Spans of the trace that the store has, and that are not here: there were too many.
    pub left_out: u64,
    /// Whether spans of other traces that belong to it were left out, too.
    pub lacks_related: bool,
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
    /// Start in nanoseconds since 1970, with its shift; of a [`NodeKind::Missing`] its first child's.
    pub start: u64,
    /// End in nanoseconds since 1970, with its shift, and not before its start; of a
    /// [`NodeKind::Missing`] its last child's.
    pub end: u64,
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
    /// Of an invocation, how long the delivery of spans held its environment behind the response, in
    /// nanoseconds, where the next invocation tells. Nobody waited for it: it is behind
    /// [`Node::end`], and no part of the critical path.
    pub flush: Option<u64>,
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
    /// Invocations of the trace behind whose response the delivery of spans held the environment, and
    /// for how long, in nanoseconds.
    pub flushes: Vec<(SpanRef, u64)>,
    /// Spans of the trace that are in the store but not in `spans`: there are too many.
    pub left_out: u64,
    /// Whether there are more of `related` in the store than are here.
    pub lacks_related: bool,
}

impl Journey {
    /// Returns the place of the first span with this id.
    #[must_use]
    pub fn find(&self, id: SpanId) -> Option<Place> {
        let is_it = |node: &Node| node.span().is_some_and(|span| span.span_id == id);
        self.nodes.iter().position(is_it)
    }
}

impl Node {
    /// Returns its span; none where that is missing.
    #[must_use]
    pub const fn span(&self) -> Option<&Arc<Span>> {
        match &self.kind {
            NodeKind::Span(span) => Some(span),
            NodeKind::Missing(_) => None,
        }
    }

    /// Returns when it was on its way to here: the start of its first wait, or its own.
    #[must_use]
    pub fn underway(&self) -> u64 {
        let wait = self.waits.first().map(|wait| wait.start);
        wait.map_or(self.start, |start| start.min(self.start))
    }
}

impl Wait {
    /// Returns how long it was, in nanoseconds.
    #[must_use]
    pub const fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns where it was spent, as it is said behind a duration: `in SQS orders`, `cold start`,
    /// `behind earlier records of its batch`.
    #[must_use]
    pub fn said(&self) -> String {
        match self.place.as_str() {
            names::COLD_START | names::IN_TRANSIT => self.place.clone(),
            names::EARLIER_RECORDS => format!("behind {}", self.place),
            place => format!("in {place}"),
        }
    }
}

impl Batch {
    /// Returns which of its records a span is, counted from 1.
    #[must_use]
    pub fn number(&self, record: SpanRef) -> Option<usize> {
        let place = self.records.iter().position(|it| it.id() == record);
        place.map(|place| place + 1)
    }

    /// Returns how many records it had: as many as the invocation says, or as there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.count
            .unwrap_or_default()
            .max(self.records.len() as u64)
    }
}
