//! What a queue holds, and the counts of what became of the rest.

use super::{DEFAULT_MAX_BATCH, DEFAULT_MAX_BYTES, DEFAULT_MAX_SPANS, Stats};
use crate::backlog::{Backlog, failed_root, is_root};
use crate::events::SpanEventPolicy;
use crate::pause::Pause;
use crate::sink::Delivery;
use crate::size::span_size;
use lamplight_internal::diagnostics::warn_once;
use lamplight_internal::environment::number;
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;

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
    /// What they weigh.
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
    /// How many spans were ever taken in, less those that were dropped from the back again: the place
    /// behind the newest span, counted from the first one.
    pub(super) end: u64,
    pub(super) limits: Limits,
    /// Spans handed to the sink, each once, however often it comes back.
    passed: u64,
    delivered: u64,
    dropped: u64,
    /// How many of `dropped` ended after the shutdown.
    late: u64,
    failed: u64,
    pub(super) events: SpanEventPolicy,
    /// Spans handed to the sink and not accounted for yet, and what they weigh: they are in memory
    /// as much as those that wait.
    in_flight: usize,
    bytes_in_flight: usize,
    /// Whether spans were dropped and nobody has said so yet.
    pub(super) untold: bool,
    pub(super) closed: bool,
    pub(super) pause: Pause,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) spans: usize,
    pub(super) bytes: usize,
    pub(super) batch: usize,
}

impl Limits {
    /// Returns the limits that the environment asks for. A batch is never more than a queue, as the
    /// specification has it,
    /// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor>.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        const BATCH: &str = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
        let limit = |name, default: usize| {
            let limit = number(name, variable(name), 1, default)?;
            Some(usize::try_from(limit).unwrap_or(usize::MAX))
        };
        let spans = limit("OTEL_BSP_MAX_QUEUE_SIZE", DEFAULT_MAX_SPANS);
        let spans = spans.unwrap_or(DEFAULT_MAX_SPANS);
        let asked = limit(BATCH, DEFAULT_MAX_BATCH);
        if let Some(batch) = asked.filter(|batch| *batch > spans) {
            warn_once(BATCH, || {
                format!("{BATCH}={batch} is more than OTEL_BSP_MAX_QUEUE_SIZE; using that, {spans}")
            });
        }
        Self {
            spans,
            bytes: DEFAULT_MAX_BYTES,
            batch: asked.unwrap_or(DEFAULT_MAX_BATCH).min(spans),
        }
    }
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            spans: VecDeque::new(),
            bytes: 0,
            roots: 0,
            offered: 0,
            failed_roots: 0,
            end: 0,
            limits,
            passed: 0,
            delivered: 0,
            dropped: 0,
            late: 0,
            failed: 0,
            events: SpanEventPolicy::default(),
            in_flight: 0,
            bytes_in_flight: 0,
            untold: false,
            closed: false,
            pause: Pause::default(),
        }
    }

    /// Takes a span in, or drops it where there is no room. A root is worth more than what is below
    /// it and ends last, so that it would be the one to go: it takes the place of the newest span
    /// that is none, or else of the newest if that began later, as the records of a batch do.
    pub(super) fn push(&mut self, mut span: SpanData) {
        self.events.apply(&mut span);
        if self.closed {
            self.dropped += 1;
            self.late += 1;
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

    /// Drops the newest span that is no root and was not offered before, or else the newest; false
    /// where none waits.
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

    /// The oldest spans, unless all from before the place `until` have gone.
    ///
    /// Whoever delivers them copies and encodes them, so that they are an eighth of the memory at
    /// most, unless one alone is more.
    pub(super) fn take(&mut self, until: u64) -> Batch {
        if self.begin() >= until {
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
        self.passed += count.saturating_sub(self.offered) as u64;
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

    /// Books what became of a batch that weighed `bytes`; true if there is reason to go on at once.
    pub(super) fn account(&mut self, delivery: Delivery, bytes: usize) -> bool {
        let Delivery {
            delivered,
            failed,
            returned,
            ..
        } = delivery;
        let go_on = returned.is_empty();
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
        go_on
    }

    pub(super) fn backlog(&self) -> Backlog {
        Backlog {
            spans: self.spans.len(),
            bytes: self.bytes,
            oldest: self.spans.front().map(|span| span.end_time),
            in_flight: self.in_flight,
            has_failed_root: self.failed_roots > 0,
            is_batch: self.spans.len() >= self.limits.batch,
            is_half_full: self.eighths() >= HALF,
        }
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            queued: self.spans.len() + self.in_flight,
            delivered: self.delivered,
            dropped: self.dropped,
            failed: self.failed,
        }
    }

    #[cfg(feature = "metrics")]
    pub(super) fn counts(&self) -> crate::metrics::Counts {
        crate::metrics::Counts {
            passed: self.passed,
            delivered: self.delivered,
            failed: self.failed,
            no_room: self.dropped - self.late,
            late: self.late,
            waiting: self.spans.len(),
            in_flight: self.in_flight,
            capacity: self.limits.spans,
        }
    }

    /// The place of the oldest span, as `end` is that behind the newest.
    fn begin(&self) -> u64 {
        self.end.saturating_sub(self.spans.len() as u64)
    }

    fn count(&mut self, span: &SpanData, size: usize) {
        self.bytes = self.bytes.saturating_add(size);
        self.roots += usize::from(is_root(span));
        self.failed_roots += usize::from(failed_root(span));
    }

    fn forget(&mut self, span: &SpanData, size: usize) {
        self.bytes = self.bytes.saturating_sub(size);
        let (root, failed) = (is_root(span), failed_root(span));
        self.roots = self.roots.saturating_sub(root.into());
        self.failed_roots = self.failed_roots.saturating_sub(failed.into());
    }

    fn over_limit(&self) -> bool {
        let bytes = self.bytes.saturating_add(self.bytes_in_flight);
        self.spans.len() > self.limits.spans || bytes > self.limits.bytes
    }

    /// Logs nothing: whoever drops a span may hold the span's lock, and a log line runs code that is
    /// not ours. See [`SpanQueue::tell`](super::SpanQueue::tell).
    fn drop_one(&mut self) {
        self.dropped += 1;
        self.untold = true;
    }

    /// How full the queue is, in eighths.
    pub(super) fn eighths(&self) -> u8 {
        let Limits { spans, bytes, .. } = self.limits;
        let in_memory = self.bytes.saturating_add(self.bytes_in_flight);
        let of = |part: usize, whole: usize| (part.saturating_mul(8) / whole.max(1)).min(8);
        // At most 8.
        of(self.spans.len(), spans).max(of(in_memory, bytes)) as u8
    }
}
