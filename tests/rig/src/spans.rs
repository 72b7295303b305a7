//! Spans decoded as by a consumer, with code other than the exporter's.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{self as otlp, TracesData},
};
use prost::Message as _;
use serde_json::{Value, json};

pub use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
pub use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

/// Attributes by key.
pub type Attributes = BTreeMap<String, Value>;

/// A span, with the resource of its batch.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Span {
    /// The name.
    pub name: String,
    /// `SERVER`, `CONSUMER`, `INTERNAL` and so on.
    pub kind: SpanKind,
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
    /// The status.
    pub status: StatusCode,
    /// The description of an error; `None` if the status is not an error.
    pub error: Option<String>,
    /// The span's attributes.
    pub attributes: Attributes,
    /// The resource's attributes.
    pub resource: Attributes,
    /// The events.
    pub events: Vec<Event>,
    /// The links.
    pub links: Vec<Link>,
    /// Keys that an attribute list of the span, or its resource's, has more than once.
    pub repeated_keys: Vec<String>,
}

/// An event of a span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The name.
    pub name: String,
    /// The event's attributes.
    pub attributes: Attributes,
}

/// A link of a span.
#[derive(Debug, Clone, PartialEq)]
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
    /// Returns an attribute, or null.
    pub fn attribute(&self, key: &str) -> &Value {
        self.attributes.get(key).unwrap_or(&Value::Null)
    }
}

/// Returns the spans of an OTLP request in protobuf.
///
/// # Errors
///
/// Returns an error if the bytes are not such a request.
pub fn decode(bytes: &[u8]) -> Result<Vec<Span>, prost::DecodeError> {
    // On the wire the request and the data are the same message.
    TracesData::decode(bytes).map(from_traces)
}

/// Returns the spans of decoded OTLP traces.
pub fn from_traces(traces: TracesData) -> Vec<Span> {
    let mut spans = Vec::new();
    for batch in traces.resource_spans {
        let mut repeated_keys = Vec::new();
        let resource = batch.resource.unwrap_or_default();
        let resource = attributes(resource.attributes, &mut repeated_keys);
        for span in batch.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(from_span(span, resource.clone(), repeated_keys.clone()));
        }
    }
    spans
}

fn from_span(span: otlp::Span, resource: Attributes, mut repeated_keys: Vec<String>) -> Span {
    let kind = span.kind();
    let status = span.status.unwrap_or_default();
    let code = status.code();
    let mut read = |pairs| attributes(pairs, &mut repeated_keys);
    let own = read(span.attributes);
    let events = span.events.into_iter().map(|event| Event {
        name: event.name,
        attributes: read(event.attributes),
    });
    let events = events.collect();
    let links = span.links.into_iter().map(|link| Link {
        trace_id: hex(&link.trace_id),
        span_id: hex(&link.span_id),
        attributes: read(link.attributes),
    });
    let links = links.collect();
    Span {
        name: span.name,
        kind,
        trace_id: hex(&span.trace_id),
        span_id: hex(&span.span_id),
        parent_span_id: hex(&span.parent_span_id),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        status: code,
        error: (code == StatusCode::Error).then_some(status.message),
        attributes: own,
        resource,
        events,
        links,
        repeated_keys,
    }
}

fn attributes(pairs: Vec<KeyValue>, repeated_keys: &mut Vec<String>) -> Attributes {
    let mut attributes = Attributes::new();
    for pair in pairs {
        let value = value(pair.value, repeated_keys);
        if attributes.insert(pair.key.clone(), value).is_some() {
            repeated_keys.push(pair.key);
        }
    }
    attributes
}

fn value(any: Option<AnyValue>, repeated_keys: &mut Vec<String>) -> Value {
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
            .map(|item| value(Some(item), repeated_keys))
            .collect(),
        Some(Any::KvlistValue(list)) => {
            attributes(list.values, repeated_keys).into_iter().collect()
        }
        Some(Any::BytesValue(bytes)) => BASE64.encode(bytes).into(),
        Some(other) => json!(format!("{other:?}")),
    }
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};

    use super::*;

    #[test]
    fn keys_that_are_there_twice_are_reported() {
        let pair = |key: &str, value: i64| KeyValue {
            key: key.to_owned(),
            value: Some(AnyValue {
                value: Some(any_value::Value::IntValue(value)),
            }),
            ..KeyValue::default()
        };
        let span = otlp::Span {
            trace_id: vec![0xAB; 16],
            attributes: vec![pair("a", 1), pair("b", 2), pair("a", 3)],
            ..otlp::Span::default()
        };
        let scope = ScopeSpans {
            spans: vec![span],
            ..ScopeSpans::default()
        };
        let resource = ResourceSpans {
            scope_spans: vec![scope],
            ..ResourceSpans::default()
        };
        let traces = TracesData {
            resource_spans: vec![resource],
        };
        let span = decode(&traces.encode_to_vec()).unwrap().remove(0);
        assert_eq!(span.repeated_keys, ["a"]);
        assert_eq!(span.attribute("b"), 2);
        assert_eq!(span.attribute("c"), &Value::Null);
        assert_eq!(span.trace_id, "ab".repeat(16));
    }
}
