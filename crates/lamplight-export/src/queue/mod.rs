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
/// It is a [`SpanProcessor`] without a thread and without a timer: in Lambda a thread is frozen
/// together with the function and a timer fires in the middle of the next invocation. Its lock is
/// held only to push or to take, and never while code of anybody else runs.
///
/// A clone is another handle to the same queue: give one to the tracer provider and keep one to
/// flush with.
///
/// When the queue is full, the newest span is dropped and counted, so that traces already queued
/// stay whole; a root without a parent in this process, which ends last, takes the place of the
/// newest span below one. See [`snapshot`](Self::snapshot).
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
    /// Held by whoever flushes. Separate from `state`, so that spans can end meanwhile.
    export: tokio::sync::Mutex<InFlightExport>,
    clock: Clock,
    /// How full the queue is, in eighths, for those who ask often.
    eighths: AtomicU8,
    /// Whether spans were dropped and no line in the log says so yet.
    has_unreported_drops: AtomicBool,
}

/// The time of day, or a test's idea of it.
type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

impl SpanQueue {
    /// Returns the state of the queue, and what became of its spans so far.
    pub fn snapshot(&self) -> QueueSnapshot {
        self.state().snapshot()
    }

    /// Returns whether the queue is at least half full, by spans or by bytes, so that it is time to deliver
    /// without waiting for the end of the invocation. Takes no lock.
    pub fn is_half_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= HALF
    }

    /// Returns whether the queue is at least seven eighths full, by spans or by bytes. Takes no lock.
    pub fn is_nearly_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= NEARLY_ALL
    }

    /// Returns whether the destination could not be reached several times in a row, and not since.
    pub fn is_destination_down(&self) -> bool {
        self.state().breaker.has_tripped()
    }

    /// Has the sink drop its connections ([`SpanSink::disconnect`](crate::SpanSink::disconnect)), once no
    /// flush is running, and forgets that the destination could not be reached: what comes is another
    /// environment.
    pub async fn disconnect(&self) {
        if is_delivering() {
            return;
        }
        self.inner.export.lock().await.disconnect();
        self.change(|state| state.breaker.record_success());
    }

    /// Logs, once in the life of the process, that spans were dropped because the queue was full, if that
    /// has happened.
    ///
    /// Every flush does, and the layers of a function do it after each invocation. A span that is
    /// dropped logs nothing by itself: it may end under the lock of its own, and a log line runs code
    /// of others, which may want that lock.
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
        // Nothing panics while it is held, and if something did, the counts are still the best
        // there is.
        lock(&self.inner.state)
    }

    /// Changes what waits, and notes what is asked for without the lock.
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

    /// Pauses for as long as the destination asks for.
    fn retry_after(&self, length: Duration) {
        let now = self.now();
        self.state().breaker.retry_after(now, length);
    }

    /// Takes the oldest spans, unless all from before the position `end` have gone.
    fn take(&self, end: u64) -> Batch {
        self.change(|state| state.take(end))
    }

    /// Records what became of a batch of `bytes`. Returns whether the next batch can follow at once.
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

    /// Succeeds when no span is pending. Delivering needs to await, which this signature cannot:
    /// use [`SpanQueue::flush`].
    fn force_flush(&self) -> OTelSdkResult {
        match self.snapshot().pending() {
            0 => Ok(()),
            pending => Err(OTelSdkError::InternalFailure(format!(
                "{pending} spans are queued; await SpanQueue::flush to deliver them"
            ))),
        }
    }

    /// Stops accepting spans. What is queued can still be delivered with [`SpanQueue::flush`].
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.state().is_shut_down = true;
        self.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The provider calls this while it is built, before any span can be in flight.
        if let Ok(mut export) = self.inner.export.try_lock() {
            export.set_resource(resource);
        }
    }
}
