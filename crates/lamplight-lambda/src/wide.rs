//! A span that code anywhere below it adds to.

use crate::exceptions::{self, SpanExceptions};
#[cfg(feature = "_records")]
use crate::outcome::{self, Unfinished};
use crate::panics;
use crate::totals::{Amount, Totals};
use lamplight_semconv as semconv;
use lamplight_semconv::error::ErrorType;
#[cfg(feature = "tracing")]
use opentelemetry::Context;
#[cfg(feature = "tracing")]
use opentelemetry::trace::TraceContextExt;
use opentelemetry::trace::{Span as _, SpanContext, Status};
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::trace::Span;
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The span of an invocation or of a record, and counters that become its attributes when it ends.
///
/// OpenTelemetry keeps the span of a context behind a lock, and runs code of others under it:
/// iterators, conversions, span processors. Whoever wants the span meanwhile, on the same thread, waits
/// for itself, and a panic there makes the span deaf to what comes later, its end included. So the
/// span is kept here, where nothing of others runs while it is locked, and contexts get a [`Shown`].
#[derive(Debug)]
pub(crate) struct Wide {
    span_context: SpanContext,
    /// `None` when it has ended.
    span: Mutex<Option<Span>>,
    totals: Totals,
    exceptions: Option<SpanExceptions>,
    /// The span of the event, below that of its invocation. It has the same outcome and ends with it.
    event: Option<Box<Wide>>,
}

impl Wide {
    pub(crate) fn new(span: Span, exceptions: Option<SpanExceptions>) -> Self {
        Self {
            span_context: span.span_context().clone(),
            span: Mutex::new(Some(span)),
            totals: Totals::default(),
            exceptions,
            event: None,
        }
    }

    /// Returns the span of an invocation with that of its event, if it has one. Exceptions stay its own:
    /// on both spans each would be counted twice.
    pub(crate) fn with_event(mut self, event: Option<Span>) -> Self {
        self.event = event.map(|span| Box::new(Self::new(span, None)));
        self
    }

    /// Returns the span that the function's code runs in, and that has what is to be said of the
    /// messages: the event's, or else this one.
    pub(crate) fn innermost(&self) -> &Self {
        self.event.as_deref().unwrap_or(self)
    }

    pub(crate) fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.write(|span| span.is_recording()).unwrap_or(false)
    }

    pub(crate) fn set_attribute(&self, attribute: KeyValue) {
        self.write(|span| span.set_attribute(attribute));
    }

    /// Sets attributes that somebody else's code makes, which may log, and which may panic.
    pub(crate) fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        let attributes: Vec<_> = attributes.into_iter().collect();
        self.write(|span| span.set_attributes(attributes));
    }

    pub(crate) fn set_status(&self, status: Status) {
        self.write(|span| span.set_status(status));
    }

    /// Sets what the work came to: of an invocation, that of its event too.
    pub(crate) fn set_outcome(&self, error_type: Option<ErrorType>, status: Status) {
        if let Some(event) = &self.event {
            event.set_outcome(error_type.clone(), status.clone());
        }
        self.write(|span| {
            if let Some(error_type) = error_type {
                span.set_attribute(semconv::error::r#type(error_type));
            }
            span.set_status(status);
        });
    }

    pub(crate) fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        let name = name.into();
        self.write(|span| span.add_event(name, attributes));
    }

    /// Records an exception, which the work ends with or has handled: as an event, a log record, or both.
    pub(crate) fn add_exception(&self, handled: bool, attributes: Vec<KeyValue>) {
        exceptions::record(self, self.exceptions.as_ref(), handled, attributes);
    }

    #[cfg(feature = "axum")]
    pub(crate) fn update_name(&self, name: String) {
        self.write(|span| span.update_name(name));
    }

    /// Adds to a counter.
    pub(crate) fn add(&self, key: Key, amount: Amount) {
        self.totals.add(key, amount);
    }

    /// Ends the span, once, and that of the event before it; what comes later changes nothing.
    pub(crate) fn end(&self, now: SystemTime) {
        if let Some(event) = &self.event {
            event.end(now);
        }
        let totals = self.totals.take();
        // Not under the lock: span processors are called.
        let ended = self.locked(|span| {
            if let Some(span) = span
                && totals.len() > 0
            {
                span.set_attributes(totals);
            }
            span.take()
        });
        if let Some(mut span) = ended {
            panics::in_processors(|| span.end_with_timestamp(now));
        }
    }

    /// Ends the span as one that did not come to its end.
    #[cfg(feature = "_records")]
    pub(crate) fn abandon(&self, reason: &Unfinished, now: SystemTime) {
        outcome::unfinished(self, reason);
        self.end(now);
    }

    /// Does something to the span, if it has not ended, that runs no code of others.
    fn write<T>(&self, write: impl FnOnce(&mut Span) -> T) -> Option<T> {
        self.locked(|span| span.as_mut().map(write))
    }

    fn locked<T>(&self, change: impl FnOnce(&mut Option<Span>) -> T) -> T {
        change(&mut self.span.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The span of a [`Wide`] in a context, where everybody can write to it and see its identity.
#[derive(Debug)]
pub(crate) struct Shown<T>(pub(crate) T);

impl<T: AsRef<Wide>> Shown<T> {
    fn wide(&self) -> &Wide {
        self.0.as_ref()
    }
}

impl<T: AsRef<Wide>> opentelemetry::trace::Span for Shown<T> {
    fn add_event_with_timestamp<N>(
        &mut self,
        name: N,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        N: Into<Cow<'static, str>>,
    {
        let name = name.into();
        let add = |span: &mut Span| span.add_event_with_timestamp(name, timestamp, attributes);
        self.wide().write(add);
    }

    fn span_context(&self) -> &SpanContext {
        self.wide().span_context()
    }

    fn is_recording(&self) -> bool {
        self.wide().is_recording()
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        self.wide().set_attribute(attribute);
    }

    fn set_status(&mut self, status: Status) {
        self.wide().set_status(status);
    }

    fn update_name<N>(&mut self, new_name: N)
    where
        N: Into<Cow<'static, str>>,
    {
        let name = new_name.into();
        self.wide().write(|span| span.update_name(name));
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        let add = |span: &mut Span| span.add_link(span_context, attributes);
        self.wide().write(add);
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        self.wide().end(timestamp);
    }
}

/// Whether `cx` shows the span of `wide` as its current one.
#[cfg(feature = "tracing")]
pub(crate) fn is_current(wide: &Wide, cx: &Context) -> bool {
    cx.span().span_context().span_id() == wide.span_context().span_id()
}
