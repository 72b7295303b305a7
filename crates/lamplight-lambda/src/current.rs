//! The invocation that is under way.

use crate::alarm::Ring;
use crate::flush::{self, FlushPolicy, Flushing};
use crate::instrumentation::Shared;
use crate::invocation;
use crate::open_spans::GiveUp;
use crate::outcome::{self, Unfinished};
use crate::totals::Amount;
#[cfg(feature = "tracing")]
use crate::wide::is_current;
use crate::wide::{Shown, Wide};
use lamplight_internal::diagnostics::hint_once;
use lamplight_propagation::inbound::{BatchItems, Source};
use lamplight_semconv::faas::FaasTrigger;
use opentelemetry::trace::{SpanContext, SpanId, Status, TraceContextExt};
use opentelemetry::{Context, Key, KeyValue};
use std::borrow::Cow;
use std::error::Error;
#[cfg(feature = "_records")]
use std::sync::atomic::AtomicU64;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
#[cfg(feature = "_records")]
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(feature = "_records")]
use std::time::Duration;
use std::time::SystemTime;

/// A handle to an invocation and its span.
///
/// [`Invocation::current`] finds it anywhere in the handler's code, also below child spans and
/// across `.await`; a spawned task has it when it runs with the handler's OpenTelemetry context
/// (`FutureExt::with_current_context`). Outside an invocation every method does nothing.
///
/// ```
/// use lamplight_lambda::Invocation;
/// use lamplight_semconv::app;
///
/// Invocation::current().set_attribute(app::event::producer::application("shop"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    shared: Arc<Shared>,
    /// The invocation's span, and in it that of the event. It is not in a context here, which would
    /// have this in it.
    wide: Wide,
    source: Source,
    trigger: FaasTrigger,
    items: BatchItems,
    deadline: SystemTime,
    /// Whether the handler was called.
    reached: AtomicBool,
    /// Whether spans were flushed before the response.
    flushed: AtomicBool,
    /// Record spans under way, which end with the invocation when its time is up. Each belongs to
    /// whoever handles the record, and its context has this invocation in it.
    #[cfg(feature = "_records")]
    records: Mutex<Vec<Weak<Wide>>>,
    /// For how long records may still be held up until the queue has room, in microseconds.
    #[cfg(feature = "_records")]
    patience: AtomicU64,
    /// Who knows the other spans that are open, once there was one.
    watching: OnceLock<Arc<dyn GiveUp>>,
}

impl Invocation {
    pub(crate) fn new(
        shared: Arc<Shared>,
        wide: Wide,
        source: Source,
        trigger: FaasTrigger,
        items: BatchItems,
        deadline: SystemTime,
    ) -> Self {
        #[cfg(feature = "_records")]
        let budget = micros(shared.flush_budget());
        let inner = Arc::new(Inner {
            shared,
            wide,
            source,
            trigger,
            items,
            deadline,
            reached: AtomicBool::new(false),
            flushed: AtomicBool::new(false),
            #[cfg(feature = "_records")]
            records: Mutex::default(),
            #[cfg(feature = "_records")]
            patience: AtomicU64::new(budget),
            watching: OnceLock::new(),
        });
        inner.shared.registry.add(&inner);
        Self { inner: Some(inner) }
    }

    pub(crate) fn of(inner: Arc<Inner>) -> Self {
        Self { inner: Some(inner) }
    }

    /// The invocation of the current OpenTelemetry context. Where there is none, the log says once, at
    /// the level of debugging, how it gets there.
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

    /// As [`current`](Self::current), where it may well be that there is none.
    pub(crate) fn of_context() -> Self {
        Context::map_current(|cx| cx.get::<Self>().cloned()).unwrap_or_default()
    }

    /// Sets an attribute of the invocation's span.
    pub fn set_attribute(&self, attribute: KeyValue) {
        self.span(|span| span.set_attribute(attribute));
    }

    /// Sets attributes of the invocation's span. The iterator runs before the span is touched, so it
    /// may log, and use this handle.
    pub fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span(|span| span.set_attributes(attributes));
    }

    /// Adds to a counter of this invocation: rows read, items skipped, bytes sent. The sum becomes an
    /// attribute of the invocation's span when the span ends.
    ///
    /// Floating-point amounts make a floating-point sum; an integer sum stops at `i64::MAX`. An
    /// invocation keeps up to 128 counters; amounts for further ones are left out.
    pub fn add(&self, key: impl Into<Key>, amount: impl Into<Amount>) {
        if let Some(inner) = &self.inner {
            inner.wide.add(key.into(), amount.into());
        }
    }

    /// Sets the status of the invocation's span, for an outcome that the answer does not show. As
    /// everywhere in OpenTelemetry, `Ok` is final and wins over an error.
    pub fn set_status(&self, status: Status) {
        self.span(|span| span.set_outcome(None, status));
    }

    /// Adds an event to the invocation's span. Backends bill events and do not index them: prefer
    /// attributes.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        self.span(|span| span.add_event(name, attributes));
    }

    /// Records an exception for an error that was handled, with its type, its message and its
    /// causes. The outcome stays what the handler returns. The conventions advise against recording what
    /// was handled: this is for the few errors that are worth it all the same.
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        self.span(|span| outcome::record_exception(span, error));
    }

    /// The identity of the invocation's span; `None` outside an invocation.
    pub fn span_context(&self) -> Option<SpanContext> {
        let inner = self.inner.as_ref()?;
        Some(inner.wide.span_context().clone())
    }

    /// Delivers the spans that have ended, and returns when they are delivered or the time for it is
    /// up: the flush budget, or less where the invocation's deadline is near. What is not delivered by
    /// then stays queued.
    ///
    /// For functions with the policy [`Manual`](crate::FlushPolicy::Manual), and for those who must
    /// know before they go on that spans so far are delivered. The caller of the function waits too.
    /// The invocation's own span has not ended yet.
    pub async fn flush(&self) {
        if let Some(inner) = &self.inner {
            let shared = &inner.shared;
            let limit = shared.flush_limit(inner.deadline, SystemTime::now());
            flush::flush(&shared.queue, limit).await;
        }
    }

    /// Whether the policy is to flush before the response.
    pub(crate) fn flushes_before_response(&self) -> bool {
        let shared = self.inner.as_ref().map(|inner| &inner.shared);
        shared.is_some_and(|shared| shared.flush_policy == FlushPolicy::BeforeResponse)
    }

    /// Ends the span and gives the flush before the response, if the policy is to have one.
    pub(crate) fn flush_before_response(&self) -> Option<Flushing> {
        let inner = self.inner.as_ref()?;
        if !self.flushes_before_response() {
            return None;
        }
        self.end(SystemTime::now());
        inner.flushed.store(true, Ordering::Relaxed);
        let invocation = self.clone();
        Some(Box::pin(async move { invocation.flush().await }))
    }

    /// Whether spans were flushed before the response.
    pub(crate) fn was_flushed(&self) -> bool {
        let flushed = |inner: &Arc<Inner>| inner.flushed.load(Ordering::Relaxed);
        self.inner.as_ref().is_some_and(flushed)
    }

    /// The context to run the handler in: `parent`, which has the caller's baggage, with this handle and
    /// the span, or that of the event below it.
    pub(crate) fn context(&self, parent: &Context) -> Context {
        match &self.inner {
            Some(inner) => {
                let shown = Shown(OfInvocation(inner.clone()));
                parent.with_span(shown).with_value(self.clone())
            }
            None => parent.clone(),
        }
    }

    /// The span that the handler runs in, if `cx` has it as its current one.
    #[cfg(feature = "tracing")]
    pub(crate) fn shown_in(cx: &Context) -> Option<&Wide> {
        let wide = cx.get::<Self>()?.inner.as_ref()?.wide.innermost();
        is_current(wide, cx).then_some(wide)
    }

    pub(crate) fn span(&self, f: impl FnOnce(&Wide)) {
        if let Some(inner) = &self.inner {
            f(&inner.wide);
        }
    }

    /// Returns what stands for a method in the name of the span: the list that counts is the one by
    /// which the span's own method was recorded.
    #[cfg(feature = "axum")]
    pub(crate) fn method_in_name<'a>(&self, method: &'a str) -> &'a str {
        let shared = self.inner.as_ref().map(|inner| &inner.shared);
        shared.map_or("HTTP", |shared| shared.extractor.method_in_name(method))
    }

    /// Ends the span, once; what comes later changes nothing.
    pub(crate) fn end(&self, now: SystemTime) {
        if let Some(inner) = &self.inner {
            inner.shared.registry.remove(inner);
            inner.wide.end(now);
            if let Some(watching) = inner.watching.get() {
                watching.forget(inner.wide.span_context().span_id());
            }
        }
    }

    /// What rings when nobody polls the invocation; `None` where no trace is to be had of it.
    pub(crate) fn bell(&self) -> Option<Weak<dyn Ring>> {
        let inner = self.inner.as_ref()?;
        let is_sampled = |wide: &Wide| wide.span_context().is_sampled();
        let is_any = is_sampled(&inner.wide) || is_sampled(inner.wide.innermost());
        is_any.then(|| Arc::downgrade(inner) as Weak<dyn Ring>)
    }

    /// Whether the invocation's time is up, and its deadline not over.
    pub(crate) fn is_overdue(&self, now: SystemTime) -> bool {
        self.inner.as_ref().is_some_and(|inner| {
            let patience = inner.shared.patience(inner.deadline, now);
            patience.is_some_and(|left| left.is_zero())
        })
    }

    /// Ends everything that is still open, since the invocation's time is up.
    pub(crate) fn time_out(&self) {
        self.abandon(&outcome::TIMED_OUT);
    }

    /// Ends everything that is still open, since the environment is shut down.
    pub(crate) fn shutdown(&self) {
        self.abandon(&outcome::SHUT_DOWN);
    }

    /// Ends the span, unless it has ended, since nobody waits for the invocation any longer. What is
    /// inside ends when it is dropped.
    pub(crate) fn cancel(&self) {
        if let Some(inner) = &self.inner {
            outcome::unfinished(&inner.wide, &outcome::CANCELLED);
            self.end(SystemTime::now());
        }
    }

    fn abandon(&self, reason: &Unfinished) {
        let Some(inner) = &self.inner else { return };
        let now = SystemTime::now();
        #[cfg(feature = "_records")]
        {
            let records = std::mem::take(&mut *lock(&inner.records));
            for record in records.iter().filter_map(Weak::upgrade) {
                record.abandon(reason, now);
            }
        }
        if let Some(watching) = inner.watching.get() {
            watching.give_up(inner.wide.span_context().span_id(), reason);
        }
        outcome::unfinished(&inner.wide, reason);
        self.end(now);
    }

    /// A span inside the invocation has started, and `watching` knows when it ends. Gives the
    /// identity of the invocation's span.
    pub(crate) fn watch(&self, watching: impl FnOnce() -> Arc<dyn GiveUp>) -> Option<SpanId> {
        let inner = self.inner.as_ref()?;
        inner.watching.get_or_init(watching);
        Some(inner.wide.span_context().span_id())
    }

    /// A record's span has started.
    #[cfg(feature = "_records")]
    pub(crate) fn open_record(&self, record: &Arc<Wide>) {
        if let Some(inner) = &self.inner {
            lock(&inner.records).push(Arc::downgrade(record));
        }
    }

    /// A record's span is about to end.
    #[cfg(feature = "_records")]
    pub(crate) fn close_record(&self, record: &Arc<Wide>) {
        if let Some(inner) = &self.inner {
            lock(&inner.records).retain(|open| !std::ptr::eq(open.as_ptr(), Arc::as_ptr(record)));
        }
    }

    /// Waits until the queue has room for the span of a record, where that is to be had in time.
    #[cfg(feature = "_records")]
    pub(crate) async fn make_room(&self) {
        if let Some(inner) = &self.inner
            && inner.shared.queue.is_half_full()
        {
            let patience = Duration::from_micros(inner.patience.load(Ordering::Relaxed));
            let left = inner.shared.make_room(inner.deadline, patience).await;
            // Others of the same batch may have waited meanwhile.
            inner.patience.fetch_min(micros(left), Ordering::Relaxed);
        }
    }

    /// The identity of the span that the handler runs in.
    #[cfg(feature = "_records")]
    pub(crate) fn ambient(&self) -> Option<SpanContext> {
        let inner = self.inner.as_ref()?;
        Some(inner.wide.innermost().span_context().clone())
    }

    #[cfg(feature = "_records")]
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.inner.as_ref().map(|inner| &inner.shared)
    }

    pub(crate) fn source(&self) -> Source {
        self.inner
            .as_ref()
            .map_or(Source::Unknown, |inner| inner.source)
    }

    pub(crate) fn is_http(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| {
            // A route of a WebSocket is no request, and is answered like one.
            inner.trigger == FaasTrigger::Http || inner.source == Source::WebSocket
        })
    }

    /// Headers of the response to record, in lower case; `None` where there are none.
    pub(crate) fn response_headers(&self) -> Option<&[String]> {
        let names = &self.inner.as_ref()?.shared.response_headers;
        (self.is_http() && !names.is_empty()).then_some(names)
    }

    /// Whether a response says something of the outcome.
    pub(crate) fn reads_response(&self) -> bool {
        self.is_http() || self.items().is_some()
    }

    /// The records of a batch, if a response may say which of them failed.
    pub(crate) fn items(&self) -> Option<&BatchItems> {
        let items = &self.inner.as_ref()?.items;
        (!items.is_empty()).then_some(items)
    }

    pub(crate) fn set_reached(&self) {
        if let Some(inner) = &self.inner {
            inner.reached.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the handler should have been called and was not.
    pub(crate) fn missed_handler(&self) -> bool {
        self.inner.as_ref().is_some_and(|inner| {
            inner.shared.sees_handler() && !inner.reached.load(Ordering::Relaxed)
        })
    }
}

/// The invocation's span as a context has it, or that of the event.
#[derive(Debug)]
struct OfInvocation(Arc<Inner>);

impl AsRef<Wide> for OfInvocation {
    fn as_ref(&self) -> &Wide {
        self.0.wide.innermost()
    }
}

impl Ring for Inner {
    fn ring(self: Arc<Self>) {
        let (shared, deadline) = (self.shared.clone(), self.deadline);
        let invocation = Invocation { inner: Some(self) };
        invocation::overdue(&invocation, &shared, deadline);
    }
}

#[cfg(feature = "_records")]
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(feature = "_records")]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
