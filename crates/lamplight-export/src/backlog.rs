//! What waits in a queue.

use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;
use std::time::SystemTime;

/// What waits in a [`SpanQueue`](crate::SpanQueue), for those who decide when to flush. See
/// [`SpanQueue::backlog`](crate::SpanQueue::backlog).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Backlog {
    /// Spans that were not handed to the sink yet.
    pub spans: usize,
    /// Their estimated memory in bytes.
    pub bytes: usize,
    /// When the first of them ended.
    pub oldest: Option<SystemTime>,
    /// Spans handed to the sink without an answer yet: a flush is under way, or was cut off.
    pub in_flight: usize,
    /// Whether a span is among them that failed and has no parent in this process: the invocation, a
    /// record of a batch.
    pub has_failed_root: bool,
    /// Whether they are a batch, or more than one.
    pub is_batch: bool,
    /// Whether half of the spans or of the bytes are there that the queue can hold, spans handed to
    /// the sink included.
    pub is_half_full: bool,
}

impl Backlog {
    /// Whether everything has been delivered, given up or dropped.
    pub fn is_empty(&self) -> bool {
        self.spans == 0 && self.in_flight == 0
    }
}

/// Whether the span has no parent in this process: an invocation, a record of a batch.
pub(crate) fn is_root(span: &SpanData) -> bool {
    span.parent_span_is_remote || span.parent_span_id == SpanId::INVALID
}

pub(crate) fn failed_root(span: &SpanData) -> bool {
    is_root(span) && matches!(span.status, Status::Error { .. })
}
