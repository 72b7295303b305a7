//! The handle to an invocation.

use std::{
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};
#[cfg(feature = "_records")]
use std::{
    sync::{Mutex, Weak, atomic::AtomicU64},
    time::Duration,
};

use lamplight_internal::diagnostics::hint_once;
#[cfg(feature = "_records")]
use lamplight_internal::sync::lock;
#[cfg(feature = "_records")]
use opentelemetry::trace::SpanContext;
use opentelemetry::{
    Context,
    trace::{SpanId, TraceContextExt},
};

use super::{ContextSpan, SpanHandle, handle::SpanOwner};
use crate::{
    clock,
    facts::InvocationFacts,
    flush::{FlushScheduler, Flushing},
    outcome,
    peek::Peeked,
    span::{AbandonReason, ActiveSpan, CANCELLED, OpenSpanTracker},
    start::SpanStart,
};

/// A handle to an invocation and its span.
///
/// [`Invocation::current`] returns it anywhere in the handler's code, including below child spans and across
/// `.await`. A spawned task has access to it if it runs with the handler's OpenTelemetry context
/// (`FutureExt::with_current_context`). Outside an invocation, every method does nothing.
///
/// Its methods for writing to the span are those of [`SpanHandle`].
///
/// ```
/// use lamplight_lambda::Invocation;
/// use lamplight_semconv::app;
///
/// Invocation::current().set_attribute(app::event::producer::application("shop"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    handle: SpanHandle,
    pub(super) inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// The invocation's span, which contains that of the event. It is not stored in a context here, because
    /// that context would contain this invocation.
    span: ActiveSpan,
    facts: InvocationFacts,
    start: Arc<SpanStart>,
    flush: Arc<FlushScheduler>,
    handler_called: AtomicBool,
    /// Set after spans were flushed before the response.
    flushed: AtomicBool,
    /// Open spans of records, which end with the invocation when its time is up. Each is owned by the
    /// handling of its record, whose context contains this invocation.
    #[cfg(feature = "_records")]
    records: Mutex<Vec<Weak<dyn SpanOwner>>>,
    /// The remaining time, in microseconds, for which records may be delayed until the queue has room.
    #[cfg(feature = "_records")]
    wait_for_room: AtomicU64,
    /// The tracker of other open spans, if one has registered.
    tracker: OnceLock<Arc<dyn OpenSpanTracker>>,
}

impl SpanOwner for Inner {
    fn span(&self) -> Option<&ActiveSpan> {
        Some(&self.span)
    }
}

impl Deref for Invocation {
    type Target = SpanHandle;

    fn deref(&self) -> &SpanHandle {
        &self.handle
    }
}

impl Invocation {
    pub(crate) fn new(
        span: ActiveSpan,
        facts: InvocationFacts,
        start: Arc<SpanStart>,
        flush: Arc<FlushScheduler>,
    ) -> Self {
        #[cfg(feature = "_records")]
        let budget = micros(flush.budget());
        Self::of(Arc::new(Inner {
            span,
            facts,
            start,
            flush,
            handler_called: AtomicBool::new(false),
            flushed: AtomicBool::new(false),
            #[cfg(feature = "_records")]
            records: Mutex::default(),
            #[cfg(feature = "_records")]
            wait_for_room: AtomicU64::new(budget),
            tracker: OnceLock::new(),
        }))
    }

    pub(super) fn of(inner: Arc<Inner>) -> Self {
        Self {
            handle: SpanHandle::new(inner.clone()),
            inner: Some(inner),
        }
    }

    /// Returns the invocation of the current OpenTelemetry context. If there is none, a debugging hint on how
    /// to propagate it is logged once.
    pub fn current() -> Self {
        let current = Self::of_context();
        if current.inner.is_none() {
            hint_once("no-invocation", || {
                "no invocation is current here, so what is recorded goes nowhere: give a spawned \
                 task `.with_current_context()` (`opentelemetry::context::FutureExt`), and move the \
                 handle into threads, `spawn_blocking` and `rayon`"
                    .to_owned()
            });
        }
        current
    }

    /// Returns the invocation like [`current`](Self::current), for callers that often run outside an
    /// invocation.
    pub(crate) fn of_context() -> Self {
        Context::map_current(|cx| cx.get::<Self>().cloned()).unwrap_or_default()
    }

    /// Delivers the spans that have ended, for at most the flush budget, or less if the invocation's deadline
    /// is near. Spans that are not delivered by then stay queued.
    ///
    /// For functions with the policy [`Manual`](crate::FlushPolicy::Manual), and for code that must not
    /// continue before the spans are delivered. The caller of the function waits too. The invocation's own
    /// span has not ended yet.
    pub async fn flush(&self) {
        if let Some(inner) = &self.inner {
            inner.flush.flush(inner.facts.deadline).await;
        }
    }

    /// Returns whether the policy flushes before the response.
    pub(crate) fn flushes_before_response(&self) -> bool {
        let inner = self.inner.as_ref();
        inner.is_some_and(|inner| inner.flush.is_before_response())
    }

    /// Ends the span and returns the flush before the response, if the policy requires one.
    pub(crate) fn flush_before_response(&self) -> Option<Flushing> {
        let inner = self.inner.as_ref()?;
        if !inner.flush.is_before_response() {
            return None;
        }
        self.end(clock::now());
        inner.flushed.store(true, Ordering::Relaxed);
        let invocation = self.clone();
        Some(Box::pin(async move { invocation.flush().await }))
    }

    /// Returns whether spans were flushed before the response.
    pub(crate) fn was_flushed(&self) -> bool {
        let inner = self.inner.as_ref();
        inner.is_some_and(|inner| inner.flushed.load(Ordering::Relaxed))
    }

    /// Returns the context in which the handler runs: `parent`, which has the caller's baggage, with this
    /// handle and the invocation's span or, if it exists, the event's span below it.
    pub(crate) fn context(&self, parent: &Context) -> Context {
        match &self.inner {
            Some(_) => {
                let span = ContextSpan::new(self.handle.clone());
                parent.with_span(span).with_value(self.clone())
            }
            None => parent.clone(),
        }
    }

    /// Returns the method to use in a span name, according to the same list of known methods by which the
    /// request's method was recorded.
    #[cfg(feature = "axum")]
    pub(crate) fn method_in_name<'a>(&self, method: &'a str) -> &'a str {
        let start = self.inner.as_ref().map(|inner| &inner.start);
        start.map_or("HTTP", |start| start.extractor.method_in_name(method))
    }

    /// Returns the deadline of the invocation.
    pub(crate) fn deadline(&self) -> Option<SystemTime> {
        self.inner.as_ref().map(|inner| inner.facts.deadline)
    }

    /// Returns whether the invocation is recorded.
    pub(crate) fn is_sampled(&self) -> bool {
        let is_sampled = |span: &ActiveSpan| span.span_context().is_sampled();
        let span = self.span();
        span.is_some_and(|span| is_sampled(span) || is_sampled(span.innermost()))
    }

    /// Ends the span; later calls have no effect.
    pub(crate) fn end(&self, now: SystemTime) {
        if let Some(inner) = &self.inner {
            inner.span.end(now);
            inner.forget_open_spans();
        }
    }

    /// Ends the span, unless it has ended, because the invocation's future was dropped. Spans inside it end
    /// when they are dropped.
    pub(crate) fn cancel(&self) {
        if let Some(inner) = &self.inner {
            inner.span.abandon(&CANCELLED, clock::now());
            inner.forget_open_spans();
        }
    }

    /// Ends everything that is still open, although it is still running.
    pub(crate) fn abandon(&self, reason: &AbandonReason) {
        let Some(inner) = &self.inner else { return };
        let now = clock::now();
        #[cfg(feature = "_records")]
        {
            let records = std::mem::take(&mut *lock(&inner.records));
            for record in records.iter().filter_map(Weak::upgrade) {
                if let Some(span) = record.span() {
                    span.abandon(reason, now);
                }
            }
        }
        if let Some(tracker) = inner.tracker.get() {
            tracker.abandon(inner.span.span_context().span_id(), reason);
        }
        inner.span.abandon(reason, now);
        inner.forget_open_spans();
    }

    /// Remembers the tracker of a span that has started inside the invocation. Returns the identity of the
    /// invocation's span.
    pub(crate) fn track(
        &self,
        tracker: impl FnOnce() -> Arc<dyn OpenSpanTracker>,
    ) -> Option<SpanId> {
        let inner = self.inner.as_ref()?;
        inner.tracker.get_or_init(tracker);
        Some(inner.span.span_context().span_id())
    }

    /// Adds a record whose span has started.
    #[cfg(feature = "_records")]
    pub(crate) fn open_record(&self, record: &SpanHandle) {
        if let Some(inner) = &self.inner {
            lock(&inner.records).extend(record.downgrade());
        }
    }

    /// Removes a record whose span is about to end.
    #[cfg(feature = "_records")]
    pub(crate) fn close_record(&self, record: &SpanHandle) {
        if let (Some(inner), Some(record)) = (&self.inner, record.downgrade()) {
            let is_other = |open: &Weak<_>| !std::ptr::addr_eq(open.as_ptr(), record.as_ptr());
            lock(&inner.records).retain(is_other);
        }
    }

    /// Waits until the queue has room for the span of a record, if that is possible in time.
    #[cfg(feature = "_records")]
    pub(crate) async fn make_room(&self) {
        if let Some(inner) = &self.inner
            && inner.flush.queue().is_half_full()
        {
            let wait = Duration::from_micros(inner.wait_for_room.load(Ordering::Relaxed));
            let left = inner.flush.make_room(inner.facts.deadline, wait).await;
            // Other records of the same batch may have waited meanwhile.
            inner
                .wait_for_room
                .fetch_min(micros(left), Ordering::Relaxed);
        }
    }

    /// Returns the identity of the span in which the handler runs.
    #[cfg(feature = "_records")]
    pub(crate) fn ambient(&self) -> Option<SpanContext> {
        Some(self.span()?.innermost().span_context().clone())
    }

    /// Returns the starter of record spans.
    #[cfg(feature = "_records")]
    pub(crate) fn start(&self) -> Option<&SpanStart> {
        self.inner.as_ref().map(|inner| &*inner.start)
    }

    /// Returns the response headers to record, in lower case; `None` if there are none.
    pub(crate) fn response_headers(&self) -> Option<&[String]> {
        let inner = self.inner.as_ref()?;
        let names = &inner.start.settings.response_headers;
        (inner.facts.is_http() && !names.is_empty()).then_some(names)
    }

    /// Returns whether the outcome depends on the response.
    pub(crate) fn reads_response(&self) -> bool {
        let inner = self.inner.as_ref();
        inner.is_some_and(|inner| inner.facts.reads_response())
    }

    /// Records the outcome found in a successful response.
    pub(crate) fn record_response(&self, peeked: Peeked) {
        if let Some(inner) = &self.inner {
            outcome::response(&inner.span, &inner.facts, &peeked);
            if let Some(names) = self.response_headers() {
                outcome::headers(&inner.span, names, peeked.headers);
            }
        }
    }

    /// Records that the handler was called.
    pub(crate) fn set_handler_called(&self) {
        if let Some(inner) = &self.inner {
            inner.handler_called.store(true, Ordering::Relaxed);
        }
    }

    /// Returns whether the handler was called.
    pub(crate) fn was_handler_called(&self) -> bool {
        let inner = self.inner.as_ref();
        inner.is_some_and(|inner| inner.handler_called.load(Ordering::Relaxed))
    }
}

impl Inner {
    fn forget_open_spans(&self) {
        if let Some(tracker) = self.tracker.get() {
            tracker.forget(self.span.span_context().span_id());
        }
    }
}

#[cfg(feature = "_records")]
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
