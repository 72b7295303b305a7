use std::sync::Arc;

use lamplight_otlp::Malformed;
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value},
    resource::v1,
    trace::v1 as otlp,
};
use proptest::prelude::*;
use prost::Message as _;

use super::{Resource, Scope, Span};
use crate::span::{Kind, SpanId, Status, TraceId, Value};

fn decode(message: &[u8]) -> Result<Span, Malformed> {
    Span::decode(
        message,
        Arc::new(Resource::default()),
        Arc::new(Scope::default()),
    )
}

fn of(value: any_value::Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

fn key_value(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(of(value)),
        ..KeyValue::default()
    }
}

#[test]
fn nothing_of_a_span_is_left_out() {
    let attribute = key_value("a", any_value::Value::IntValue(-1));
    let span = otlp::Span {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "a=b".to_owned(),
        parent_span_id: vec![3; 8],
        flags: 0x101,
        name: "name".to_owned(),
        kind: 5,
        start_time_unix_nano: 6,
        end_time_unix_nano: 7,
        attributes: vec![attribute.clone()],
        dropped_attributes_count: 8,
        events: vec![otlp::span::Event {
            time_unix_nano: 9,
            name: "event".to_owned(),
            attributes: vec![attribute.clone()],
            dropped_attributes_count: 10,
        }],
        dropped_events_count: 11,
        links: vec![otlp::span::Link {
            trace_id: vec![12; 16],
            span_id: vec![13; 8],
            trace_state: "c=d".to_owned(),
            attributes: vec![attribute],
            dropped_attributes_count: 14,
            flags: 15,
        }],
        dropped_links_count: 16,
        status: Some(otlp::Status {
            message: "no".to_owned(),
            code: 2,
        }),
    };
    let span = decode(&span.encode_to_vec()).unwrap();
    assert_eq!(span.trace_id, TraceId([1; 16]));
    assert_eq!(span.span_id, SpanId([2; 8]));
    assert_eq!(span.parent, Some(SpanId([3; 8])));
    assert_eq!((span.trace_state.as_str(), span.flags), ("a=b", 0x101));
    assert_eq!((span.name.as_str(), span.kind), ("name", Kind::Consumer));
    assert_eq!((span.start, span.end), (6, 7));
    assert_eq!(span.attributes.get("a"), Some(&Value::Int(-1)));
    assert_eq!((span.dropped_attributes, span.dropped_events), (8, 11));
    let event = &span.events[0];
    assert_eq!((event.time, event.name.as_str()), (9, "event"));
    assert_eq!(event.attributes.number("a"), Some(-1.0));
    assert_eq!(event.dropped_attributes, 10);
    let link = &span.links[0];
    assert_eq!(link.to.trace, TraceId([12; 16]));
    assert_eq!(link.to.span, SpanId([13; 8]));
    assert_eq!((link.trace_state.as_str(), link.flags), ("c=d", 15));
    assert_eq!(link.attributes.number("a"), Some(-1.0));
    assert_eq!((link.dropped_attributes, span.dropped_links), (14, 16));
    assert_eq!(span.status, Status::Error);
    assert_eq!((span.status_message.as_str(), span.times), ("no", 1));
}

#[test]
fn a_resource_and_a_scope_are_read_with_their_schemas() {
    let resource = v1::Resource {
        attributes: vec![key_value("a", any_value::Value::BoolValue(true))],
        dropped_attributes_count: 1,
        ..v1::Resource::default()
    };
    let resource = Resource::decode(&resource.encode_to_vec(), b"url").unwrap();
    assert_eq!(resource.attributes.flag("a"), Some(true));
    assert_eq!(
        (resource.dropped_attributes, resource.schema_url.as_str()),
        (1, "url")
    );
    let scope = InstrumentationScope {
        name: "name".to_owned(),
        version: "1".to_owned(),
        attributes: vec![key_value("a", any_value::Value::DoubleValue(0.5))],
        dropped_attributes_count: 2,
    };
    let scope = Scope::decode(&scope.encode_to_vec(), b"url").unwrap();
    assert_eq!((scope.name.as_str(), scope.version.as_str()), ("name", "1"));
    assert_eq!(scope.attributes.number("a"), Some(0.5));
    assert_eq!(
        (scope.dropped_attributes, scope.schema_url.as_str()),
        (2, "url")
    );
}

#[test]
fn ids_and_text_that_are_none_do_not_cost_the_span() {
    let span = [
        &b"\x0a\x03abc"[..],
        b"\x12\x02\x01\x02",
        b"\x22\x08\0\0\0\0\0\0\0\0",
        b"\x2a\x03a\xffb",
        b"\x30\x7f",
    ]
    .concat();
    let span = decode(&span).unwrap();
    assert_eq!(span.id(), crate::span::SpanRef::default());
    assert_eq!(span.parent, None);
    assert_eq!(span.name, "a\u{fffd}b");
    assert_eq!(span.kind, Kind::Unspecified);
}

#[test]
fn what_is_nested_too_deep_stays_as_bytes() {
    let mut value = of(any_value::Value::StringValue("deep".to_owned()));
    for _ in 0..80 {
        let values = vec![value];
        value = of(any_value::Value::ArrayValue(ArrayValue { values }));
    }
    let span = otlp::Span {
        attributes: vec![KeyValue {
            key: "a".to_owned(),
            value: Some(value),
            ..KeyValue::default()
        }],
        ..otlp::Span::default()
    };
    let span = decode(&span.encode_to_vec()).unwrap();
    let (mut value, mut depth) = (span.attributes.get("a").unwrap(), 0);
    while let Value::Array(values) = value {
        (value, depth) = (&values[0], depth + 1);
    }
    assert_eq!(depth, 30);
    let Value::Bytes(bytes) = value else {
        panic!("{value:?}");
    };
    assert!(bytes.windows(4).any(|four| four == b"deep"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = Resource::decode(&bytes, &bytes);
        let _ = Scope::decode(&bytes, &bytes);
    }
}

#[test]
fn a_span_that_would_need_many_times_its_size_is_refused() {
    // Empty attributes, two bytes each.
    let attributes = [0x4a, 0].repeat((8 << 20) / 2);
    assert!(decode(&attributes).is_ok());
    let more = [&attributes[..], &[0x4a, 0]].concat();
    assert_eq!(decode(&more), Err(Malformed::default()));
}
