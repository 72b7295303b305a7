//! The record that is being handled.

use crate::outcome;
use crate::totals::Amount;
use crate::wide::Wide;
#[cfg(feature = "tracing")]
use crate::wide::is_current;
use opentelemetry::trace::{SpanContext, Status};
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

    /// The record's span, if `cx` has it as its current one.
    #[cfg(feature = "tracing")]
    pub(crate) fn shown_in(cx: &Context) -> Option<&Wide> {
        let wide = cx.get::<Self>()?.wide.as_deref()?;
        is_current(wide, cx).then_some(wide)
    }

    /// Sets an attribute of the record's span.
    pub fn set_attribute(&self, attribute: KeyValue) {
        self.span(|span| span.set_attribute(attribute));
    }

    /// Sets attributes of the record's span. The iterator runs before the span is touched, so it may
    /// log, and use this handle.
    pub fn set_attributes(&self, attributes: impl IntoIterator<Item = KeyValue>) {
        self.span(|span| span.set_attributes(attributes));
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
        self.span(|span| span.add_event(name, attributes));
    }

    /// Records an exception for an error that was handled. The outcome stays what the record
    /// handler returns. The conventions advise against it, as for
    /// [`Invocation::record_error`](crate::Invocation::record_error).
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        self.span(|span| outcome::record_exception(span, error));
    }

    /// The identity of the record's span; `None` outside a record handler.
    pub fn span_context(&self) -> Option<SpanContext> {
        let wide = self.wide.as_ref()?;
        Some(wide.span_context().clone())
    }

    fn span(&self, f: impl FnOnce(&Wide)) {
        if let Some(wide) = &self.wide {
            f(wide);
        }
    }
}
