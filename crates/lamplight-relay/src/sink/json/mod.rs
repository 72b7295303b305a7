//! OTLP/JSON of encoded requests:
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>.
//!
//! Ids are hexadecimal, 64-bit integers are strings, enums are numbers, and empty fields are
//! omitted. Requests are not decoded into objects: a table for each message names its fields.

mod schema;

use base64::{Engine, engine::general_purpose::STANDARD};
use lamplight_otlp::{Fields, Value, trace::MAX_VALUE_DEPTH};

use self::schema::{Kind, Schema};
use super::request::{Body, Request, Signal};

/// Maximum depth of messages; deeper ones are written as `null`. Every message that was accepted on
/// reading is within it: the value of an attribute of a span event is the sixth message, and each
/// nested map adds three.
const MAX_DEPTH: usize = 6 + 3 * (MAX_VALUE_DEPTH as usize - 1);

/// The error for data that is not valid OTLP.
#[derive(Debug)]
pub(super) struct NoOtlp;

impl std::fmt::Display for NoOtlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("these bytes are not an OTLP request")
    }
}

/// Returns a request in OTLP/JSON, without line breaks.
///
/// # Errors
///
/// Returns an error if the request is malformed.
pub(super) fn of_request(signal: Signal, message: &[u8]) -> Result<String, NoOtlp> {
    let schema = match signal {
        Signal::Traces => &schema::TRACES,
        Signal::Metrics => &schema::METRICS,
    };
    // Keys and digits roughly double the size.
    let mut json = String::with_capacity(message.len() * 2);
    object(&mut json, schema, message, 0)?;
    Ok(json)
}

/// Returns the messages of a request, one line each.
///
/// # Errors
///
/// Returns an error if a message is malformed.
pub(super) fn lines(request: &Request) -> Result<String, NoOtlp> {
    match &request.body {
        Body::Merged(message) => Ok(of_request(request.signal, message)? + "\n"),
        Body::ByTrace(traces) => {
            let mut lines = String::new();
            for trace in traces {
                lines.push_str(&of_request(request.signal, &trace.message)?);
                lines.push('\n');
            }
            Ok(lines)
        }
    }
}

fn object(
    json: &mut String,
    schema: &'static Schema,
    message: &[u8],
    depth: usize,
) -> Result<(), NoOtlp> {
    if depth > MAX_DEPTH {
        json.push_str("null");
        return Ok(());
    }
    let fields: Vec<_> = Fields::new(message)
        .collect::<Result<_, _>>()
        .map_err(|_| NoOtlp)?;
    // Of the fields of a `oneof`, the last one wins.
    let is_known = |number: u64| schema.members.iter().any(|known| known.number == number);
    let mut known = fields.iter().rev().filter(|(number, _)| is_known(*number));
    let chosen = known.next().map(|(number, _)| *number);
    json.push('{');
    let mut is_first = true;
    for member in schema.members {
        if schema.is_choice && chosen != Some(member.number) {
            continue;
        }
        let of_number = fields.iter().filter(|(number, _)| *number == member.number);
        let values: Vec<Value<'_>> = of_number.map(|(_, value)| *value).collect();
        let Some(last) = values.last() else { continue };
        if !std::mem::take(&mut is_first) {
            json.push(',');
        }
        json.extend(["\"", member.name, "\":"]);
        if !member.is_repeated {
            value(json, member.kind, *last, depth)?;
            continue;
        }
        json.push('[');
        let mut count = 0;
        for element in values {
            for element in unpacked(member.kind, element)? {
                if count > 0 {
                    json.push(',');
                }
                count += 1;
                value(json, member.kind, element, depth)?;
            }
        }
        json.push(']');
    }
    json.push('}');
    Ok(())
}

/// Returns the elements of a field; a packed field of numbers has several.
fn unpacked(kind: Kind, value: Value<'_>) -> Result<Vec<Value<'_>>, NoOtlp> {
    let Value::Bytes(packed) = value else {
        return Ok(vec![value]);
    };
    match kind {
        Kind::Fixed | Kind::Double => {
            let (numbers, rest) = packed.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(NoOtlp);
            }
            let number = |bytes: &[u8; 8]| Value::Fixed64(u64::from_le_bytes(*bytes));
            Ok(numbers.iter().map(number).collect())
        }
        Kind::Integer => varints(packed),
        _ => Ok(vec![value]),
    }
}

fn varints(packed: &[u8]) -> Result<Vec<Value<'_>>, NoOtlp> {
    let (mut numbers, mut number, mut shift) = (Vec::new(), 0_u64, 0);
    for byte in packed {
        if shift > 63 {
            return Err(NoOtlp);
        }
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            numbers.push(Value::Varint(number));
            (number, shift) = (0, 0);
        }
    }
    match shift {
        0 => Ok(numbers),
        _ => Err(NoOtlp),
    }
}

fn value(json: &mut String, kind: Kind, value: Value<'_>, depth: usize) -> Result<(), NoOtlp> {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = match (kind, value) {
        (Kind::Message(schema), Value::Bytes(message)) => {
            return object(json, schema(), message, depth + 1);
        }
        (Kind::Text, Value::Bytes(text)) => {
            let text = serde_json::Value::from(String::from_utf8_lossy(text));
            write!(json, "{text}")
        }
        (Kind::Id, Value::Bytes(id)) => {
            json.push('"');
            id.iter().for_each(|byte| {
                let _ = write!(json, "{byte:02x}");
            });
            json.push('"');
            Ok(())
        }
        (Kind::Bytes, Value::Bytes(bytes)) => write!(json, "\"{}\"", STANDARD.encode(bytes)),
        (Kind::Number, Value::Varint(number)) => write!(json, "{}", number as u32),
        (Kind::Enum, Value::Varint(number)) => write!(json, "{}", number as i32),
        (Kind::Signed, Value::Varint(number)) => {
            // `sint32` is ZigZag encoded.
            write!(json, "{}", (number >> 1) as i64 ^ -((number & 1) as i64))
        }
        (Kind::Number, Value::Fixed32(number)) => write!(json, "{number}"),
        (Kind::Bool, Value::Varint(number)) => write!(json, "{}", number != 0),
        (Kind::Integer, Value::Varint(number)) => write!(json, "\"{}\"", number as i64),
        (Kind::Fixed, Value::Fixed64(number)) => write!(json, "\"{number}\""),
        (Kind::SignedFixed, Value::Fixed64(number)) => write!(json, "\"{}\"", number as i64),
        (Kind::Double, Value::Fixed64(bits)) => double(json, f64::from_bits(bits)),
        _ => return Err(NoOtlp),
    };
    Ok(())
}

fn double(json: &mut String, number: f64) -> std::fmt::Result {
    use std::fmt::Write as _;
    match number {
        number if number.is_nan() => write!(json, "\"NaN\""),
        f64::INFINITY => write!(json, "\"Infinity\""),
        f64::NEG_INFINITY => write!(json, "\"-Infinity\""),
        number => write!(json, "{}", serde_json::Value::from(number)),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{
            AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value,
        },
        trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span},
    };
    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    fn any_value(value: any_value::Value) -> Option<AnyValue> {
        Some(AnyValue { value: Some(value) })
    }

    fn request() -> ExportTraceServiceRequest {
        let attribute = |key: &str, value| KeyValue {
            key: key.to_owned(),
            value: any_value(value),
            ..KeyValue::default()
        };
        let array = any_value::Value::ArrayValue(ArrayValue {
            values: any_value(any_value::Value::IntValue(-7))
                .into_iter()
                .collect(),
        });
        let span = Span {
            trace_id: vec![0xab; 16],
            span_id: vec![1; 8],
            name: "GET \"/\"\n".to_owned(),
            kind: 2,
            start_time_unix_nano: u64::MAX,
            flags: 0x101,
            attributes: vec![
                attribute("s", any_value::Value::StringValue("größer".to_owned())),
                attribute("d", any_value::Value::DoubleValue(0.5)),
                attribute("b", any_value::Value::BoolValue(true)),
                attribute("a", array),
                attribute("x", any_value::Value::BytesValue(vec![0xff; 5])),
            ],
            events: vec![span::Event {
                name: "e".to_owned(),
                ..span::Event::default()
            }],
            status: Some(Status {
                code: 2,
                message: "no".to_owned(),
            }),
            ..Span::default()
        };
        let scope = ScopeSpans {
            scope: Some(InstrumentationScope {
                name: "t".to_owned(),
                ..InstrumentationScope::default()
            }),
            spans: vec![span.clone(), span],
            ..ScopeSpans::default()
        };
        ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                scope_spans: vec![scope],
                ..ResourceSpans::default()
            }],
        }
    }

    #[test]
    fn a_request_reads_back_as_it_was() {
        let request = request();
        let json = of_request(Signal::Traces, &request.encode_to_vec()).unwrap();
        assert!(
            json.contains(r#""traceId":"abababababababababababababababab""#),
            "{json}"
        );
        assert!(
            json.contains(r#""startTimeUnixNano":"18446744073709551615""#),
            "{json}"
        );
        assert!(!json.contains('\n'), "{json}");
        let back: ExportTraceServiceRequest = serde_json::from_str(&json).unwrap();
        assert_eq!(back, request);
    }

    #[test]
    fn metrics_are_written_too() {
        use opentelemetry_proto::tonic::{
            collector::metrics::v1::ExportMetricsServiceRequest,
            metrics::v1::{
                ExponentialHistogram, ExponentialHistogramDataPoint, Metric, ResourceMetrics,
                ScopeMetrics, exponential_histogram_data_point::Buckets, metric::Data,
            },
        };
        let point = ExponentialHistogramDataPoint {
            count: 2,
            sum: Some(f64::INFINITY),
            scale: -3,
            positive: Some(Buckets {
                offset: 4,
                bucket_counts: vec![1, 300],
            }),
            ..ExponentialHistogramDataPoint::default()
        };
        let histogram = Data::ExponentialHistogram(ExponentialHistogram {
            data_points: vec![point],
            aggregation_temporality: 1,
        });
        let metric = Metric {
            name: "h".to_owned(),
            data: Some(histogram),
            ..Metric::default()
        };
        let request = ExportMetricsServiceRequest {
            resource_metrics: vec![ResourceMetrics {
                scope_metrics: vec![ScopeMetrics {
                    metrics: vec![metric],
                    ..ScopeMetrics::default()
                }],
                ..ResourceMetrics::default()
            }],
        };
        let json = of_request(Signal::Metrics, &request.encode_to_vec()).unwrap();
        let expected = concat!(
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h","#,
            r#""exponentialHistogram":{"dataPoints":[{"count":"2","sum":"Infinity","scale":-3,"#,
            r#""positive":{"offset":4,"bucketCounts":["1","300"]}}],"aggregationTemporality":1}}]}]}]}"#
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn what_is_nested_without_end_ends() {
        let mut value = b"\x18\x01".to_vec();
        for _ in 0..500 {
            for key in [0x0a, 0x2a] {
                let mut wrapped = vec![key];
                let mut length = value.len();
                while length >= 0x80 {
                    wrapped.push((length & 0x7f) as u8 | 0x80);
                    length >>= 7;
                }
                wrapped.push(length as u8);
                wrapped.extend(value);
                value = wrapped;
            }
        }
        let mut json = String::new();
        object(&mut json, schema::any_value(), &value, 0).unwrap();
        assert!(json.contains("null"), "{json}");
    }

    #[test]
    fn what_may_be_nested_is_written_to_its_end() {
        let mut value = any_value(any_value::Value::IntValue(4_711));
        for _ in 1..MAX_VALUE_DEPTH {
            let pair = KeyValue {
                key: "k".to_owned(),
                value,
                ..KeyValue::default()
            };
            let list = KeyValueList { values: vec![pair] };
            value = any_value(any_value::Value::KvlistValue(list));
        }
        let mut request = request();
        let event = &mut request.resource_spans[0].scope_spans[0].spans[0].events[0];
        event.attributes = vec![KeyValue {
            value,
            ..KeyValue::default()
        }];
        let json = of_request(Signal::Traces, &request.encode_to_vec()).unwrap();
        assert!(json.contains("4711") && !json.contains("null"), "{json}");
    }

    fn json_of(value: &[u8]) -> String {
        let mut json = String::new();
        object(&mut json, schema::any_value(), value, 0).unwrap();
        json
    }

    #[test]
    fn of_two_values_in_one_the_last_counts() {
        assert_eq!(json_of(b"\x0a\x01a\x18\x07"), r#"{"intValue":"7"}"#);
        assert_eq!(json_of(b"\x18\x07\x0a\x01a"), r#"{"stringValue":"a"}"#);
    }

    #[test]
    fn a_kind_that_nobody_knows_is_a_number_that_an_enum_can_have() {
        let mut json = String::new();
        let span = b"\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        object(&mut json, schema::span(), span, 0).unwrap();
        assert_eq!(json, r#"{"kind":-1}"#);
    }

    #[test]
    fn entities_of_a_resource_are_written() {
        let mut json = String::new();
        let resource = b"\x1a\x0a\x12\x01t\x1a\x01a\x1a\x02bc";
        object(&mut json, schema::resource(), resource, 0).unwrap();
        assert_eq!(json, r#"{"entityRefs":[{"type":"t","idKeys":["a","bc"]}]}"#);
    }

    proptest! {
        #[test]
        fn whatever_is_given_is_json_or_malformed(
            message in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            for signal in [Signal::Traces, Signal::Metrics] {
                if let Ok(json) = of_request(signal, &message) {
                    let read: Result<serde_json::Value, _> = serde_json::from_str(&json);
                    prop_assert!(read.is_ok(), "{}", json);
                }
            }
        }
    }
}
