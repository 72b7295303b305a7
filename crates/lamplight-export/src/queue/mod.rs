//! The bounded queue of ended spans, and the flush that empties it.

mod state;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use self::state::Batch;
use self::state::{HALF, Limits, NEARLY_ALL, State};
use crate::backlog::Backlog;
use crate::driver::{Driver, is_delivering};
use crate::events::SpanEventPolicy;
use crate::flush::{Flush, Log};
use crate::notice::telling;
use crate::pause::{Change, DEFAULT_MAX_PAUSE, LAMPLIGHT_MAX_PAUSE};
use crate::sink::{Delivery, SpanSink};
use lamplight_internal::diagnostics::warn_once;
use lamplight_internal::environment::{millis, variable};
use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Spans the queue holds unless [`SpanQueue::with_max_spans`] or the environment variable
/// `OTEL_BSP_MAX_QUEUE_SIZE` says otherwise.
pub const DEFAULT_MAX_SPANS: usize = 2_048;

/// Bytes the queue holds unless [`SpanQueue::with_max_bytes`] says otherwise: 8 MiB.
pub const DEFAULT_MAX_BYTES: usize = 8 << 20;

/// Spans handed to the sink at once unless [`SpanQueue::with_max_batch`] or the environment
/// variable `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` says otherwise.
pub const DEFAULT_MAX_BATCH: usize = 512;

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
/// newest span below one. See [`stats`](Self::stats).
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
/// assert_eq!(queue.stats().delivered, 1);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SpanQueue {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    state: Mutex<State>,
    /// Held by whoever flushes. Separate from `state`, so that spans can end meanwhile.
    pub(crate) driver: tokio::sync::Mutex<Driver>,
    clock: Clock,
    /// How full the queue is, in eighths, for those who ask often.
    eighths: AtomicU8,
    /// Whether spans were dropped and nobody has said so yet.
    untold: AtomicBool,
    /// What conventions call the type of the sink.
    #[cfg(feature = "metrics")]
    component_type: &'static str,
}

/// The time of day, or a test's idea of it.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// A snapshot of what happened to the spans of a [`SpanQueue`] since the process began.
///
/// Every span that ended and was sampled is in exactly one of the four.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Waiting, or handed to the sink without an answer yet.
    pub queued: usize,
    /// Accepted by the destination.
    pub delivered: u64,
    /// Not taken in: the queue was full, or shut down.
    pub dropped: u64,
    /// Given up by the sink: the destination refused them for good.
    pub failed: u64,
}

impl SpanQueue {
    /// A queue that delivers to `sink`, with the limits of the environment or the defaults.
    pub fn new(sink: impl SpanSink) -> Self {
        Self::with_clock(sink, Box::new(SystemTime::now))
    }

    pub(crate) fn with_clock(sink: impl SpanSink, clock: Clock) -> Self {
        let limits = Limits::of(variable);
        let mut state = State::new(limits);
        let longest = variable(LAMPLIGHT_MAX_PAUSE);
        let default = DEFAULT_MAX_PAUSE.as_millis();
        if let Some(longest) = millis(LAMPLIGHT_MAX_PAUSE, longest, 0, default) {
            state.pause.set_longest(longest);
        }
        Self {
            inner: Arc::new(Inner {
                state: Mutex::new(state),
                clock,
                eighths: AtomicU8::new(0),
                untold: AtomicBool::new(false),
                #[cfg(feature = "metrics")]
                component_type: sink.component_type(),
                driver: tokio::sync::Mutex::new(Driver::new(Arc::new(sink))),
            }),
        }
    }

    /// Limits the number of waiting spans. Default: [`DEFAULT_MAX_SPANS`].
    pub fn with_max_spans(self, spans: usize) -> Self {
        self.state().limits.spans = spans;
        self
    }

    /// Limits the memory of spans that wait or are being delivered, in bytes, as
    /// [`span_size`](crate::span_size) estimates it. Spans of an eighth of that are handed to the sink
    /// at once, or a single one, so that its copies of them stay small. Default:
    /// [`DEFAULT_MAX_BYTES`].
    pub fn with_max_bytes(self, bytes: usize) -> Self {
        self.state().limits.bytes = bytes;
        self
    }

    /// Limits the number of spans handed to the sink at once; at least 1. Default:
    /// [`DEFAULT_MAX_BATCH`].
    pub fn with_max_batch(self, spans: usize) -> Self {
        self.state().limits.batch = spans.max(1);
        self
    }

    /// Sets which span events are kept. Default: [`SpanEventPolicy::All`].
    pub fn with_span_events(self, policy: SpanEventPolicy) -> Self {
        self.state().events = policy;
        self
    }

    /// Limits how long deliveries pause when the destination could not be reached several times in
    /// a row; zero for not at all. Default: [`DEFAULT_MAX_PAUSE`](crate::DEFAULT_MAX_PAUSE), or
    /// [`LAMPLIGHT_MAX_PAUSE`] from the environment.
    ///
    /// Nobody waits for a flush, but in Lambda it is billed. So after three failures in a row a
    /// flush does nothing for a second, then for two, and so on up to this; after each pause one
    /// delivery is tried, and the first that succeeds ends the matter. A failure is a delivery with
    /// [`Delivery::unreachable`], or a flush that was cut off while it waited for one. Where the
    /// destination says how long it wants to be left alone ([`Delivery::retry_after`]), the pause begins
    /// at once and is that long, within the same limit.
    pub fn with_max_pause(self, longest: Duration) -> Self {
        self.state().pause.set_longest(longest);
        self
    }

    /// Delivers what is queued when it is called, unless the sink hands spans back. Does nothing
    /// during a [pause](Self::with_max_pause), unless the queue has been shut down; nor inside a sink.
    ///
    /// Dropping the future is safe at any point and loses nothing: a delivery under way is kept
    /// and goes on in the next flush. Bound it with a timeout:
    /// `tokio::time::timeout(budget, queue.flush())`. A flush that finds another one running waits
    /// for it, and then delivers only what that one left: of many that come at once the first two
    /// deliver everything.
    pub async fn flush(&self) {
        self.flush_all(false).await;
    }

    /// As [`flush`](Self::flush), but during a pause too: for when there may be no later, such as
    /// before the environment ends.
    pub async fn flush_ignoring_backoff(&self) {
        self.flush_all(true).await;
    }

    async fn flush_all(&self, last: bool) {
        if is_delivering() {
            return;
        }
        let log = Log::begin(self);
        let end = self.state().end;
        let driver = match !last && self.is_paused() {
            // There is nothing to wait for: whoever has it is trying for all.
            true => self.inner.driver.try_lock().ok(),
            false => Some(self.inner.driver.lock().await),
        };
        if let Some(driver) = driver {
            Flush::begin(self, driver, end, last, log)
                .run(usize::MAX)
                .await;
        }
    }

    /// Delivers one batch at most: what a cut-off flush left under way, or else the oldest spans. Where
    /// a flush is running, it leaves everything to that.
    ///
    /// The future can be dropped at any point, as that of [`flush`](Self::flush).
    pub async fn flush_batch(&self) {
        if is_delivering() {
            return;
        }
        let log = Log::begin(self);
        if let Ok(driver) = self.inner.driver.try_lock() {
            Flush::begin(self, driver, u64::MAX, false, log)
                .run(1)
                .await;
        }
    }

    /// Returns whether half of what the queue can hold is there, by number or by bytes, so that it is
    /// time to deliver without waiting for the end of the invocation. Costs no lock.
    pub fn is_half_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= HALF
    }

    /// Returns whether there is room for an eighth more, at most, of what the queue can hold. Costs no
    /// lock.
    pub fn is_nearly_full(&self) -> bool {
        self.inner.eighths.load(Ordering::Relaxed) >= NEARLY_ALL
    }

    /// Says in the log, once in the life of the process, that spans were dropped for want of room, if
    /// that has happened.
    ///
    /// Every flush does, and the layers of a function do it after each invocation. A span that is
    /// dropped says nothing by itself: it may end under the lock of its own, and a log line runs code
    /// of others, which may want that lock.
    pub fn tell(&self) {
        if self.inner.untold.load(Ordering::Relaxed) {
            telling(|| self.tell_drops());
        }
    }

    pub(crate) fn tell_drops(&self) {
        if !self.inner.untold.swap(false, Ordering::Relaxed) {
            return;
        }
        let Limits { spans, bytes, .. } = self.state().limits;
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

    /// What waits, for those who decide when to flush.
    pub fn backlog(&self) -> Backlog {
        self.state().backlog()
    }

    /// Has the sink drop its connections ([`SpanSink::disconnect`]), once no flush is running, and
    /// forgets that the destination could not be reached: what comes is another environment.
    pub async fn disconnect(&self) {
        if is_delivering() {
            return;
        }
        self.inner.driver.lock().await.disconnect();
        self.change(|state| state.pause.succeeded());
    }

    /// What happened to the spans so far.
    pub fn stats(&self) -> Stats {
        self.state().stats()
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn counts(&self) -> crate::metrics::Counts {
        self.state().counts()
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn component_type(&self) -> &'static str {
        self.inner.component_type
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held, and if something did, the counts are still the best
        // there is.
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what waits, and notes what is asked for without the lock.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let changed = change(&mut state);
        self.inner.eighths.store(state.eighths(), Ordering::Relaxed);
        if std::mem::take(&mut state.untold) {
            self.inner.untold.store(true, Ordering::Relaxed);
        }
        changed
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.inner.clock)()
    }

    pub(crate) fn max_pause(&self) -> Duration {
        self.state().pause.longest()
    }

    pub(crate) fn is_paused(&self) -> bool {
        let now = self.now();
        let state = self.state();
        !state.closed && state.pause.is_on(now)
    }

    /// Returns whether the destination could not be reached several times in a row, and not since.
    pub fn is_outage(&self) -> bool {
        self.state().pause.is_outage()
    }

    pub(crate) fn reached(&self) -> Change {
        self.state().pause.succeeded()
    }

    pub(crate) fn not_reached(&self) -> Change {
        let now = self.now();
        self.state().pause.failed(now)
    }

    /// The destination asks to be left alone for so long.
    pub(crate) fn leave_alone(&self, length: Duration) {
        let now = self.now();
        self.state().pause.asked(now, length);
    }

    /// The oldest spans, unless all from before the place `until` have gone.
    pub(crate) fn take(&self, until: u64) -> Batch {
        self.change(|state| state.take(until))
    }

    /// Books what became of a batch that weighed `bytes`; true if there is reason to go on at once.
    pub(crate) fn account(&self, delivery: Delivery, bytes: usize) -> bool {
        self.change(|state| state.account(delivery, bytes))
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("eighths", &self.eighths)
            .field("driver", &self.driver)
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

    /// Succeeds when nothing is queued. Delivering needs to await, which this signature cannot:
    /// use [`SpanQueue::flush`].
    fn force_flush(&self) -> OTelSdkResult {
        match self.stats().queued {
            0 => Ok(()),
            queued => Err(OTelSdkError::InternalFailure(format!(
                "{queued} spans are queued; await SpanQueue::flush to deliver them"
            ))),
        }
    }

    /// Stops accepting spans. What is queued can still be delivered with [`SpanQueue::flush`].
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        self.state().closed = true;
        self.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        // The provider calls this while it is built, before any span can be in flight.
        if let Ok(mut driver) = self.inner.driver.try_lock() {
            driver.set_resource(resource);
        }
    }
}
