//! JSON texts that carry context: a detail, a record, a payload, an input.

use lamplight_propagation::inbound::Invocation;
use lamplight_propagation::outbound;
use lamplight_propagation::w3c::TRACEPARENT;
use opentelemetry::trace::{Link, TraceContextExt as _};

use super::Injection;
use crate::carrier::Carrier;
use crate::{Lamplight, diagnostics};

/// The least that context adds to an object: `"_otel":{"traceparent":"<55 characters>"},`.
const LEAST: usize = 82;

/// The text with context in it, of at most `longest` bytes, if it is an object with room.
pub(super) fn splice(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let envelope = injection.lamplight.envelope.as_ref();
    let spliced = outbound::inject_json(text, envelope, injection.fields(), longest);
    if spliced.is_none()
        && text.len().saturating_add(LEAST) > longest
        && text.trim_ascii_start().starts_with('{')
        && !text.contains(TRACEPARENT)
    {
        diagnostics::no_room(carrier);
    }
    Some(spliced?.text)
}

/// The context that the text already carries, as a link to it: the user's own, which stays.
pub(super) fn own_context(lamplight: &Lamplight, text: &str) -> Option<Link> {
    if !text.contains(TRACEPARENT) {
        return None;
    }
    let incoming = lamplight
        .extractor
        .extract(&Invocation::new(text.as_bytes(), ""));
    let span = incoming.parent.span().span_context().clone();
    span.is_valid().then(|| Link::new(span, Vec::new(), 0))
}
