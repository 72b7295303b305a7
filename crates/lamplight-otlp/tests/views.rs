//! The views of requests, against the messages that prost writes.

#![allow(clippy::unwrap_used)]

use lamplight_otlp::{
    Fields,
    trace::{AnyValue, Attribute, ResourceSpans, ScopeSpans, Span, visit},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{
        AnyValue as Any, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
    },
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans as ResourceMessage, ScopeSpans as ScopeMessage, Span as Message, Status,
        span::{Event, Link},
    },
};
use proptest::{collection::vec, option, prelude::*};
use prost::Message as _;

fn value() -> impl Strategy<Value = Any> {
    let leaf = prop_oneof![
        ".{0,12}".prop_map(Value::StringValue),
        any::<bool>().prop_map(Value::BoolValue),
        any::<i64>().prop_map(Value::IntValue),
        any::<i32>().prop_map(|number| Value::DoubleValue(number.into())),
        vec(any::<u8>(), 0..200).prop_map(Value::BytesValue),
    ];
    let leaf = option::of(leaf).prop_map(|value| Any { value });
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Value::ArrayValue(ArrayValue { values })),
            vec(pair(inner), 0..4).prop_map(|values| Value::KvlistValue(KeyValueList { values })),
        ]
        .prop_map(|value| Any { value: Some(value) })
    })
}

fn pair(value: impl Strategy<Value = Any>) -> impl Strategy<Value = KeyValue> {
    (".{0,12}", option::of(value)).prop_map(|(key, value)| KeyValue {
        key,
        value,
        ..KeyValue::default()
    })
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec(pair(value()), 0..4)
}

fn span() -> impl Strategy<Value = Message> {
    let ids = (
        vec(any::<u8>(), 16),
        vec(any::<u8>(), 8),
        prop_oneof![Just(Vec::new()), vec(any::<u8>(), 8)],
    );
    let numbers = (
        0..6_i32,
        any::<u64>(),
        any::<u64>(),
        any::<u32>(),
        any::<[u32; 3]>(),
    );
    let status =
        option::of((".{0,12}", 0..3_i32).prop_map(|(message, code)| Status { message, code }));
    let events = (any::<u64>(), ".{0,9}", attributes(), any::<u32>());
    let events = vec(
        events.prop_map(
            |(time_unix_nano, name, attributes, dropped_attributes_count)| Event {
                time_unix_nano,
                name,
                attributes,
                dropped_attributes_count,
            },
        ),
        0..3,
    );
    let links = vec(
        attributes().prop_map(|attributes| Link {
            trace_id: vec![1; 16],
            attributes,
            ..Link::default()
        }),
        0..2,
    );
    let texts = (".{0,200}", ".{0,12}");
    (ids, texts, numbers, attributes(), events, links, status).prop_map(
        |(ids, texts, numbers, attributes, events, links, status)| Message {
            trace_id: ids.0,
            span_id: ids.1,
            parent_span_id: ids.2,
            trace_state: texts.1,
            name: texts.0,
            kind: numbers.0,
            start_time_unix_nano: numbers.1,
            end_time_unix_nano: numbers.2,
            flags: numbers.3,
            attributes,
            dropped_attributes_count: numbers.4[0],
            events,
            dropped_events_count: numbers.4[1],
            links,
            dropped_links_count: numbers.4[2],
            status,
        },
    )
}

fn request() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scope = (
        attributes(),
        vec(span(), 0..3),
        ".{0,9}",
        option::of(".{0,9}"),
    );
    let scope = scope.prop_map(|(attributes, spans, schema_url, name)| ScopeMessage {
        scope: name.map(|name| InstrumentationScope {
            name,
            attributes,
            ..InstrumentationScope::default()
        }),
        spans,
        schema_url,
    });
    let resource = (option::of(attributes()), vec(scope, 0..3), ".{0,9}");
    let resource = resource.prop_map(|(attributes, scope_spans, schema_url)| ResourceMessage {
        resource: attributes.map(|attributes| Resource {
            attributes,
            ..Resource::default()
        }),
        scope_spans,
        schema_url,
    });
    vec(resource, 0..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

/// Compares the view of a value with the value.
fn same_value(view: AnyValue<'_>, value: &Option<Any>) -> bool {
    match (view, value.as_ref().and_then(|value| value.value.as_ref())) {
        (AnyValue::Empty, None) => true,
        (AnyValue::String(view), Some(Value::StringValue(text))) => view == text.as_bytes(),
        (AnyValue::Bool(view), Some(Value::BoolValue(bool))) => view == *bool,
        (AnyValue::Int(view), Some(Value::IntValue(int))) => view == *int,
        (AnyValue::Double(view), Some(Value::DoubleValue(double))) => view == *double,
        (AnyValue::Bytes(view), Some(Value::BytesValue(bytes))) => view == bytes,
        (AnyValue::Array(view), Some(Value::ArrayValue(array))) => view == array.encode_to_vec(),
        (AnyValue::KeyValueList(view), Some(Value::KvlistValue(list))) => {
            view == list.encode_to_vec()
        }
        _ => false,
    }
}

fn same_attributes<'a>(views: impl Iterator<Item = Attribute<'a>>, pairs: &[KeyValue]) -> bool {
    let views: Vec<_> = views.collect();
    views.len() == pairs.len()
        && views.iter().zip(pairs).all(|(view, pair)| {
            view.key == pair.key.as_bytes() && same_value(view.value, &pair.value)
        })
}

fn same_span(view: &Span<'_>, span: &Message) -> bool {
    let status = span.status.clone().unwrap_or_default();
    view.trace_id == span.trace_id
        && view.span_id == span.span_id
        && view.parent_span_id == span.parent_span_id
        && view.trace_state == span.trace_state.as_bytes()
        && view.name == span.name.as_bytes()
        && view.kind == span.kind as u64
        && (view.start, view.end) == (span.start_time_unix_nano, span.end_time_unix_nano)
        && view.flags == span.flags
        && view.status_code == status.code as u64
        && view.status_message == status.message.as_bytes()
        && same_attributes(view.attributes().map(Result::unwrap), &span.attributes)
}

proptest! {
    #[test]
    fn every_view_reads_what_prost_wrote(request in request()) {
        let bytes = request.encode_to_vec();
        let mut spans = request.resource_spans.iter().flat_map(|resource| {
            let scopes = resource.scope_spans.iter();
            scopes.flat_map(move |scope| scope.spans.iter().map(move |span| (resource, scope, span)))
        });
        visit(&bytes, |place, view| {
            let (resource, scope, span) = spans.next().unwrap();
            let pairs = resource.resource.as_ref().map(|resource| &*resource.attributes);
            let views = place.resource.attributes().map(Result::unwrap);
            assert!(same_attributes(views, pairs.unwrap_or_default()));
            assert_eq!(place.resource.schema_url, resource.schema_url.as_bytes());
            assert_eq!(place.scope.schema_url, scope.schema_url.as_bytes());
            assert_eq!(place.scope.scope, scope.scope.clone().unwrap_or_default().encode_to_vec());
            assert!(same_span(view, span));
        })
        .unwrap();
        prop_assert!(spans.next().is_none());
    }

    #[test]
    fn the_check_accepts_whatever_prost_writes(request in request()) {
        for resource in ResourceSpans::of(&request.encode_to_vec()) {
            let resource = resource.unwrap();
            prop_assert!(resource.check().is_ok());
            for scope in resource.scope_spans() {
                let scope = scope.unwrap();
                prop_assert!(scope.check().is_ok());
                prop_assert!(scope.spans().all(|span| span.unwrap().check().is_ok()));
            }
        }
    }

    /// A span that is accepted is one that a receiver decodes: whatever was done to its bytes.
    #[test]
    fn what_the_check_accepts_is_decoded_by_prost(
        span in span(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        end in option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = span.encode_to_vec();
        if bytes.is_empty() {
            return Ok(());
        }
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        if Span::new(&bytes).is_ok_and(|view| view.check().is_ok()) {
            let decoded = Message::decode(&*bytes);
            prop_assert!(decoded.is_ok(), "{:?}", decoded);
        }
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..300)) {
        let _ = visit(&bytes, |_, span| {
            let _ = (span.check(), span.attributes().count(), span.duration(), span.is_root());
        });
        for check in [
            ResourceSpans::new(&bytes).and_then(|view| view.check()),
            ScopeSpans::new(&bytes).and_then(|view| view.check()),
            Span::new(&bytes).and_then(|view| view.check()),
        ] {
            let _ = check;
        }
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let span = Message {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        name: "abcd".to_owned(),
        ..Message::default()
    };
    let mut bytes = span.encode_to_vec();
    assert!(Span::new(&bytes).unwrap().check().is_ok());
    *bytes.last_mut().unwrap() = 0xff;
    assert!(Span::new(&bytes).unwrap().check().is_err());
}

#[test]
fn values_are_nested_as_deep_as_receivers_read_them() {
    let nested = |depth: usize| {
        let mut value = Any {
            value: Some(Value::BoolValue(true)),
        };
        for _ in 0..depth {
            let array = ArrayValue {
                values: vec![value],
            };
            value = Any {
                value: Some(Value::ArrayValue(array)),
            };
        }
        let pair = KeyValue {
            key: "a".to_owned(),
            value: Some(value),
            ..KeyValue::default()
        };
        let span = Message {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            attributes: vec![pair],
            ..Message::default()
        };
        span.encode_to_vec()
    };
    let (deep, deeper) = (nested(30), nested(31));
    assert!(Span::new(&deep).unwrap().check().is_ok());
    assert!(Message::decode(&*deep).is_ok());
    assert!(Span::new(&deeper).unwrap().check().is_err());
}

#[test]
fn numbers_of_fields_end_where_keys_of_32_bits_do() {
    let key = |number: u64| {
        let (mut key, mut bytes) = (number << 3, Vec::new());
        while key >= 0x80 {
            bytes.push(key as u8 | 0x80);
            key >>= 7;
        }
        bytes.extend([key as u8, 0]);
        bytes
    };
    assert!(Fields::new(&key((1 << 29) - 1)).all(|field| field.is_ok()));
    assert!(Fields::new(&key(1 << 29)).any(|field| field.is_err()));
}
