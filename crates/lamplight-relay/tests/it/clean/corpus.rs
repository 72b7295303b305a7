//! Requests of all shapes.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{
        AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value,
    },
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, Link},
    },
};
use proptest::{collection::vec, option, prelude::*};

/// The kept trace.
pub(crate) const TRACE: [u8; 16] = [0xa5; 16];

/// Texts, some of which must be masked.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("plain"),
        Just("jan@example.com"),
        Just("4242 4242 4242 4242"),
        Just("née 日本"),
        Just("1732600000000000000"),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.join(" "))
}

/// A card number as a numeric value.
pub(crate) const CARD: i64 = 4_242_424_242_424_242;

/// Numbers, one of which must be masked.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(CARD),
        Just(-CARD),
        Just(CARD - 1),
        Just(1_732_600_000_000_000_000),
        Just(i64::MIN),
        -1_000_000_000..1_000_000_000_i64,
    ]
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::StringValue),
        1 => any::<bool>().prop_map(Value::BoolValue),
        1 => number().prop_map(Value::IntValue),
        1 => (-1e9..1e9).prop_map(Value::DoubleValue),
        1 => number().prop_map(|number| Value::DoubleValue(number as f64)),
        // Among arbitrary bytes, some would be an address by chance.
        1 => vec(0x80..=0xff_u8, 0..40).prop_map(Value::BytesValue),
        1 => text().prop_map(|text| Value::BytesValue(text.into_bytes())),
    ];
    let leaf = option::weighted(0.9, leaf).prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| Value::ArrayValue(ArrayValue { values })),
            vec((text(), inner), 0..4).prop_map(|values| {
                let values = values.iter().map(|(key, value)| pair(key, value.clone()));
                Value::KvlistValue(KeyValueList {
                    values: values.collect(),
                })
            }),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn pair(key: &str, value: AnyValue) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(value),
        ..KeyValue::default()
    }
}

/// Attributes with unique keys.
fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    const KEYS: [&str; 10] = [
        "http.route",
        "secret.a",
        "secret.b",
        "user.password",
        "customer.id",
        "old.name",
        "older.name",
        "new.name",
        "order.number",
        "lamplight.relay.rule",
    ];
    let keys = proptest::sample::subsequence(&KEYS[..], 0..=KEYS.len()).prop_shuffle();
    (keys, vec(value(), KEYS.len())).prop_map(|(keys, values)| {
        let pairs = keys.into_iter().zip(values);
        pairs.map(|(key, value)| pair(key, value)).collect()
    })
}

fn event() -> impl Strategy<Value = Event> {
    let name = prop_oneof![Just("exception".to_owned()), text()];
    (any::<u64>(), name, attributes(), 0..3_u32).prop_map(|(time, name, attributes, dropped)| {
        Event {
            time_unix_nano: time,
            name,
            attributes,
            dropped_attributes_count: dropped,
        }
    })
}

fn link() -> impl Strategy<Value = Link> {
    (attributes(), 0..3_u32).prop_map(|(attributes, dropped)| Link {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        trace_state: "vendor=1".to_owned(),
        attributes,
        dropped_attributes_count: dropped,
        flags: 1,
    })
}

fn status() -> impl Strategy<Value = Option<Status>> {
    option::of((text(), 0..3_i32).prop_map(|(message, code)| Status { message, code }))
}

fn span() -> impl Strategy<Value = Span> {
    const STATES: [&str; 5] = [
        "",
        "ot=th:8",
        "vendor=1",
        "vendor=1,ot=rv:ffffffffffffff",
        "ot=p:1",
    ];
    let ids = (0..4_u8, 0..6_u8, proptest::sample::select(&STATES[..]));
    let rest = (
        vec(event(), 0..3),
        vec(link(), 0..2),
        status(),
        any::<u32>(),
    );
    let counts = (0..3_u32, 0..3_u32, 0..3_u32);
    (ids, text(), attributes(), rest, counts).prop_map(
        |((trace, id, state), name, attributes, (events, links, status, flags), counts)| Span {
            // One in four belongs to another trace.
            trace_id: if trace == 0 {
                vec![9; 16]
            } else {
                TRACE.to_vec()
            },
            span_id: if id == 0 { Vec::new() } else { vec![id; 8] },
            trace_state: state.to_owned(),
            parent_span_id: vec![7; 8],
            flags,
            name,
            kind: 2,
            start_time_unix_nano: 1_732_600_000_000_000_000,
            end_time_unix_nano: 1_732_600_000_100_000_000,
            attributes,
            dropped_attributes_count: counts.0,
            events,
            dropped_events_count: counts.1,
            links,
            dropped_links_count: counts.2,
            status,
        },
    )
}

fn scope_spans() -> impl Strategy<Value = ScopeSpans> {
    let scope = (0..2_u8, attributes()).prop_map(|(version, attributes)| InstrumentationScope {
        name: "scope".to_owned(),
        version: version.to_string(),
        // Mostly equal.
        attributes: if version == 0 { Vec::new() } else { attributes },
        dropped_attributes_count: 0,
    });
    let schema = prop_oneof![Just(String::new()), Just("https://schema/1".to_owned())];
    (option::of(scope), vec(span(), 0..4), schema).prop_map(|(scope, spans, schema_url)| {
        ScopeSpans {
            scope,
            spans,
            schema_url,
        }
    })
}

fn resource_spans() -> impl Strategy<Value = ResourceSpans> {
    let resource = (0..3_u8, attributes()).prop_map(|(which, attributes)| Resource {
        attributes: if which == 0 { Vec::new() } else { attributes },
        dropped_attributes_count: 0,
        ..Resource::default()
    });
    let schema = prop_oneof![Just(String::new()), Just("https://schema/1".to_owned())];
    (option::of(resource), vec(scope_spans(), 0..3), schema).prop_map(
        |(resource, scope_spans, schema_url)| ResourceSpans {
            resource,
            scope_spans,
            schema_url,
        },
    )
}

/// The payloads of a trace's records.
pub(crate) fn payloads() -> impl Strategy<Value = Vec<ExportTraceServiceRequest>> {
    let payload = vec(resource_spans(), 0..3)
        .prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans });
    vec(payload, 1..3)
}

/// A span with an id and a name, for tests of a single aspect.
pub(crate) fn plain(id: u8, name: &str) -> Span {
    Span {
        trace_id: TRACE.to_vec(),
        span_id: vec![id; 8],
        name: name.to_owned(),
        ..Span::default()
    }
}

/// An attribute with a string value.
pub(crate) fn attribute(key: &str, text: &str) -> KeyValue {
    let value = Some(Value::StringValue(text.to_owned()));
    pair(key, AnyValue { value })
}

/// A request of spans of one scope.
pub(crate) fn request_of(spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![attribute("service.name", "orders")],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "scope".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                schema_url: String::new(),
            }],
            schema_url: "https://schema/1".to_owned(),
        }],
    }
}
