//! Options of a queue.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8},
    },
    time::{Duration, SystemTime},
};

use lamplight_internal::{circuit_breaker::CircuitBreaker, environment::Environment};
#[cfg(feature = "metrics")]
use opentelemetry::metrics::Meter;

#[cfg(feature = "metrics")]
use super::metrics;
use super::{Clock, Inner, SpanQueue, limits::Limits, state::State};
use crate::{
    events::SpanEventPolicy,
    in_flight::InFlightExport,
    pause::{DEFAULT_MAX_PAUSE, LAMPLIGHT_MAX_PAUSE},
    sink::SpanSink,
};

impl SpanQueue {
    /// Creates a queue that delivers to `sink`, with the limits from the environment or the defaults.
    ///
    /// See [`builder`](Self::builder) for other limits.
    pub fn new(sink: impl SpanSink) -> Self {
        Self::builder(sink).build()
    }

    /// Returns a builder for a queue that delivers to `sink`.
    pub fn builder(sink: impl SpanSink) -> SpanQueueBuilder {
        let environment = Environment::of_process();
        let default = DEFAULT_MAX_PAUSE.as_millis();
        let longest = environment.millis(LAMPLIGHT_MAX_PAUSE, 0, default);
        SpanQueueBuilder {
            sink: Arc::new(sink),
            limits: Limits::of(&environment),
            max_pause: longest.unwrap_or(DEFAULT_MAX_PAUSE),
            span_events: SpanEventPolicy::default(),
            clock: Box::new(SystemTime::now),
            #[cfg(feature = "metrics")]
            meter: None,
        }
    }
}

/// A builder for a [`SpanQueue`]. The limits are fixed once the queue is built.
///
/// ```
/// use lamplight_export::{ExporterSink, SpanEventPolicy, SpanQueue};
/// use opentelemetry_sdk::trace::InMemorySpanExporter;
///
/// let queue = SpanQueue::builder(ExporterSink::new(InMemorySpanExporter::default()))
///     .with_max_spans(10_000)
///     .with_max_bytes(16 << 20)
///     .with_span_events(SpanEventPolicy::Exceptions)
///     .build();
///
/// assert_eq!(queue.snapshot().capacity, 10_000);
/// ```
#[must_use]
pub struct SpanQueueBuilder {
    sink: Arc<dyn SpanSink>,
    limits: Limits,
    max_pause: Duration,
    span_events: SpanEventPolicy,
    clock: Clock,
    #[cfg(feature = "metrics")]
    meter: Option<Meter>,
}

impl SpanQueueBuilder {
    /// Limits the number of waiting spans. Default: `OTEL_BSP_MAX_QUEUE_SIZE`, otherwise
    /// [`DEFAULT_MAX_SPANS`](crate::DEFAULT_MAX_SPANS).
    pub fn with_max_spans(mut self, spans: usize) -> Self {
        self.limits.spans = spans;
        self
    }

    /// Limits the memory of waiting spans and spans in flight, in bytes as estimated by
    /// [`span_size`](crate::span_size). Default: [`DEFAULT_MAX_BYTES`](crate::DEFAULT_MAX_BYTES).
    ///
    /// A batch takes at most an eighth of this limit, so that the sink's copies of it stay small, except that
    /// a single span may be larger.
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Limits the number of spans passed to the sink at once; at least 1. Default:
    /// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, otherwise [`DEFAULT_MAX_BATCH`](crate::DEFAULT_MAX_BATCH).
    pub fn with_max_batch(mut self, spans: usize) -> Self {
        self.limits.batch = spans.max(1);
        self
    }

    /// Sets which span events are kept. Default: [`SpanEventPolicy::All`].
    pub fn with_span_events(mut self, policy: SpanEventPolicy) -> Self {
        self.span_events = policy;
        self
    }

    /// Limits the pause between deliveries after the destination was unreachable several times in a row; zero
    /// disables pauses. Default: [`LAMPLIGHT_MAX_PAUSE`] from the environment, otherwise
    /// [`DEFAULT_MAX_PAUSE`].
    ///
    /// In Lambda, a flush is billed even if it fails. So after three failures in a row, a circuit breaker
    /// opens, and flushes do nothing for one second, then for two, and so on up to this limit. After each
    /// pause, one delivery is attempted, and the first that succeeds closes the breaker. A failure is a
    /// delivery with [`Delivery::unreachable`](crate::Delivery::unreachable), or a flush that was cut off
    /// while it waited for a delivery. If the destination requests a pause
    /// ([`Delivery::retry_after`](crate::Delivery::retry_after)), that pause begins immediately and has the
    /// requested length, up to the same limit.
    pub fn with_max_pause(mut self, longest: Duration) -> Self {
        self.max_pause = longest;
        self
    }

    /// Reports the queue's counts to `meter`, under the names that the semantic conventions define for the
    /// SDK's own metrics:
    ///
    /// | metric | attribute | |
    /// |---|---|---|
    /// | `otel.sdk.processor.span.processed` | | spans passed to the exporter, each counted once, whatever the result |
    /// | | `error.type=queue_full` | spans dropped because the queue was full |
    /// | | `error.type=already_shutdown` | spans that ended after the shutdown |
    /// | `otel.sdk.processor.span.queue.size` | | waiting spans |
    /// | `otel.sdk.processor.span.queue.capacity` | | maximum number of waiting spans |
    /// | `otel.sdk.exporter.span.exported` | | spans delivered |
    /// | | `error.type=rejected` | spans given up |
    /// | `otel.sdk.exporter.span.inflight` | | spans passed to the exporter, without a result yet |
    ///
    /// The counts are read from the queue when metrics are collected, so there is no additional cost per
    /// span, and none at all without a meter provider. The meter does not keep the queue alive.
    ///
    /// Specification: <https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/>.
    #[cfg(feature = "metrics")]
    #[cfg_attr(docsrs, doc(cfg(feature = "metrics")))]
    pub fn with_meter(mut self, meter: &Meter) -> Self {
        self.meter = Some(meter.clone());
        self
    }

    #[cfg(test)]
    pub(super) fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the queue.
    pub fn build(self) -> SpanQueue {
        #[cfg(feature = "metrics")]
        let component_type = self.sink.component_type();
        let breaker = CircuitBreaker::new(self.max_pause);
        let queue = SpanQueue {
            inner: Arc::new(Inner {
                state: Mutex::new(State::new(self.limits, self.span_events, breaker)),
                export: tokio::sync::Mutex::new(InFlightExport::new(self.sink)),
                clock: self.clock,
                eighths: AtomicU8::new(0),
                has_unreported_drops: AtomicBool::new(false),
            }),
        };
        #[cfg(feature = "metrics")]
        if let Some(meter) = &self.meter {
            metrics::observe(&queue, meter, component_type);
        }
        queue
    }
}

impl fmt::Debug for SpanQueueBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanQueueBuilder")
            .field("sink", &self.sink)
            .field("limits", &self.limits)
            .field("max_pause", &self.max_pause)
            .field("span_events", &self.span_events)
            .finish_non_exhaustive()
    }
}
