//! The invocation that is under way.

use crate::instrumentation::Shared;
use lamplight_propagation::inbound::Source;
use lamplight_semconv::faas::FaasTrigger;
use opentelemetry::trace::{SpanContext, SpanRef, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
struct Inner {
    shared: Arc<Shared>,
    /// The remote parent's baggage and the invocation's span.
    cx: Context,
    source: Source,
    trigger: FaasTrigger,
    batch_size: Option<usize>,
    /// Whether the handler was called.
    reached: AtomicBool,
}

impl Invocation {
    pub(crate) fn new(
        shared: Arc<Shared>,
        cx: Context,
        source: Source,
        trigger: FaasTrigger,
        batch_size: Option<usize>,
    ) -> Self {
        let reached = AtomicBool::new(false);
        Self {
            inner: Some(Arc::new(Inner {
                shared,
                cx,
                source,
                trigger,
                batch_size,
                reached,
            })),
        }
    }

    /// The invocation of the current OpenTelemetry context.
    pub fn current() -> Self {
        Context::map_current(|cx| cx.get::<Self>().cloned()).unwrap_or_default()
    }

    /// Sets an attribute of the invocation's span.
    pub fn set_attribute(&self, attribute: KeyValue) {
        self.span(|span| span.set_attribute(attribute));
    }

    /// Sets attributes of the invocation's span.
    pub fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span(|span| span.set_attributes(attributes));
    }

    /// Adds an event to the invocation's span. Backends bill events and do not index them: prefer
    /// attributes.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        self.span(|span| span.add_event(name, attributes));
    }

    /// Adds an exception event for an error that was handled. The outcome stays what the handler
    /// returns.
    pub fn record_error(&self, error: &dyn Error) {
        self.span(|span| crate::outcome::record_exception(span, error));
    }

    /// The identity of the invocation's span; `None` outside an invocation.
    pub fn span_context(&self) -> Option<SpanContext> {
        self.inner
            .as_ref()
            .map(|inner| inner.cx.span().span_context().clone())
    }

    /// The context to run the handler in: the span, the caller's baggage and this handle.
    pub(crate) fn context(&self) -> Context {
        match &self.inner {
            Some(inner) => inner.cx.with_value(self.clone()),
            None => Context::current(),
        }
    }

    pub(crate) fn span(&self, f: impl FnOnce(&SpanRef<'_>)) {
        if let Some(inner) = &self.inner {
            f(&inner.cx.span());
        }
    }

    #[cfg(feature = "sqs")]
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.inner.as_ref().map(|inner| &inner.shared)
    }

    pub(crate) fn source(&self) -> Source {
        self.inner
            .as_ref()
            .map_or(Source::Unknown, |inner| inner.source)
    }

    pub(crate) fn is_http(&self) -> bool {
        self.inner
            .as_ref()
            .is_some_and(|inner| inner.trigger == FaasTrigger::Http)
    }

    pub(crate) fn batch_size(&self) -> Option<usize> {
        self.inner.as_ref().and_then(|inner| inner.batch_size)
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
