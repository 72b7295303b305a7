//! Strict reading and writing of W3C Trace Context (level 2) and Baggage.
//!
//! [`W3cPropagator`] works with every OpenTelemetry interface that takes a [`TextMapPropagator`]. Unlike the
//! propagators of `opentelemetry_sdk`, it keeps the random flag, rejects values that violate the grammar,
//! joins repeated headers, never writes an empty value, and drops baggage by whole members.
//!
//! ```
//! use std::collections::HashMap;
//! use lamplight_propagation::w3c::W3cPropagator;
//! use opentelemetry::{baggage::BaggageExt, propagation::TextMapPropagator, trace::TraceContextExt};
//!
//! let mut headers = HashMap::new();
//! headers.insert("traceparent".to_owned(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03".to_owned());
//! headers.insert("baggage".to_owned(), "tier=gold;ttl=1,user=J%C3%BCrgen".to_owned());
//!
//! let propagator = W3cPropagator::new();
//! let cx = propagator.extract(&headers);
//! assert!(cx.span().span_context().is_remote());
//! assert_eq!(cx.baggage().get("user").map(|v| v.as_str()), Some("Jürgen"));
//!
//! let mut sent = HashMap::new();
//! propagator.inject_context(&cx, &mut sent);
//! assert_eq!(sent, headers);
//! ```
//!
//! [`TextMapPropagator`]: opentelemetry::propagation::TextMapPropagator

pub(crate) mod baggage;
pub(crate) mod fields;
pub(crate) mod hex;
pub(crate) mod traceparent;
pub(crate) mod tracestate;

mod propagator;

#[cfg(test)]
#[allow(clippy::string_slice, clippy::type_complexity)] // tables of cases
mod tests;

use opentelemetry::{
    Context,
    baggage::{Baggage, BaggageExt as _},
    trace::{SpanContext, TraceContextExt as _, TraceId},
};

pub use self::{
    baggage::BaggageError,
    propagator::W3cPropagator,
    traceparent::{TraceparentError, parse_traceparent},
    tracestate::TracestateError,
};

/// The name of the field with the trace id, the parent id and the flags.
pub const TRACEPARENT: &str = "traceparent";

/// The name of the field with vendor-specific members.
pub const TRACESTATE: &str = "tracestate";

/// The name of the field with the user's own entries.
pub const BAGGAGE: &str = "baggage";

/// The trace id of a context that was generated at random.
///
/// The random flag must be propagated, but the tracer of `opentelemetry_sdk` clears all flags of a span that
/// it does not sample. So the flag is also kept in the context, beside the span context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RandomTrace(pub(crate) TraceId);

/// The validated fields of one carrier. Most carriers hold a span only, so the other fields are boxed: this
/// value is moved several times for every record of a batch.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) span: Option<SpanContext>,
    pub(crate) text: Option<Box<tracestate::TracestateText>>,
    pub(crate) baggage: Option<Box<Baggage>>,
    pub(crate) traceparent_error: Option<TraceparentError>,
    pub(crate) tracestate_error: Option<TracestateError>,
}

impl Received {
    /// Reads the values of the three fields, each in header order. Bytes that are not UTF-8 violate the
    /// grammar of all three; in baggage, they invalidate only the members that contain them.
    pub(crate) fn read<'a>(
        traceparent: impl IntoIterator<Item = &'a [u8]>,
        tracestate: impl IntoIterator<Item = &'a [u8]>,
        baggage: impl IntoIterator<Item = &'a [u8]>,
    ) -> Self {
        let text = |value| str::from_utf8(value).unwrap_or("\u{fffd}");
        let tracestate = tracestate.into_iter().map(text);
        let baggage = baggage.into_iter().map(String::from_utf8_lossy);
        let mut received = Self {
            baggage: baggage::parse(baggage),
            ..Self::default()
        };
        let mut parents = traceparent.into_iter();
        let parent = match (parents.next(), parents.next()) {
            (None, _) => return received,
            (Some(value), None) => traceparent::parse(value),
            (Some(_), Some(_)) => Err(TraceparentError::Repeated),
        };
        match parent {
            Err(error) => received.traceparent_error = Some(error),
            Ok(span) => match tracestate::parse(span.trace_id(), tracestate) {
                Err(error) => {
                    received.tracestate_error = Some(error);
                    received.span = Some(span);
                }
                Ok(None) => received.span = Some(span),
                Ok(Some(parsed)) => {
                    received.text = parsed.text;
                    received.span = Some(SpanContext::new(
                        span.trace_id(),
                        span.span_id(),
                        span.trace_flags(),
                        true,
                        parsed.state,
                    ));
                }
            },
        }
        received
    }

    /// Adds the received fields to `base`; fields that were not received keep their value from `base`.
    pub(crate) fn into_context(self, base: &Context) -> Context {
        let random = self
            .span
            .as_ref()
            .filter(|span| traceparent::is_random(span));
        let random = random.map(SpanContext::trace_id);
        let mut cx = match self.span {
            Some(span) => base.with_remote_span_context(span),
            None => base.clone(),
        };
        if let Some(trace_id) = random {
            cx = cx.with_value(RandomTrace(trace_id));
        }
        if let Some(text) = self.text {
            cx = cx.with_value(*text);
        }
        if let Some(baggage) = self.baggage {
            cx = cx.with_baggage(*baggage);
        }
        cx
    }
}
