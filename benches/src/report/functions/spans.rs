//! Spans as they arrive, for people.

pub(crate) use lamplight_test_rig::spans::Span;
use lamplight_test_rig::spans::{self, StatusCode};

/// Returns the spans of an OTLP request; none if it is no such thing.
pub(crate) fn decode(body: &[u8]) -> Vec<Span> {
    spans::decode(body).unwrap_or_default()
}

/// Returns an attribute's text.
pub(crate) fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    span.attribute(key).as_str()
}

/// Returns how the span ended.
pub(crate) fn status(span: &Span) -> &'static str {
    match span.status {
        StatusCode::Error => "Error",
        StatusCode::Ok => "Ok",
        StatusCode::Unset => "Unset",
    }
}

/// Returns the span's kind.
pub(crate) fn kind(span: &Span) -> String {
    let name = span.kind.as_str_name();
    name.trim_start_matches("SPAN_KIND_").to_ascii_lowercase()
}
