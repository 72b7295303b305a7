//! What a queue holds, and the counts of what became of the rest.

use super::Stats;
use crate::backlog::{Backlog, failed_root};
use crate::diagnostics::warn_once;
use crate::events::SpanEventPolicy;
use crate::pause::Pause;
use crate::sink::Delivery;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct State {
    spans: VecDeque<SpanData>,
    bytes: usize,
    /// How many of `spans` are roots that failed.
    failed_roots: usize,
    /// How many spans were ever taken in, less those that were dropped from the back again: the place
    /// behind the newest span, counted from the first one.
    pub(super) end: u64,
    pub(super) limits: Limits,
    delivered: u64,
    dropped: u64,
    /// How many of `dropped` ended after the shutdown.
    late: u64,
    failed: u64,
    pub(super) events: SpanEventPolicy,
    /// Spans handed to the sink and not accounted for yet.
    in_flight: usize,
    pub(super) closed: bool,
    pub(super) pause: Pause,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) spans: usize,
    pub(super) bytes: usize,
    pub(super) batch: usize,
}

impl State {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            spans: VecDeque::new(),
            bytes: 0,
            failed_roots: 0,
            end: 0,
            limits,
            delivered: 0,
            dropped: 0,
            late: 0,
            failed: 0,
            events: SpanEventPolicy::default(),
            in_flight: 0,
            closed: false,
            pause: Pause::default(),
        }
    }

    /// Takes a span in, or drops it where there is no room.
    pub(super) fn push(&mut self, mut span: SpanData) {
        self.events.apply(&mut span);
        let size = size(&span);
        let full = self.spans.len() >= self.limits.spans
            || self.bytes.saturating_add(size) > self.limits.bytes;
        if self.closed {
            self.dropped += 1;
            self.late += 1;
        } else if full {
            self.drop_one();
        } else {
            self.count(&span, size);
            self.end += 1;
            self.spans.push_back(span);
        }
    }

    /// The oldest spans, unless all from before the place `until` have gone.
    pub(super) fn take(&mut self, until: u64) -> Vec<SpanData> {
        if self.begin() >= until {
            return Vec::new();
        }
        let count = self.spans.len().min(self.limits.batch);
        // Collected, it would have room for four spans at least.
        let mut batch = Vec::with_capacity(count);
        batch.extend(self.spans.drain(..count));
        if self.spans.is_empty() {
            (self.bytes, self.failed_roots) = (0, 0);
        } else {
            batch.iter().for_each(|span| self.forget(span));
        }
        self.in_flight += batch.len();
        batch
    }

    /// Books a delivery; true if there is reason to go on at once.
    pub(super) fn account(&mut self, delivery: Delivery) -> bool {
        let Delivery {
            delivered,
            failed,
            returned,
            unreachable: _,
        } = delivery;
        let go_on = returned.is_empty();
        self.in_flight = self
            .in_flight
            .saturating_sub(delivered + failed + returned.len());
        self.delivered += delivered as u64;
        self.failed += failed as u64;
        // They are older than everything that waits, so they go back to the front, and what has to
        // make room for them is the newest.
        for span in returned.into_iter().rev() {
            self.count(&span, size(&span));
            self.spans.push_front(span);
        }
        while self.over_limit() {
            let Some(newest) = self.spans.pop_back() else {
                break;
            };
            self.forget(&newest);
            self.end = self.end.saturating_sub(1);
            self.drop_one();
        }
        go_on
    }

    pub(super) fn backlog(&self) -> Backlog {
        let Limits {
            spans,
            bytes,
            batch,
        } = self.limits;
        Backlog {
            spans: self.spans.len(),
            bytes: self.bytes,
            oldest: self.spans.front().map(|span| span.end_time),
            in_flight: self.in_flight,
            has_failed_root: self.failed_roots > 0,
            is_batch: self.spans.len() >= batch,
            is_half_full: self.spans.len() >= spans / 2 || self.bytes >= bytes / 2,
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
        self.bytes += size;
        self.failed_roots += usize::from(failed_root(span));
    }

    fn forget(&mut self, span: &SpanData) {
        self.bytes = self.bytes.saturating_sub(size(span));
        let failed = usize::from(failed_root(span));
        self.failed_roots = self.failed_roots.saturating_sub(failed);
    }

    fn over_limit(&self) -> bool {
        self.spans.len() > self.limits.spans || self.bytes > self.limits.bytes
    }

    fn drop_one(&mut self) {
        self.dropped += 1;
        let Limits { spans, bytes, .. } = self.limits;
        warn_once("queue-full", || {
            format!(
                "the span queue is full ({spans} spans or {bytes} bytes), new spans are dropped \
                 and counted; the exporter cannot keep up or cannot reach its destination"
            )
        });
    }
}

/// About how much memory a span takes, in bytes.
fn size(span: &SpanData) -> usize {
    let attributes = |kvs: &[KeyValue]| kvs.iter().map(attribute_size).sum::<usize>();
    let events = span
        .events
        .iter()
        .map(|e| 48 + e.name.len() + attributes(&e.attributes));
    let links = span.links.iter().map(|l| 64 + attributes(&l.attributes));
    size_of::<SpanData>()
        + span.name.len()
        + attributes(&span.attributes)
        + events.sum::<usize>()
        + links.sum::<usize>()
}

fn attribute_size(kv: &KeyValue) -> usize {
    let value = match &kv.value {
        Value::String(value) => value.as_str().len(),
        Value::Array(array) => array.to_string().len(),
        _ => 0,
    };
    size_of::<KeyValue>() + kv.key.as_str().len() + value
}
