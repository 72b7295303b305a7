//! The data of a journey.

use std::sync::Arc;

use super::names;
use crate::span::{Span, SpanId, SpanRef, TraceId};

/// An assembled trace: every span once, in the order of display.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Journey {
    /// The id of the trace.
    pub trace: TraceId,
    /// First start of a span or a wait, in nanoseconds since 1970, after correction of clocks
    /// ([`Node::shift`]). Starts of 0, which mean that a span has none, are ignored.
    pub begin: u64,
    /// Last end, after correction of clocks.
    pub end: u64,
    /// Depth first, siblings by their start; parents come before their children.
    pub nodes: Vec<Node>,
    /// The batches of its records, and those of its invocations.
    pub batches: Vec<Batch>,
    /// Messages that were delivered more than once, were moved to another queue, or failed in their
    /// only delivery.
    pub attempts: Vec<Attempts>,
    /// Number of spans of the trace in the store that are not included, because there were too
    /// many.
    pub left_out: u64,
    /// True if related spans of other traces are missing too.
    pub lacks_related: bool,
}

/// An index in [`Journey::nodes`].
pub type Place = usize;

/// A span in a journey, or a placeholder for a missing one.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Node {
    /// Its kind.
    pub kind: NodeKind,
    /// Its parent, by parent id; always `None` for [`NodeKind::Missing`].
    pub parent: Option<Place>,
    /// Its children.
    pub children: Vec<Place>,
    /// Number of ancestors.
    pub depth: usize,
    /// Start in nanoseconds since 1970, with its shift; for [`NodeKind::Missing`], that of its
    /// first child.
    pub start: u64,
    /// End in nanoseconds since 1970, with its shift, and not before its start; for
    /// [`NodeKind::Missing`], that of its last child.
    pub end: u64,
    /// Nanoseconds added to its times, if its clock and its parent's disagree beyond doubt: a child
    /// in another process that begins before its parent.
    pub shift: i64,
    /// Waits between the handover by its parent and its start, in order of time, without overlap.
    pub waits: Vec<Wait>,
    /// Its batch, as an index in [`Journey::batches`].
    pub batch: Option<usize>,
    /// The attempts of its message, as an index in [`Journey::attempts`].
    pub attempts: Option<usize>,
    /// Spans of any trace that link to it, as far as they are in the store.
    pub linked_from: Vec<SpanRef>,
    /// True if it is on the critical path: the chain of spans and waits that determines the end of
    /// the journey.
    pub critical: bool,
    /// For an invocation, the time in nanoseconds for which the flush of spans held its environment
    /// after the response, if the next invocation reports it. Nothing waited for it: it is after
    /// [`Node::end`], and not part of the critical path.
    pub flush: Option<u64>,
}

/// The kind of a node.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// A span.
    Span(Arc<Span>),
    /// A parent that did not arrive, above children that did.
    Missing(SpanId),
}

/// Time without computation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Wait {
    /// Start, in nanoseconds since 1970.
    pub start: u64,
    /// End, in nanoseconds since 1970.
    pub end: u64,
    /// The place in which it was spent, for display: `SQS event-broker-orders`, `EventBridge`,
    /// `cold start`.
    pub place: String,
    /// `messaging.system`, if known.
    pub system: Option<String>,
    /// True if it was measured (by a sent timestamp) rather than inferred from the gap between two
    /// spans.
    pub measured: bool,
}

/// An invocation with its records.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Batch {
    /// The invocation, or the span for all its messages; `None` if only its records arrived.
    pub invocation: Option<Arc<Span>>,
    /// The invocation's id, whether it arrived or not.
    pub id: SpanRef,
    /// Its records, by start, from any trace.
    pub records: Vec<Arc<Span>>,
    /// Number of messages according to the invocation; greater than the length of
    /// [`Batch::records`] if some did not arrive.
    pub count: Option<u64>,
    /// `lamplight.batch.failed_count`.
    pub failed: Option<u64>,
}

/// Deliveries of one message.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempts {
    /// `messaging.system`, or `unknown`.
    pub system: String,
    /// `messaging.message.id`.
    pub message_id: String,
    /// The deliveries in order of time. A delivery from another queue than the previous one means
    /// that the message was moved there (dead-lettered).
    pub deliveries: Vec<Arc<Span>>,
    /// True if the last delivery failed and none followed: the message was dead-lettered, is still
    /// to be redelivered, or its delivery was not recorded.
    pub open: bool,
}

/// The spans of a trace and related spans, as input of a journey.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The spans of the trace.
    pub spans: Vec<Span>,
    /// Related spans of other traces: those its spans link to, those that link to its spans, the
    /// other records of their invocations, and other deliveries of their messages.
    pub related: Vec<Span>,
    /// Invocations of the trace whose environment was held by a flush of spans after the response,
    /// and for how long, in nanoseconds.
    pub flushes: Vec<(SpanRef, u64)>,
    /// Number of spans of the trace in the store that are not in `spans`, because there are too
    /// many.
    pub left_out: u64,
    /// True if the store has more `related` spans.
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
    /// Returns the span; `None` if it is missing.
    #[must_use]
    pub const fn span(&self) -> Option<&Arc<Span>> {
        match &self.kind {
            NodeKind::Span(span) => Some(span),
            NodeKind::Missing(_) => None,
        }
    }

    /// Returns the time at which it was under way: the start of its first wait, or its own.
    #[must_use]
    pub fn underway(&self) -> u64 {
        let wait = self.waits.first().map(|wait| wait.start);
        wait.map_or(self.start, |start| start.min(self.start))
    }
}

impl Wait {
    /// Returns its duration, in nanoseconds.
    #[must_use]
    pub const fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns its place as text to follow a duration: `in SQS orders`, `cold start`, `behind
    /// earlier records of its batch`.
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
    /// Returns the number of a record in the batch, starting at 1.
    #[must_use]
    pub fn number(&self, record: SpanRef) -> Option<usize> {
        let place = self.records.iter().position(|it| it.id() == record);
        place.map(|place| place + 1)
    }

    /// Returns the number of records: that given by the invocation, or that of the records that
    /// arrived.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.count
            .unwrap_or_default()
            .max(self.records.len() as u64)
    }
}
