//! The spans of a queue, and the counts of what became of the rest.

use std::collections::VecDeque;

use lamplight_internal::circuit_breaker::CircuitBreaker;
use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;

use super::{limits::Limits, snapshot::QueueSnapshot};
use crate::{events::SpanEventPolicy, sink::Delivery, size::span_size};

/// A batch may weigh one part in so many of what the queue may hold.
const SHARE_OF_A_BATCH: usize = 8;

/// In eighths of what the queue holds: enough to deliver without waiting for the end of the
/// invocation, and so much that spans will soon be dropped.
pub(super) const HALF: u8 = 4;
pub(super) const NEARLY_ALL: u8 = 7;

/// Spans on their way to the sink.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) spans: Vec<SpanData>,
    /// Their estimated memory.
    pub(crate) bytes: usize,
}

#[derive(Debug)]
pub(super) struct State {
    spans: VecDeque<SpanData>,
    bytes: usize,
    /// How many of `spans` are roots of this process.
    roots: usize,
    /// How many at the front were offered to the sink before. It may have them all the same, so that
    /// they are the last to go: who counts them as dropped could be wrong.
    offered: usize,
    /// How many of `spans` are roots that failed.
    failed_roots: usize,
    /// How many spans were ever taken in, less those that were dropped from the back again: the position
    /// behind the newest span, counted from the first one.
    pub(super) end: u64,
    limits: Limits,
    events: SpanEventPolicy,
    /// Spans handed to the sink, each once, however often it comes back.
    processed: u64,
    delivered: u64,
    failed: u64,
    dropped_queue_full: u64,
    dropped_already_shutdown: u64,
    /// Spans handed to the sink and not accounted for yet, and their memory: they take as much as those
    /// that wait.
    in_flight: usize,
    bytes_in_flight: usize,
    /// Whether spans were dropped since this was last reset.
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

    /// Takes a span in, or drops it where there is no room. A root is worth more than what is below
    /// it and ends last, so that it would be the one to go: it takes the place of the newest span
    /// that is none, or else of the newest if that began later, as the records of a batch do.
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

    /// Drops the newest span that is no root and was not offered before, or else the newest. Returns
    /// whether there was one.
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

    /// Takes the oldest spans, unless all from before the position `end` have gone.
    ///
    /// Whoever delivers them copies and encodes them, so that they are an eighth of the memory at
    /// most, unless one alone is more.
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
        // Collected, it would have room for four spans at least.
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

    /// Records what became of a batch of `bytes`. Returns whether every span of it is settled, so that the
    /// next batch can follow at once.
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
        // They are older than everything that waits, so they go back to the front, and what has to
        // make room for them is the newest.
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

    /// Returns the position of the oldest span, as `end` is that behind the newest.
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

    /// Counts a span that there was no room for. Logs nothing: whoever drops a span may hold the span's
    /// lock, and a log line runs code that is not ours. See
    /// [`SpanQueue::log_drops`](super::SpanQueue::log_drops).
    fn drop_one(&mut self) {
        self.dropped_queue_full += 1;
        self.has_unreported_drops = true;
    }

    /// Returns how full the queue is, in eighths.
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
