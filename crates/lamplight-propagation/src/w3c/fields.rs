//! The three fields of a context, in the form in which they are written.

use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    propagation::Injector,
    trace::{SpanContext, TraceContextExt as _},
};

use super::{
    BAGGAGE, RandomTrace, TRACEPARENT, TRACESTATE, baggage, traceparent::Traceparent, tracestate,
};

/// The three fields of a context as they are written: `traceparent`, `tracestate` and `baggage`. None of them
/// is empty.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    pub(crate) span: Option<SpanContext>,
    pub(crate) traceparent: Option<Traceparent>,
    pub(crate) tracestate: Option<String>,
    pub(crate) baggage: Option<String>,
}

impl Fields {
    /// Returns the fields of a context. Without a valid span there is neither `traceparent` nor `tracestate`,
    /// but there may be baggage.
    pub fn from_context(cx: &Context) -> Self {
        let baggage = baggage::to_text(cx.baggage());
        let span = cx.span().span_context().clone();
        let random = cx.get::<RandomTrace>() == Some(&RandomTrace(span.trace_id()));
        match Traceparent::new(&span, random) {
            None => Self {
                baggage,
                ..Self::default()
            },
            Some(traceparent) => Self {
                traceparent: Some(traceparent),
                tracestate: tracestate::to_text(cx, &span),
                baggage,
                span: Some(span),
            },
        }
    }

    /// Returns whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.traceparent.is_none() && self.baggage.is_none()
    }

    /// Returns `00-<trace id>-<span id>-<flags>`.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_ref().map(Traceparent::as_str)
    }

    /// Returns the list of vendor members.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// Returns the caller's entries, at most 64 and 8192 bytes, ordered by key.
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }

    /// Returns these fields without their baggage, for receivers that must not see it.
    #[must_use]
    pub fn without_baggage(mut self) -> Self {
        self.baggage = None;
        self
    }

    /// Returns the fields that are present, the most important first.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            (TRACEPARENT, self.traceparent()),
            (TRACESTATE, self.tracestate()),
            (BAGGAGE, self.baggage()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

/// Writes the fields as headers, each as a whole. Returns `false` if there is nothing to write.
///
/// An [`Injector`] cannot read the headers it already has. If the user's own headers must win, check the
/// carrier first.
pub fn inject_headers(injector: &mut dyn Injector, fields: &Fields) -> bool {
    for (name, value) in fields.iter() {
        injector.set(name, value.to_owned());
    }
    !fields.is_empty()
}
