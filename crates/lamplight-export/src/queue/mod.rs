//! The bounded queue of ended spans, and the flush that empties it.

mod builder;
mod flush;
mod limits;
#[cfg(feature = "metrics")]
mod metrics;
mod snapshot;
mod state;
#[cfg(test)]
pub(crate) mod tests;

pub use self::builder::SpanQueueBuilder;
pub use self::limits::{DEFAULT_MAX_BATCH, DEFAULT_MAX_BYTES, DEFAULT_MAX_SPANS};
pub use self::snapshot::QueueSnapshot;
pub(crate) use self::state::Batch;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::{Duration, SystemTime},
};

use lamplight_internal::{circuit_breaker::Transition, diagnostics::warn_once, sync::lock};
use opentelemetry::Context;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanProcessor},
};

use self::{
    limits::Limits,
    state::{HALF, NEARLY_ALL, State},
};
use crate::{
    in_flight::{InFlightExport, is_delivering},
    notice::logging,
    sink::Delivery,
};

/// A bounded queue of ended spans, emptied by an awaited [`flush`](Self::flush).
///
/// It is a [`SpanProcessor`] without a thread and without a timer: in Lambda, a thread is frozen together
/// with the function, and a timer fires in the middle of the next invocation. The queue's lock is held only
/// to push or take spans, and never while other code runs.
///
/// A clone is another handle to the same queue: pass one to the tracer provider and keep one for flushing.
///
/// When the queue is full, the newest span is dropped and counted, so that traces already queued remain
/// complete. The exception is a span without a parent in this process, which ends last: it replaces the
/// newest span that has a parent here. See [`snapshot`](Self::snapshot).
///
/// ```
/// use lamplight_export::{ExporterSink, SpanQueue};
/// use opentelemetry::trace::{Tracer, TracerProvider};
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let exporter = InMemorySpanExporter::default();
/// let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
/// let provider = SdkTracerProvider::builder().with_span_processor(queue.clone()).build();
///
/// provider.tracer("example").in_span("work", |_| ());
/// queue.flush().await;
///
/// assert_eq!(exporter.get_finished_spans().unwrap().len(), 1);
/// assert_eq!(queue.snapshot().delivered, 1);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SpanQueue {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    /// Locked by the running flush. Separate from `state`, so that spans can end meanwhile.
    export: tokio::sync::Mutex<InFlightExport>,
    clock: Clock,
    /// The fill level of the queue in eighths, readable without a lock.
    eighths: AtomicU8,
    /// True if spans were dropped and this has not been logged yet.
    has_unreported_drops: AtomicBool,
}

/// The time of day, which tests can control.
type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

impl SpanQueue {
    /// Returns the state of the queue, and the counts of its spans so far.
    pub fn snapshot(&self) -> QueueSnapshot {
        self.state().snapshot()
    }

    /// Returns whether the queue is at least half full, by spans or by bytes, so that spans should be
    /// delivered without waiting for the end of the invocation. Takes no lock.
    pub fn is_half_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= HALF
    }

    /// Returns whether the queue is at least seven eighths full, by spans or by bytes. Takes no lock.
    pub fn is_nearly_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= NEARLY_ALL
    }

    /// Returns whether the destination was unreachable several times in a row, and has not been reached
    /// since.
    pub fn is_destination_down(&self) -> bool {
        self.state().breaker.has_tripped()
    }

    /// Makes the sink drop its connections ([`SpanSink::disconnect`](crate::SpanSink::disconnect)), once no
    /// flush is running, and resets the failures of the destination, because the next environment may reach
    /// it.
    pub async fn disconnect(&self) {
        if is_delivering() {
            return;
        }
        self.inner.export.lock().await.disconnect();
        self.change(|state| state.breaker.record_success());
    }

    /// Logs that spans were dropped because the queue was full, if so; once per process.
    ///
    /// Every flush calls this, and so do the layers of a function after each invocation. Dropping a span does
    /// not log by itself: the span may end under its own lock, and a log line runs other code, which may need
    /// that lock.
    pub fn log_drops(&self) {
        if self.inner.has_unreported_drops.load(Ordering::Relaxed) {
            logging(|| self.log_drops_now());
        }
    }

    fn log_drops_now(&self) {
        let is_due = &self.inner.has_unreported_drops;
        if !is_due.swap(false, Ordering::Relaxed) {
            return;
        }
        let Limits { spans, bytes, .. } = self.state().limits();
        warn_once("queue-full", || {
            format!(
                "spans were dropped and counted, because {spans} spans or {bytes} bytes of them were \
                 waiting already: they come faster than they are delivered, or the exporter does not \
                 reach its destination, or nothing flushes, as where the handler is not run by \
                 `Telemetry::run`; a flush in between (`lamplight::current().flush()`) or a larger \
                 OTEL_BSP_MAX_QUEUE_SIZE helps against the first"
            )
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held, and even if something did, these counts would be the best
        // available.
        lock(&self.inner.state)
    }

    /// Changes the state, and updates the values that are read without the lock.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let changed = change(&mut state);
        self.inner.eighths.store(state.eighths(), Ordering::Relaxed);
        if std::mem::take(&mut state.has_unreported_drops) {
            let drops = &self.inner.has_unreported_drops;
            drops.store(true, Ordering::Relaxed);
        }
        changed
    }

    fn now(&self) -> SystemTime {
        (self.inner.clock)()
    }

    fn max_pause(&self) -> Duration {
        self.state().breaker.max_pause()
    }

    fn is_paused(&self) -> bool {
        let now = self.now();
        let state = self.state();
        !state.is_shut_down && state.breaker.is_open(now)
    }

    fn record_success(&self) -> Transition {
        self.state().breaker.record_success()
    }

    fn record_failure(&self) -> Transition {
        let now = self.now();
        self.state().breaker.record_failure(now)
    }

    /// Pauses for as long as the destination requests.
    fn retry_after(&self, length: Duration) {
        let now = self.now();
        self.state().breaker.retry_after(now, length);
    }

    /// Takes the oldest spans, or none if all spans before the position `end` have been taken.
    fn take(&self, end: u64) -> Batch {
        self.change(|state| state.take(end))
    }

    /// Records the outcome of a batch of `bytes`. Returns whether the next batch can follow immediately.
    fn record(&self, delivery: Delivery, bytes: usize) -> bool {
        self.change(|state| state.record(delivery, bytes))
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("eighths", &self.eighths)
            .field("export", &self.export)
            .finish_non_exhaustive()
    }
}

impl SpanProcessor for SpanQueue {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.change(|state| state.push(span));
        }
    }

    /// Succeeds if no span is pending. Delivery has to be awaited, which this signature does not allow: use
    /// [`SpanQueue::flush`].
    fn force_flush(&self) -> OTelSdkResult {
        match self.snapshot().pending() {
            0 => Ok(()),
            pending => Err(OTelSdkError::InternalFailure(format!(
                "{pending} spans are queued; await SpanQueue::flush to deliver them"
            ))),
        }
    }

    /// Stops accepting spans. Queued spans can still be delivered with [`SpanQueue::flush`].
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.state().is_shut_down = true;
        self.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The provider calls this while it is built, before any span is in flight.
        if let Ok(mut export) = self.inner.export.try_lock() {
            export.set_resource(resource);
        }
    }
}
