//! Handles to spans of this crate.

#[cfg(feature = "_records")]
use std::sync::Weak;
use std::{
    borrow::Cow,
    error::Error,
    fmt::{self, Debug},
    sync::Arc,
};

use opentelemetry::{
    Key, KeyValue,
    trace::{SpanContext, Status},
};

use crate::{
    outcome,
    span::{ActiveSpan, CounterValue},
};

/// A handle to the span of an invocation or of a record.
///
/// An [`Invocation`](crate::Invocation) is a handle to the invocation's span, and
/// [`records::current`](crate::records::current) returns a handle to the span of the record being handled.
/// Writing is safe at any time and on any thread: once the span has ended, and outside an invocation or a
/// record, it does nothing.
#[derive(Clone, Default)]
pub struct SpanHandle {
    owner: Option<Arc<dyn SpanOwner>>,
}

/// An owner of a span that handles and contexts share.
pub(crate) trait SpanOwner: Debug + Send + Sync {
    /// Returns the span, unless it has not started yet.
    fn span(&self) -> Option<&ActiveSpan>;
}

impl SpanHandle {
    pub(crate) fn new(owner: Arc<dyn SpanOwner>) -> Self {
        Self { owner: Some(owner) }
    }

    pub(crate) fn span(&self) -> Option<&ActiveSpan> {
        self.owner.as_ref()?.span()
    }

    /// Returns whether the span of this handle has not started yet.
    pub(crate) fn is_starting(&self) -> bool {
        self.owner.is_some() && self.span().is_none()
    }

    /// Returns a weak reference to the owner, which does not keep it alive.
    #[cfg(feature = "_records")]
    pub(crate) fn downgrade(&self) -> Option<Weak<dyn SpanOwner>> {
        self.owner.as_ref().map(Arc::downgrade)
    }

    /// Sets an attribute of the span.
    pub fn set_attribute(&self, attribute: KeyValue) {
        if let Some(span) = self.span() {
            span.set_attribute(attribute);
        }
    }

    /// Sets attributes of the span. The iterator runs before the span is locked, so it may log and use this
    /// handle.
    pub fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        if let Some(span) = self.span() {
            span.set_attributes(attributes);
        }
    }

    /// Adds to a counter, such as rows read, items skipped or bytes sent. The sum becomes an attribute when
    /// the span ends.
    ///
    /// With a floating-point value, the sum becomes a floating-point number; an integer sum saturates at
    /// `i64::MAX`. A span keeps up to 128 counters; values for further ones are ignored.
    pub fn add(&self, key: impl Into<Key>, value: impl Into<CounterValue>) {
        if let Some(span) = self.span() {
            span.add(key.into(), value.into());
        }
    }

    /// Sets the status of the span, for an outcome that the response does not show. As everywhere in
    /// OpenTelemetry, `Ok` is final and overrides an error.
    pub fn set_status(&self, status: Status) {
        if let Some(span) = self.span() {
            span.set_outcome(None, status);
        }
    }

    /// Adds an event to the span. Backends bill events and do not index them, so prefer attributes.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        if let Some(span) = self.span() {
            span.add_event(name, attributes);
        }
    }

    /// Records an exception for an error that was handled, with its type, message and causes. The outcome
    /// remains that of the handler's result. The conventions advise against recording handled errors: use
    /// this for the few that are worth it.
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        if let Some(span) = self.span() {
            outcome::record_exception(span, error);
        }
    }

    /// Returns the identity of the span; `None` outside an invocation or a record.
    pub fn span_context(&self) -> Option<SpanContext> {
        Some(self.span()?.span_context().clone())
    }
}

impl Debug for SpanHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanHandle")
            .field("span_context", &self.span().map(ActiveSpan::span_context))
            .finish_non_exhaustive()
    }
}
