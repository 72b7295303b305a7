//! A snapshot of a queue.

use std::time::SystemTime;

/// The state of a [`SpanQueue`](crate::SpanQueue) at one moment, and what became of its spans since it was
/// built. See [`SpanQueue::snapshot`](crate::SpanQueue::snapshot).
///
/// Every span that ended and was sampled is counted once: it is [pending](Self::pending),
/// [delivered](Self::delivered), [failed](Self::failed) or [dropped](Self::dropped).
///
/// The names are those of OpenTelemetry's
/// [metrics of an SDK](https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct QueueSnapshot {
    /// Number of spans that wait to be handed to the sink (`otel.sdk.processor.span.queue.size`).
    pub size: usize,
    /// Number of spans that can wait (`otel.sdk.processor.span.queue.capacity`).
    pub capacity: usize,
    /// Estimated memory of the waiting spans in bytes, see [`span_size`](crate::span_size).
    pub bytes: usize,
    /// Number of spans handed to the sink without an answer yet (`otel.sdk.exporter.span.inflight`): a
    /// flush is under way, or was cut off.
    pub in_flight: usize,
    /// Number of spans handed to the sink so far, each counted once however often it is offered
    /// (`otel.sdk.processor.span.processed`).
    pub processed: u64,
    /// Number of spans accepted by the destination (`otel.sdk.exporter.span.exported`).
    pub delivered: u64,
    /// Number of spans given up by the sink, because the destination refused them for good
    /// (`otel.sdk.exporter.span.exported` with the error type `rejected`).
    pub failed: u64,
    /// Number of spans dropped because the queue was full (`otel.sdk.processor.span.processed` with the
    /// error type `queue_full`).
    pub dropped_queue_full: u64,
    /// Number of spans dropped because they ended after the shutdown
    /// (`otel.sdk.processor.span.processed` with the error type `already_shutdown`).
    pub dropped_already_shutdown: u64,
    /// End time of the oldest waiting span.
    pub oldest: Option<SystemTime>,
    /// Whether a waiting span has failed and has no parent in this process: an invocation, or a record of a
    /// batch.
    pub has_failed_root: bool,
    /// Whether the waiting spans fill a batch.
    pub has_full_batch: bool,
    /// Whether the queue is at least half full, by spans or by bytes. The bytes include those of spans in
    /// flight.
    pub is_half_full: bool,
}

impl QueueSnapshot {
    /// Returns the number of spans that are neither delivered nor given up: those that wait and those in
    /// flight.
    pub fn pending(&self) -> usize {
        self.size + self.in_flight
    }

    /// Returns the number of dropped spans, whatever the reason.
    pub fn dropped(&self) -> u64 {
        self.dropped_queue_full + self.dropped_already_shutdown
    }

    /// Returns whether no span is pending.
    pub fn is_empty(&self) -> bool {
        self.pending() == 0
    }
}
