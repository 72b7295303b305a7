//! A snapshot of a queue.

use std::time::SystemTime;

/// The state of a [`SpanQueue`](crate::SpanQueue) at one moment, and the counts of its spans since it was
/// built. See [`SpanQueue::snapshot`](crate::SpanQueue::snapshot).
///
/// Every sampled span that ended is counted once: it is [pending](Self::pending),
/// [delivered](Self::delivered), [failed](Self::failed) or [dropped](Self::dropped).
///
/// The names are those of OpenTelemetry's [SDK
/// metrics](https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct QueueSnapshot {
    /// Number of spans waiting to be passed to the sink (`otel.sdk.processor.span.queue.size`).
    pub size: usize,
    /// Maximum number of waiting spans (`otel.sdk.processor.span.queue.capacity`).
    pub capacity: usize,
    /// Estimated memory of the waiting spans in bytes, see [`span_size`](crate::span_size).
    pub bytes: usize,
    /// Number of spans passed to the sink without a result yet (`otel.sdk.exporter.span.inflight`): a flush
    /// is running, or was cut off.
    pub in_flight: usize,
    /// Number of spans passed to the sink so far, each counted once however often it is offered
    /// (`otel.sdk.processor.span.processed`).
    pub processed: u64,
    /// Number of spans accepted by the destination (`otel.sdk.exporter.span.exported`).
    pub delivered: u64,
    /// Number of spans given up by the sink, because the destination rejected them permanently
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
    /// True if a waiting span has an error and no parent in this process: an invocation, or a record of a
    /// batch.
    pub has_failed_root: bool,
    /// True if the waiting spans fill a batch.
    pub has_full_batch: bool,
    /// True if the queue is at least half full, by spans or by bytes. The bytes include those of spans in
    /// flight.
    pub is_half_full: bool,
}

impl QueueSnapshot {
    /// Returns the number of spans that are neither delivered nor given up: the waiting ones and those in
    /// flight.
    pub fn pending(&self) -> usize {
        self.size + self.in_flight
    }

    /// Returns the number of dropped spans, for all reasons.
    pub fn dropped(&self) -> u64 {
        self.dropped_queue_full + self.dropped_already_shutdown
    }

    /// Returns whether no span is pending.
    pub fn is_empty(&self) -> bool {
        self.pending() == 0
    }
}
