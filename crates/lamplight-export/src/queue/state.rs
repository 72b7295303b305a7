//! The spans of a queue, and the counts of those that have left it.

use std::collections::VecDeque;

use lamplight_internal::circuit_breaker::CircuitBreaker;
use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;

use super::{limits::Limits, snapshot::QueueSnapshot};
use crate::{events::SpanEventPolicy, sink::Delivery, size::span_size};

/// The divisor of the queue's byte limit that gives the byte limit of a batch.
const SHARE_OF_A_BATCH: usize = 8;

/// The fill level, in eighths, at which spans are delivered without waiting for the end of the invocation,
/// because otherwise spans may soon be dropped.
pub(super) const HALF: u8 = 4;
pub(super) const NEARLY_ALL: u8 = 7;

/// Spans to be passed to the sink.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) spans: Vec<SpanData>,
    /// Estimated memory of the spans.
    pub(crate) bytes: usize,
}

#[derive(Debug)]
pub(super) struct State {
    spans: VecDeque<SpanData>,
    bytes: usize,
    /// Number of `spans` that are roots of this process.
    roots: usize,
    /// Number of spans at the front that were offered to the sink before. They are dropped last: the
    /// destination may have received them after all, and counting them as dropped would be wrong.
    offered: usize,
    /// Number of `spans` that are roots with an error.
    failed_roots: usize,
    /// The position after the newest span, counted from the first: the number of spans ever accepted, minus
    /// those dropped from the back.
    pub(super) end: u64,
    limits: Limits,
    events: SpanEventPolicy,
    /// Spans passed to the sink, each counted once however often it is returned.
    processed: u64,
    delivered: u64,
    failed: u64,
    dropped_queue_full: u64,
    dropped_already_shutdown: u64,
    /// Spans passed to the sink and not yet accounted for, and their memory, which is as much as if they were
    /// waiting.
    in_flight: usize,
    bytes_in_flight: usize,
    /// True if spans were dropped since this was last reset.
    pub(super) has_unreported_drops: bool,
    pub(super) is_shut_down: bool,
    pub(super) breaker: CircuitBreaker,
}

impl State {
    pub(super) fn new(limits: Limits, events: SpanEventPolicy, breaker: CircuitBreaker) -> Self {
        Self {
            spans: VecDeque::new(),
            bytes: 0,
            roots: 0,
            offered: 0,
            failed_roots: 0,
            end: 0,
            limits,
            events,
            processed: 0,
            delivered: 0,
            failed: 0,
            dropped_queue_full: 0,
            dropped_already_shutdown: 0,
            in_flight: 0,
            bytes_in_flight: 0,
            has_unreported_drops: false,
            is_shut_down: false,
            breaker,
        }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Adds a span, or drops it if the queue is full. A root is worth more than its descendants but ends
    /// last, so it would be the one to be dropped. Instead, it replaces the newest span that is not a root,
    /// or else the newest span if that began later than the root, as happens with the records of a batch.
    pub(super) fn push(&mut self, mut span: SpanData) {
        self.events.apply(&mut span);
        if self.is_shut_down {
            self.dropped_already_shutdown += 1;
            return;
        }
        let size = span_size(&span);
        if size > self.limits.bytes {
            return self.drop_one();
        }
        while !self.has_room(size) {
            let encloses = |newest: &SpanData| span.start_time < newest.start_time;
            let has_lesser =
                self.roots < self.spans.len() || self.spans.back().is_some_and(encloses);
            if !(is_root(&span) && has_lesser && self.displace()) {
                return self.drop_one();
            }
        }
        self.count(&span, size);
        self.end += 1;
        self.spans.push_back(span);
    }

    fn has_room(&self, size: usize) -> bool {
        let bytes = self.bytes.saturating_add(self.bytes_in_flight);
        self.spans.len() < self.limits.spans && bytes.saturating_add(size) <= self.limits.bytes
    }

    /// Drops the newest span that is not a root and was not offered before, or else the newest span. Returns
    /// whether one was dropped.
    fn displace(&mut self) -> bool {
        let fresh = self.spans.range(self.offered.min(self.spans.len())..);
        let newest = match self.roots < self.spans.len() {
            true => fresh.rev().position(|span| !is_root(span)).unwrap_or(0),
            false => 0,
        };
        let position = self.spans.len().checked_sub(newest + 1);
        let Some(span) = position.and_then(|position| self.spans.remove(position)) else {
            return false;
        };
        self.offered = self.offered.min(self.spans.len());
        self.forget(&span, span_size(&span));
        self.end = self.end.saturating_sub(1);
        self.drop_one();
        true
    }

    /// Takes the oldest spans, or none if all spans before the position `end` have been taken.
    ///
    /// The caller copies and encodes them, so they take at most an eighth of the memory limit, unless a
    /// single span is larger.
    pub(super) fn take(&mut self, end: u64) -> Batch {
        if self.begin() >= end {
            return Batch::default();
        }
        let most = self.limits.bytes / SHARE_OF_A_BATCH;
        let mut batch = Batch::default();
        let mut count = self.spans.len().min(self.limits.batch);
        if self.bytes > most {
            let mut bytes = 0_usize;
            let fits = self.spans.iter().take(count).take_while(|span| {
                bytes = bytes.saturating_add(span_size(span));
                bytes <= most
            });
            count = fits.count().max(1);
        }
        // Collecting would reserve room for at least four spans.
        batch.spans.reserve_exact(count);
        batch.spans.extend(self.spans.drain(..count));
        self.processed += count.saturating_sub(self.offered) as u64;
        self.offered = self.offered.saturating_sub(count);
        if self.spans.is_empty() {
            batch.bytes = std::mem::take(&mut self.bytes);
            (self.roots, self.failed_roots) = (0, 0);
        } else {
            for span in &batch.spans {
                let size = span_size(span);
                batch.bytes += size;
                self.forget(span, size);
            }
        }
        self.in_flight += batch.spans.len();
        self.bytes_in_flight += batch.bytes;
        batch
    }

    /// Records the outcome of a batch of `bytes`. Returns whether all its spans are settled, so that the next
    /// batch can follow immediately.
    pub(super) fn record(&mut self, delivery: Delivery, bytes: usize) -> bool {
        let Delivery {
            delivered,
            failed,
            returned,
            ..
        } = delivery;
        let is_settled = returned.is_empty();
        self.offered += returned.len();
        self.in_flight = self
            .in_flight
            .saturating_sub(delivered + failed + returned.len());
        self.bytes_in_flight = self.bytes_in_flight.saturating_sub(bytes);
        self.delivered += delivered as u64;
        self.failed += failed as u64;
        // They are older than all waiting spans, so they return to the front, and the newest spans have to
        // make room for them.
        for span in returned.into_iter().rev() {
            self.count(&span, span_size(&span));
            self.spans.push_front(span);
        }
        while self.over_limit() && self.displace() {}
        is_settled
    }

    pub(super) fn snapshot(&self) -> QueueSnapshot {
        QueueSnapshot {
            size: self.spans.len(),
            capacity: self.limits.spans,
            bytes: self.bytes,
            in_flight: self.in_flight,
            processed: self.processed,
            delivered: self.delivered,
            failed: self.failed,
            dropped_queue_full: self.dropped_queue_full,
            dropped_already_shutdown: self.dropped_already_shutdown,
            oldest: self.spans.front().map(|span| span.end_time),
            has_failed_root: self.failed_roots > 0,
            has_full_batch: self.spans.len() >= self.limits.batch,
            is_half_full: self.eighths() >= HALF,
        }
    }

    /// Returns the position of the oldest span; `end` is the position after the newest.
    fn begin(&self) -> u64 {
        self.end.saturating_sub(self.spans.len() as u64)
    }

    fn count(&mut self, span: &SpanData, size: usize) {
        self.bytes = self.bytes.saturating_add(size);
        self.roots += usize::from(is_root(span));
        self.failed_roots += usize::from(is_failed_root(span));
    }

    fn forget(&mut self, span: &SpanData, size: usize) {
        self.bytes = self.bytes.saturating_sub(size);
        let (root, failed) = (is_root(span), is_failed_root(span));
        self.roots = self.roots.saturating_sub(root.into());
        self.failed_roots = self.failed_roots.saturating_sub(failed.into());
    }

    fn over_limit(&self) -> bool {
        let bytes = self.bytes.saturating_add(self.bytes_in_flight);
        self.spans.len() > self.limits.spans || bytes > self.limits.bytes
    }

    /// Counts a span dropped for lack of room. Does not log: the caller may hold the span's lock, and a log
    /// line runs other code. See [`SpanQueue::log_drops`](super::SpanQueue::log_drops).
    fn drop_one(&mut self) {
        self.dropped_queue_full += 1;
        self.has_unreported_drops = true;
    }

    /// Returns the fill level of the queue in eighths.
    pub(super) fn eighths(&self) -> u8 {
        let Limits { spans, bytes, .. } = self.limits;
        let in_memory = self.bytes.saturating_add(self.bytes_in_flight);
        let of = |part: usize, whole: usize| (part.saturating_mul(8) / whole.max(1)).min(8);
        // At most 8.
        of(self.spans.len(), spans).max(of(in_memory, bytes)) as u8
    }
}

/// Returns whether the span has no parent in this process: an invocation, a record of a batch.
fn is_root(span: &SpanData) -> bool {
    span.parent_span_is_remote || span.parent_span_id == SpanId::INVALID
}

fn is_failed_root(span: &SpanData) -> bool {
    is_root(span) && matches!(span.status, Status::Error { .. })
}
