//! Spans as they arrive.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
pub(crate) use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

/// The spans of an OTLP request; none if it is no such thing.
pub(crate) fn decode(body: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(body).unwrap_or_default();
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An attribute's value.
pub(crate) fn attribute<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|attribute| attribute.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

/// An attribute's text.
pub(crate) fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    match attribute(span, key)? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Whether the span says that it failed.
pub(crate) fn is_error(span: &Span) -> bool {
    let status = span.status.as_ref();
    status.is_some_and(|status| status.code() == StatusCode::Error)
}

/// How the span ended, for people.
pub(crate) fn status(span: &Span) -> &'static str {
    match span.status.as_ref().map(|status| status.code()) {
        Some(StatusCode::Error) => "Error",
        Some(StatusCode::Ok) => "Ok",
        _ => "Unset",
    }
}

/// The span's kind, for people.
pub(crate) fn kind(span: &Span) -> String {
    let name = SpanKind::as_str_name(&span.kind());
    name.trim_start_matches("SPAN_KIND_").to_ascii_lowercase()
}
