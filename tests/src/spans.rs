//! Spans as a consumer reads them: decoded by code that is not the exporter's.

use crate::conventions;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Attributes by key.
pub type Attributes = BTreeMap<String, Value>;

/// A span, with what its batch says of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// The name.
    pub name: String,
    /// `SERVER`, `CONSUMER`, `INTERNAL` and so on.
    pub kind: otlp::span::SpanKind,
    /// The trace, 32 hexadecimal digits.
    pub trace_id: String,
    /// The span, 16 hexadecimal digits.
    pub span_id: String,
    /// The parent, 16 hexadecimal digits or empty.
    pub parent_span_id: String,
    /// Nanoseconds since 1970.
    pub start: u64,
    /// Nanoseconds since 1970.
    pub end: u64,
    /// Whether the span is an error, and its description.
    pub error: Option<String>,
    /// The span's attributes.
    pub attributes: Attributes,
    /// The resource's attributes.
    pub resource: Attributes,
    /// The events.
    pub events: Vec<Event>,
    /// The links.
    pub links: Vec<Link>,
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The name.
    pub name: String,
    /// The event's attributes.
    pub attributes: Attributes,
}

/// A link of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The trace of the other span, 32 hexadecimal digits.
    pub trace_id: String,
    /// The other span, 16 hexadecimal digits.
    pub span_id: String,
    /// The link's attributes.
    pub attributes: Attributes,
}

impl Span {
    /// An attribute, or null.
    pub fn attribute(&self, key: &str) -> &Value {
        self.attributes.get(key).unwrap_or(&Value::Null)
    }
}

/// The spans of an OTLP request in protobuf.
pub fn decode(bytes: &[u8]) -> Vec<Span> {
    ExportTraceServiceRequest::decode(bytes)
        .unwrap()
        .into_spans()
}

/// The spans of an OTLP request in JSON, which have to be what the registry says.
pub fn decode_json(text: &str) -> Vec<Span> {
    conventions::hold([text.as_bytes()]);
    let request: ExportTraceServiceRequest = serde_json::from_str(text).unwrap();
    request.into_spans()
}

trait IntoSpans {
    fn into_spans(self) -> Vec<Span>;
}

impl IntoSpans for ExportTraceServiceRequest {
    fn into_spans(self) -> Vec<Span> {
        let mut spans = Vec::new();
        for batch in self.resource_spans {
            let resource = attributes(batch.resource.unwrap().attributes);
            for span in batch.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(of(span, resource.clone()));
            }
        }
        spans
    }
}

fn of(span: otlp::Span, resource: Attributes) -> Span {
    let kind = span.kind();
    let status = span.status.unwrap_or_default();
    let event = |event: otlp::span::Event| Event {
        name: event.name,
        attributes: attributes(event.attributes),
    };
    let link = |link: otlp::span::Link| Link {
        trace_id: hex(&link.trace_id),
        span_id: hex(&link.span_id),
        attributes: attributes(link.attributes),
    };
    Span {
        name: span.name,
        kind,
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_span_id: hex(&span.parent_span_id),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        error: (status.code() == otlp::status::StatusCode::Error).then_some(status.message),
        attributes: attributes(span.attributes),
        resource,
        events: span.events.into_iter().map(event).collect(),
        links: span.links.into_iter().map(link).collect(),
    }
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    let count = pairs.len();
    let pairs = pairs.into_iter().map(|kv| (kv.key, value(kv.value)));
    let attributes: Attributes = pairs.collect();
    assert_eq!(
        attributes.len(),
        count,
        "a key is there twice: {attributes:?}"
    );
    attributes
}

fn value(any: Option<AnyValue>) -> Value {
    use any_value::Value as Any;
    match any.and_then(|any| any.value) {
        None => Value::Null,
        Some(Any::StringValue(text)) => text.into(),
        Some(Any::BoolValue(flag)) => flag.into(),
        Some(Any::IntValue(number)) => number.into(),
        Some(Any::DoubleValue(number)) => number.into(),
        Some(Any::ArrayValue(array)) => array
            .values
            .into_iter()
            .map(|item| value(Some(item)))
            .collect(),
        Some(Any::KvlistValue(list)) => attributes(list.values).into_iter().collect(),
        Some(Any::BytesValue(bytes)) => BASE64.encode(bytes).into(),
        Some(other) => json!(format!("{other:?}")),
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}
