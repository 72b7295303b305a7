//! Encoding as OTLP/JSON, with one line per batch, for people and for log pipelines.
//!
//! Ids are hexadecimal, 64-bit integers are strings, enums are numbers, and empty fields are left out, as
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding> prescribes.

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, Value,
    trace::{Event, Link, SpanId, Status},
};
use opentelemetry_sdk::{Resource, trace::SpanData};
use serde_json::{Map, Number, Value as Json, json};

use crate::otlp::{flags, kind_number, status_number, unix_nanos};

/// Returns one `ExportTraceServiceRequest` in OTLP/JSON, without line breaks.
pub fn encode_json(resource: &Resource, spans: &[SpanData]) -> String {
    let mut scopes: Vec<(&InstrumentationScope, Vec<Json>)> = Vec::new();
    for data in spans {
        let scope = &data.instrumentation_scope;
        match scopes.iter_mut().find(|(known, _)| *known == scope) {
            Some((_, group)) => group.push(span(data)),
            None => scopes.push((scope, vec![span(data)])),
        }
    }
    let scope_spans: Vec<Json> = scopes
        .into_iter()
        .map(|(scope, spans)| {
            object([
                ("scope", scope_object(scope)),
                ("spans", Json::Array(spans)),
                ("schemaUrl", text(scope.schema_url().unwrap_or_default())),
            ])
        })
        .collect();
    let resource_attributes = resource
        .iter()
        .map(|(key, value)| pair(key.as_str(), value));
    let resource_spans = object([
        (
            "resource",
            json!({ "attributes": resource_attributes.collect::<Vec<_>>() }),
        ),
        ("scopeSpans", Json::Array(scope_spans)),
        ("schemaUrl", text(resource.schema_url().unwrap_or_default())),
    ]);
    json!({ "resourceSpans": [resource_spans] }).to_string()
}

fn scope_object(scope: &InstrumentationScope) -> Json {
    object([
        ("name", text(scope.name())),
        ("version", text(scope.version().unwrap_or_default())),
        ("attributes", scope.attributes().map(key_value).collect()),
    ])
}

fn span(span: &SpanData) -> Json {
    let parent = if span.parent_span_id == SpanId::INVALID {
        Json::Null
    } else {
        Json::String(span.parent_span_id.to_string())
    };
    object([
        (
            "traceId",
            Json::String(span.span_context.trace_id().to_string()),
        ),
        (
            "spanId",
            Json::String(span.span_context.span_id().to_string()),
        ),
        (
            "traceState",
            Json::String(span.span_context.trace_state().header()),
        ),
        ("parentSpanId", parent),
        (
            "flags",
            flags(&span.span_context, span.parent_span_is_remote).into(),
        ),
        ("name", text(&span.name)),
        ("kind", kind_number(&span.span_kind).into()),
        (
            "startTimeUnixNano",
            Json::String(unix_nanos(span.start_time).to_string()),
        ),
        (
            "endTimeUnixNano",
            Json::String(unix_nanos(span.end_time).to_string()),
        ),
        (
            "attributes",
            span.attributes.iter().map(key_value).collect(),
        ),
        (
            "droppedAttributesCount",
            span.dropped_attributes_count.into(),
        ),
        ("events", span.events.iter().map(event).collect()),
        ("droppedEventsCount", span.events.dropped_count.into()),
        ("links", span.links.iter().map(link).collect()),
        ("droppedLinksCount", span.links.dropped_count.into()),
        ("status", status(&span.status)),
    ])
}

fn event(event: &Event) -> Json {
    object([
        (
            "timeUnixNano",
            Json::String(unix_nanos(event.timestamp).to_string()),
        ),
        ("name", text(&event.name)),
        (
            "attributes",
            event.attributes.iter().map(key_value).collect(),
        ),
        (
            "droppedAttributesCount",
            event.dropped_attributes_count.into(),
        ),
    ])
}

fn link(link: &Link) -> Json {
    object([
        (
            "traceId",
            Json::String(link.span_context.trace_id().to_string()),
        ),
        (
            "spanId",
            Json::String(link.span_context.span_id().to_string()),
        ),
        (
            "traceState",
            Json::String(link.span_context.trace_state().header()),
        ),
        (
            "attributes",
            link.attributes.iter().map(key_value).collect(),
        ),
        (
            "droppedAttributesCount",
            link.dropped_attributes_count.into(),
        ),
        (
            "flags",
            flags(&link.span_context, link.span_context.is_remote()).into(),
        ),
    ])
}

fn status(status: &Status) -> Json {
    let message = match status {
        Status::Error { description } => description.as_ref(),
        Status::Ok | Status::Unset => "",
    };
    object([
        ("message", text(message)),
        ("code", status_number(status).into()),
    ])
}

fn key_value(kv: &KeyValue) -> Json {
    pair(kv.key.as_str(), &kv.value)
}

fn pair(key: &str, value: &Value) -> Json {
    json!({ "key": key, "value": any_value(value) })
}

fn any_value(value: &Value) -> Json {
    match value {
        Value::String(value) => json!({ "stringValue": value.as_str() }),
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::I64(value) => json!({ "intValue": value.to_string() }),
        Value::F64(value) => json!({ "doubleValue": double(*value) }),
        Value::Array(array) => json!({ "arrayValue": { "values": array_values(array) } }),
        _ => Json::Object(Map::new()),
    }
}

fn array_values(array: &Array) -> Vec<Json> {
    match array {
        Array::String(values) => values
            .iter()
            .map(|v| json!({ "stringValue": v.as_str() }))
            .collect(),
        Array::Bool(values) => values.iter().map(|v| json!({ "boolValue": v })).collect(),
        Array::I64(values) => values
            .iter()
            .map(|v| json!({ "intValue": v.to_string() }))
            .collect(),
        Array::F64(values) => values
            .iter()
            .map(|v| json!({ "doubleValue": double(*v) }))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns a number; the JSON mapping of protobuf has names for those that JSON cannot write.
fn double(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => text("NaN"),
        None if value > 0.0 => text("Infinity"),
        None => text("-Infinity"),
    }
}

fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

/// Returns an object of the members that differ from their default.
fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let kept = members.into_iter().filter(|(_, value)| !is_default(value));
    Json::Object(kept.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn is_default(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Number(number) => number.as_u64() == Some(0),
        Json::Array(items) => items.is_empty(),
        Json::Bool(_) | Json::Object(_) => false,
    }
}
