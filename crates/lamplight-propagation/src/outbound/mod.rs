//! Writing context into what is about to be sent.
//!
//! [`Fields`] is what a context has to say; the functions put it into the shapes AWS services
//! carry. All of them hold to the same rules:
//!
//! * nothing empty is written, and nothing a user has set is overwritten: where a `traceparent`
//!   is already there, nothing at all is written beside it;
//! * only new entries count against a limit, and when room is short, baggage goes before
//!   `tracestate` before `traceparent`, the two lists by whole members; in a batch, nothing but a
//!   `traceparent` is written before every message has its own ([`share_room`]);
//! * what cannot be written is left exactly as it was, and the result says so.
//!
//! ```
//! use lamplight_propagation::outbound::{self, Fields};
//! # use lamplight_propagation::w3c::W3cPropagator;
//! # use opentelemetry::propagation::TextMapPropagator;
//! # let incoming = std::collections::HashMap::from([(
//! #     "traceparent".to_owned(),
//! #     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
//! # )]);
//! # let cx = W3cPropagator::new().extract(&incoming);
//! let fields = Fields::from_context(&cx);
//! let detail = outbound::inject_json(r#"{"price": 1.10}"#, None, &fields, usize::MAX)
//!     .expect("an object has room");
//! assert_eq!(
//!     detail.text,
//!     r#"{"_otel":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},"price": 1.10}"#,
//! );
//! ```

mod attributes;
mod batch;
mod client_context;
mod json;

#[cfg(test)]
mod tests;

use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    propagation::Injector,
    trace::{SpanContext, TraceContextExt as _},
};

use crate::{
    Propagators,
    w3c::{
        BAGGAGE, RandomTrace, TRACEPARENT, TRACESTATE, baggage, traceparent::Traceparent,
        tracestate,
    },
    xray::XRayHeader,
};

pub use self::{
    attributes::{AttributeMap, MESSAGE_ATTRIBUTE_LIMIT, attribute_costs, inject_attributes},
    batch::{Costs, share_room},
    client_context::{CLIENT_CONTEXT_LIMIT, inject_client_context},
    json::{DEFAULT_KEY, JsonPlace, Pointer, Spliced, inject_json},
};

/// What a context has to say: `traceparent`, `tracestate` and `baggage`, none of them empty.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    span: Option<SpanContext>,
    traceparent: Option<Traceparent>,
    tracestate: Option<String>,
    baggage: Option<String>,
}

impl Fields {
    /// The fields of a context. Without a valid span there is no `traceparent` and so no
    /// `tracestate`, but there may be baggage.
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

    /// The fields of a context in the formats that are to be written. A context whose span is not
    /// to be written can still tell its baggage.
    pub fn of(cx: &Context, propagators: &Propagators) -> Self {
        let mut fields = Self::from_context(cx);
        if !propagators.has_trace_context() {
            (fields.traceparent, fields.tracestate) = (None, None);
        }
        if !propagators.has_baggage() {
            fields.baggage = None;
        }
        fields
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.traceparent.is_none() && self.baggage.is_none()
    }

    /// `00-<trace id>-<span id>-<flags>`.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_ref().map(Traceparent::as_str)
    }

    /// The list of vendors' members.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    /// The caller's entries, at most 64 and 8192 bytes, ordered by key.
    pub fn baggage(&self) -> Option<&str> {
        self.baggage.as_deref()
    }

    /// These fields without their baggage, for receivers who must not see it.
    #[must_use]
    pub fn without_baggage(mut self) -> Self {
        self.baggage = None;
        self
    }

    /// The fields there are, most important first.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            (TRACEPARENT, self.traceparent()),
            (TRACESTATE, self.tracestate()),
            (BAGGAGE, self.baggage()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }

    /// An X-Ray header for the same span, with the unknown fields (`Lineage`, `Self`) of the one
    /// that is `existing`. `None` without a span, and when it would exceed `limit` characters: the
    /// existing header then stays. See [`crate::xray`] for the limits and names.
    pub fn xray_header(&self, existing: Option<&str>, limit: usize) -> Option<String> {
        XRayHeader::parse(existing.unwrap_or_default()).with_span(self.span.as_ref()?, limit)
    }

    /// As much of the fields as fits into `room`, given what one costs. Fields `taken` are left
    /// out: somebody else has set them. `None` when nothing remains.
    fn fitting(
        &self,
        mut room: usize,
        cost: impl Fn(&str, &str) -> usize,
        taken: impl Fn(&str) -> bool,
    ) -> Option<(Self, Written)> {
        let mut fitted = Self::default();
        let mut written = Written::default();
        if taken(TRACEPARENT) {
            return None;
        }
        if let Some(traceparent) = &self.traceparent {
            room = room.checked_sub(cost(TRACEPARENT, traceparent.as_str()))?;
            fitted.traceparent = Some(*traceparent);
            written.traceparent = true;
        }
        if let Some(list) = self.tracestate().filter(|_| !taken(TRACESTATE)) {
            fitted.tracestate = tracestate::truncate(list, |list| cost(TRACESTATE, list) <= room);
            let text = fitted.tracestate.as_deref().unwrap_or_default();
            written.tracestate = Part::of(text, list);
            if written.tracestate != Part::Nothing {
                room -= cost(TRACESTATE, text);
            }
        }
        if let Some(list) = self.baggage().filter(|_| !taken(BAGGAGE)) {
            fitted.baggage = baggage::truncate(list, |list| cost(BAGGAGE, list) <= room);
            written.baggage = Part::of(fitted.baggage.as_deref().unwrap_or_default(), list);
        }
        (!fitted.is_empty()).then_some((fitted, written))
    }
}

/// What was written of each field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// Whether the receiver can continue the trace.
    pub traceparent: bool,
    /// How much of the `tracestate`.
    pub tracestate: Part,
    /// How much of the baggage.
    pub baggage: Part,
}

/// How much of a list was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Part {
    /// Every member.
    All,
    /// Nothing: there was nothing, no room, or the user's own.
    #[default]
    Nothing,
    /// Some whole members; the others had no room.
    Some,
}

impl Part {
    fn of(written: &str, whole: &str) -> Self {
        match written.len() {
            0 => Self::Nothing,
            len if len == whole.len() => Self::All,
            _ => Self::Some,
        }
    }
}

/// Writes the fields as headers, each whole. `false` when there is nothing to write.
///
/// An [`Injector`] cannot tell what it already holds: where the user's own headers must win, ask
/// the carrier before.
pub fn inject_headers(injector: &mut dyn Injector, fields: &Fields) -> bool {
    for (name, value) in fields.iter() {
        injector.set(name, value.to_owned());
    }
    !fields.is_empty()
}
