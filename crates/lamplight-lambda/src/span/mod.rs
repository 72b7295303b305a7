//! The open spans started by this crate.

mod abandon;
mod counters;
mod exceptions;
mod tracker;

use std::{borrow::Cow, sync::Mutex, time::SystemTime};

use lamplight_internal::sync::lock;
use lamplight_semconv::{self as semconv, error::ErrorType};
#[cfg(feature = "tracing")]
use opentelemetry::{Context, trace::TraceContextExt};
use opentelemetry::{
    Key, KeyValue,
    trace::{Span as _, SpanContext, Status},
};
use opentelemetry_sdk::trace::Span;

pub(crate) use self::{
    abandon::{AbandonReason, CANCELLED, SHUT_DOWN, TIMED_OUT},
    exceptions::Exceptions,
    tracker::OpenSpanTracker,
};
pub use self::{
    counters::CounterValue,
    exceptions::{ExceptionLogger, ExceptionSignal, UnknownExceptionSignal},
};
use self::{counters::Counters, exceptions::SpanExceptions};
use crate::panics;

/// A span plus the counters that become attributes when it ends.
///
/// OpenTelemetry keeps the span of a context behind a lock, and runs other code under it: iterators,
/// conversions, span processors. If that code accesses the span on the same thread, it waits for itself, and
/// if it panics, the span ignores all later calls, including its end. So the span is stored here, where no
/// other code runs while it is locked, and contexts get a [`ContextSpan`](crate::current::ContextSpan).
#[derive(Debug)]
pub(crate) struct ActiveSpan {
    span_context: SpanContext,
    /// `None` after the span has ended.
    span: Mutex<Option<Span>>,
    counters: Counters,
    exceptions: Option<SpanExceptions>,
    /// The span of the event, below that of its invocation. It has the same outcome and ends with it.
    event: Option<Box<ActiveSpan>>,
}

impl ActiveSpan {
    pub(crate) fn new(span: Span, exceptions: Option<SpanExceptions>) -> Self {
        Self {
            span_context: span.span_context().clone(),
            span: Mutex::new(Some(span)),
            counters: Counters::default(),
            exceptions,
            event: None,
        }
    }

    /// Adds the span of an invocation's event. Exceptions are recorded only on the invocation's span,
    /// otherwise each would be counted twice.
    pub(crate) fn with_event(mut self, event: Option<Span>) -> Self {
        self.event = event.map(|span| Box::new(Self::new(span, None)));
        self
    }

    /// Returns the span in which the function's code runs, and which describes the messages: the event's
    /// span, or otherwise this one.
    pub(crate) fn innermost(&self) -> &Self {
        self.event.as_deref().unwrap_or(self)
    }

    pub(crate) fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.write(|span| span.is_recording()).unwrap_or(false)
    }

    /// Returns whether this is the current span of `cx`.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_current_in(&self, cx: &Context) -> bool {
        cx.span().span_context().span_id() == self.span_context.span_id()
    }

    pub(crate) fn set_attribute(&self, attribute: KeyValue) {
        self.write(|span| span.set_attribute(attribute));
    }

    /// Sets attributes created by other code, which may log and may panic.
    pub(crate) fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        let attributes: Vec<_> = attributes.into_iter().collect();
        self.write(|span| span.set_attributes(attributes));
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn set_status(&self, status: Status) {
        self.write(|span| span.set_status(status));
    }

    /// Sets the outcome of the work, also on the span of an invocation's event.
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

    /// Records an exception that the work ended with or has handled: as an event, a log record, or both.
    pub(crate) fn add_exception(&self, handled: bool, attributes: Vec<KeyValue>) {
        let emit = |it: &SpanExceptions| it.emit(&self.span_context, handled, &attributes);
        if self.exceptions.as_ref().is_none_or(emit) {
            self.add_event(semconv::events::exception::NAME, attributes);
        }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn update_name(&self, name: String) {
        self.write(|span| span.update_name(name));
    }

    /// Adds to a counter.
    pub(crate) fn add(&self, key: Key, value: CounterValue) {
        self.counters.add(key, value);
    }

    /// Ends the span, and before it the event's span. Later calls have no effect.
    pub(crate) fn end(&self, now: SystemTime) {
        if let Some(event) = &self.event {
            event.end(now);
        }
        let counters = self.counters.take();
        // Not under the lock, because span processors are called.
        let ended = self.locked(|span| {
            if let Some(span) = span
                && counters.len() > 0
            {
                span.set_attributes(counters);
            }
            span.take()
        });
        if let Some(mut span) = ended {
            panics::in_processors(|| span.end_with_timestamp(now));
        }
    }

    /// Ends the span although its work is still running.
    pub(crate) fn abandon(&self, reason: &AbandonReason, now: SystemTime) {
        let status = Status::error(reason.message);
        self.set_outcome(Some(reason.error_type.clone()), status);
        self.end(now);
    }

    /// Applies `write` to the span if it has not ended. `write` must not run other code.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut Span) -> T) -> Option<T> {
        self.locked(|span| span.as_mut().map(write))
    }

    fn locked<T>(&self, change: impl FnOnce(&mut Option<Span>) -> T) -> T {
        change(&mut lock(&self.span))
    }
}
