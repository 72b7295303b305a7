//! The record that is being handled.

use crate::outcome;
use crate::totals::Amount;
use crate::wide::Wide;
use opentelemetry::trace::{SpanContext, SpanRef, Status};
use opentelemetry::{Context, Key, KeyValue};
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

/// A handle to the `process` span of a record, as [`Invocation`](crate::Invocation) is one to the
/// invocation's.
///
/// [`current`] finds it anywhere in the record handler's code, also below child spans and across
/// `.await`; a spawned task has it when it runs with the handler's OpenTelemetry context
/// (`FutureExt::with_current_context`). Outside a record handler every method does nothing.
///
/// ```
/// use lamplight_lambda::records;
/// use lamplight_semconv::app;
///
/// records::current().set_attribute(app::event::producer::application("shop"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct CurrentRecord {
    wide: Option<Arc<Wide>>,
}

/// The record whose handler is running. Outside one it does nothing.
pub fn current() -> CurrentRecord {
    Context::map_current(|cx| cx.get::<CurrentRecord>().cloned()).unwrap_or_default()
}

impl CurrentRecord {
    pub(super) fn new(wide: Arc<Wide>) -> Self {
        Self { wide: Some(wide) }
    }

    /// Sets an attribute of the record's span.
    pub fn set_attribute(&self, attribute: KeyValue) {
        self.span(|span| span.set_attribute(attribute));
    }

    /// Sets attributes of the record's span. The iterator runs before the span is touched, so it may
    /// log, and use this handle.
    pub fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span(|span| outcome::set_attributes(span, attributes));
    }

    /// Adds to a counter of this record, whose sum becomes an attribute of the record's span when
    /// the span ends. Limits are those of [`Invocation::add`](crate::Invocation::add).
    pub fn add(&self, key: impl Into<Key>, amount: impl Into<Amount>) {
        if let Some(wide) = &self.wide {
            wide.add(key.into(), amount.into());
        }
    }

    /// Sets the status of the record's span, for an outcome that the result does not show. `Ok` is
    /// final and wins over an error.
    pub fn set_status(&self, status: Status) {
        self.span(|span| span.set_status(status));
    }

    /// Adds an event to the record's span. Backends bill events and do not index them: prefer
    /// attributes.
    pub fn add_event(&self, name: impl Into<Cow<'static, str>>, attributes: Vec<KeyValue>) {
        let name = name.into();
        self.span(|span| span.add_event(name, attributes));
    }

    /// Adds an exception event for an error that was handled. The outcome stays what the record
    /// handler returns.
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        self.span(|span| outcome::record_exception(span, error));
    }

    /// The identity of the record's span; `None` outside a record handler.
    pub fn span_context(&self) -> Option<SpanContext> {
        let wide = self.wide.as_ref()?;
        Some(wide.span().span_context().clone())
    }

    fn span(&self, f: impl FnOnce(&SpanRef<'_>)) {
        if let Some(wide) = &self.wide {
            f(&wide.span());
        }
    }
}
