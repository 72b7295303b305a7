//! Conversion of OTLP/JSON to protobuf.
//!
//! Specification: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>. The
//! conversion reads a JSON value rather than deserializing to types, so that an error can name the
//! invalid value, and so that unknown content, including unknown kinds of values, can be skipped.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, TracesData, span},
};
use prost::Message as _;
use serde_json::{Map, Value};

use super::NotTraces;

type Object = Map<String, Value>;
type Result<T> = std::result::Result<T, NotTraces>;

/// Returns a request as protobuf.
pub(super) fn request(value: &Value) -> Result<Vec<u8>> {
    let request = object(value)?;
    if !request.contains_key("resourceSpans") {
        return wrong("it has no `resourceSpans`");
    }
    let resource_spans = list(request, "resourceSpans", resource_spans)?;
    Ok(TracesData { resource_spans }.encode_to_vec())
}

fn resource_spans(value: &Value) -> Result<ResourceSpans> {
    let it = object(value)?;
    Ok(ResourceSpans {
        resource: one(it, "resource", resource)?,
        scope_spans: list(it, "scopeSpans", scope_spans)?,
        schema_url: text(it, "schemaUrl")?,
    })
}

fn resource(value: &Value) -> Result<Resource> {
    let it = object(value)?;
    Ok(Resource {
        attributes: list(it, "attributes", key_value)?,
        dropped_attributes_count: small(it, "droppedAttributesCount")?,
        ..Resource::default()
    })
}

fn scope_spans(value: &Value) -> Result<ScopeSpans> {
    let it = object(value)?;
    Ok(ScopeSpans {
        scope: one(it, "scope", scope)?,
        spans: list(it, "spans", span)?,
        schema_url: text(it, "schemaUrl")?,
    })
}

fn scope(value: &Value) -> Result<InstrumentationScope> {
    let it = object(value)?;
    Ok(InstrumentationScope {
        name: text(it, "name")?,
        version: text(it, "version")?,
        attributes: list(it, "attributes", key_value)?,
        dropped_attributes_count: small(it, "droppedAttributesCount")?,
    })
}

fn span(value: &Value) -> Result<Span> {
    let it = object(value)?;
    Ok(Span {
        trace_id: id(it, "traceId")?,
        span_id: id(it, "spanId")?,
        trace_state: text(it, "traceState")?,
        parent_span_id: id(it, "parentSpanId")?,
        flags: small(it, "flags")?,
        name: text(it, "name")?,
        kind: choice(it, "kind", &KINDS)?,
        start_time_unix_nano: number(it, "startTimeUnixNano")?,
        end_time_unix_nano: number(it, "endTimeUnixNano")?,
        attributes: list(it, "attributes", key_value)?,
        dropped_attributes_count: small(it, "droppedAttributesCount")?,
        events: list(it, "events", event)?,
        dropped_events_count: small(it, "droppedEventsCount")?,
        links: list(it, "links", link)?,
        dropped_links_count: small(it, "droppedLinksCount")?,
        status: one(it, "status", status)?,
    })
}

fn event(value: &Value) -> Result<span::Event> {
    let it = object(value)?;
    Ok(span::Event {
        time_unix_nano: number(it, "timeUnixNano")?,
        name: text(it, "name")?,
        attributes: list(it, "attributes", key_value)?,
        dropped_attributes_count: small(it, "droppedAttributesCount")?,
    })
}

fn link(value: &Value) -> Result<span::Link> {
    let it = object(value)?;
    Ok(span::Link {
        trace_id: id(it, "traceId")?,
        span_id: id(it, "spanId")?,
        trace_state: text(it, "traceState")?,
        attributes: list(it, "attributes", key_value)?,
        dropped_attributes_count: small(it, "droppedAttributesCount")?,
        flags: small(it, "flags")?,
    })
}

fn status(value: &Value) -> Result<Status> {
    let it = object(value)?;
    Ok(Status {
        message: text(it, "message")?,
        code: choice(it, "code", &CODES)?,
    })
}

fn key_value(value: &Value) -> Result<KeyValue> {
    let it = object(value)?;
    Ok(KeyValue {
        key: text(it, "key")?,
        value: one(it, "value", any_value)?,
        ..KeyValue::default()
    })
}

/// Recursion is bounded, since the JSON parser limits the depth.
fn any_value(value: &Value) -> Result<AnyValue> {
    use any_value::Value::{
        ArrayValue as Array, BoolValue, BytesValue, DoubleValue, KvlistValue, StringValue,
    };
    let mut found = None;
    for (name, value) in object(value)?.iter().filter(|(_, value)| !value.is_null()) {
        let value = match name.as_str() {
            "stringValue" => string(value).map(|text| StringValue(text.to_owned())),
            "boolValue" => match value {
                Value::Bool(flag) => Ok(BoolValue(*flag)),
                _ => wrong("neither true nor false"),
            },
            "intValue" => whole(value),
            "doubleValue" => double(value).map(DoubleValue),
            "arrayValue" => object(value)
                .and_then(|it| list(it, "values", any_value))
                .map(|values| Array(ArrayValue { values })),
            "kvlistValue" => object(value)
                .and_then(|it| list(it, "values", key_value))
                .map(|values| KvlistValue(KeyValueList { values })),
            "bytesValue" => string(value)
                .and_then(|text| {
                    let bytes = BASE64.decode(text.replace('-', "+").replace('_', "/"));
                    bytes.or_else(|error| wrong(&format!("not base64: {error}")))
                })
                .map(BytesValue),
            _ => continue,
        };
        found = Some(value.map_err(|error| error.at(name))?);
    }
    Ok(AnyValue { value: found })
}

/// Base64 with or without padding at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Names of kinds, by number.
const KINDS: [&str; 6] = [
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
];

/// Names of status codes, by number.
const CODES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

impl NotTraces {
    fn at(self, member: impl std::fmt::Display) -> Self {
        // The innermost part comes first.
        match self.0.split_once(": ") {
            Some((path, what)) if !path.contains(' ') => Self(format!("{member}.{path}: {what}")),
            _ => Self(format!("{member}: {}", self.0)),
        }
    }
}

fn wrong<T>(what: &str) -> Result<T> {
    Err(NotTraces(what.to_owned()))
}

fn object(value: &Value) -> Result<&Object> {
    match value {
        Value::Object(object) => Ok(object),
        _ => wrong("not an object"),
    }
}

/// Returns the value of a member; `null` counts as missing.
fn member<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| !value.is_null())
}

fn one<T>(object: &Object, name: &str, read: fn(&Value) -> Result<T>) -> Result<Option<T>> {
    let value = member(object, name).map(read).transpose();
    value.map_err(|error| error.at(name))
}

fn list<T>(object: &Object, name: &str, read: fn(&Value) -> Result<T>) -> Result<Vec<T>> {
    match member(object, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) => {
            let values = values.iter().enumerate();
            let read = |(index, value)| {
                read(value).map_err(|error| error.at(format_args!("{name}[{index}]")))
            };
            values.map(read).collect()
        }
        Some(_) => wrong("not a list").map_err(|error: NotTraces| error.at(name)),
    }
}

/// Returns the value of a member, read by `read`, or the default if it is missing.
fn of<T: Default>(object: &Object, name: &str, read: impl Fn(&Value) -> Result<T>) -> Result<T> {
    match member(object, name).map(read) {
        None => Ok(T::default()),
        Some(result) => result.map_err(|error| error.at(name)),
    }
}

fn text(object: &Object, name: &str) -> Result<String> {
    of(object, name, |value| string(value).map(str::to_owned))
}

fn string(value: &Value) -> Result<&str> {
    value.as_str().map_or_else(|| wrong("not text"), Ok)
}

fn id(object: &Object, name: &str) -> Result<Vec<u8>> {
    of(object, name, |value| {
        let digits = string(value)?.as_bytes();
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let bytes = digits.chunks(2).map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
            _ => None,
        });
        let bytes: Option<Vec<u8>> = bytes.collect();
        bytes.map_or_else(|| wrong("not hexadecimal digits"), Ok)
    })
}

fn number(object: &Object, name: &str) -> Result<u64> {
    of(object, name, |value| {
        let number = match value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map_or_else(|| wrong("not an integer"), Ok)
    })
}

fn small(object: &Object, name: &str) -> Result<u32> {
    Ok(u32::try_from(number(object, name)?).unwrap_or(u32::MAX))
}

/// Returns an integer, or a double if it does not fit into 64 bits: numbers such as `1e300` count
/// as integers for the JavaScript SDK.
fn whole(value: &Value) -> Result<any_value::Value> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    if let Some(number) = number {
        return Ok(any_value::Value::IntValue(number));
    }
    match double(value) {
        Ok(number) if number.is_finite() && number.fract() == 0.0 => {
            Ok(any_value::Value::DoubleValue(number))
        }
        _ => wrong("not an integer"),
    }
}

fn double(value: &Value) -> Result<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        // This includes `NaN` and `Infinity`.
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.map_or_else(|| wrong("not a number"), Ok)
}

/// Returns the number of an enum value that is given as its number or its name; 0 for unknown
/// names.
fn choice(object: &Object, name: &str, names: &[&str]) -> Result<i32> {
    of(object, name, |value| {
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok().or_else(|| {
                let place = names.iter().position(|name| name == text);
                i64::try_from(place.unwrap_or_default()).ok()
            }),
            _ => None,
        };
        let number = number.and_then(|number| i32::try_from(number).ok());
        number.map_or_else(|| wrong("neither a number nor a name"), Ok)
    })
}
