//! For all spans, the encoders produce exactly the output of `opentelemetry-proto`.

use std::time::{Duration, SystemTime};

use lamplight_export::{OtlpEncoder, encode_json};
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanLinks},
};
use proptest::{collection::vec, prelude::*};
use prost::Message;

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        ".{0,40}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        vec(any::<bool>(), 0..4).prop_map(|v| Value::Array(Array::Bool(v))),
        vec(any::<i64>(), 0..4).prop_map(|v| Value::Array(Array::I64(v))),
        vec(any::<f64>(), 0..4).prop_map(|v| Value::Array(Array::F64(v))),
        vec(".{0,20}".prop_map(StringValue::from), 0..4)
            .prop_map(|v| Value::Array(Array::String(v))),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec(
        ("[a-z.]{0,200}", value()).prop_map(|(k, v)| KeyValue::new(k, v)),
        0..6,
    )
}

fn trace_state() -> impl Strategy<Value = TraceState> {
    vec(("[a-z]{1,5}", "[a-z0-9]{1,9}"), 0..3)
        .prop_map(|pairs| TraceState::from_key_value(pairs).unwrap_or_default())
}

fn span_context() -> impl Strategy<Value = SpanContext> {
    (
        any::<u128>(),
        any::<u64>(),
        any::<u8>(),
        any::<bool>(),
        trace_state(),
    )
        .prop_map(|(trace, span, flags, remote, state)| {
            let (trace, span) = (TraceId::from(trace), SpanId::from(span));
            SpanContext::new(trace, span, TraceFlags::new(flags), remote, state)
        })
}

fn time() -> impl Strategy<Value = SystemTime> {
    prop_oneof![
        Just(SystemTime::UNIX_EPOCH),
        Just(SystemTime::UNIX_EPOCH - Duration::from_secs(5)),
        (0u64..4_000_000_000, 0u32..1_000_000_000)
            .prop_map(|(s, n)| SystemTime::UNIX_EPOCH + Duration::new(s, n)),
    ]
}

fn events() -> impl Strategy<Value = SpanEvents> {
    let event = (".{0,20}", time(), attributes(), any::<u8>()).prop_map(
        |(name, at, attributes, dropped)| Event::new(name, at, attributes, dropped.into()),
    );
    (vec(event, 0..3), any::<u32>()).prop_map(|(events, dropped)| {
        let mut all = SpanEvents::default();
        (all.events, all.dropped_count) = (events, dropped);
        all
    })
}

fn links() -> impl Strategy<Value = SpanLinks> {
    let link = (span_context(), attributes(), any::<u8>())
        .prop_map(|(context, attributes, dropped)| Link::new(context, attributes, dropped.into()));
    (vec(link, 0..3), any::<u32>()).prop_map(|(links, dropped)| {
        let mut all = SpanLinks::default();
        (all.links, all.dropped_count) = (links, dropped);
        all
    })
}

fn scope() -> impl Strategy<Value = InstrumentationScope> {
    let schema = proptest::option::of("https://[a-z]{1,9}/1.0.0");
    let version = proptest::option::of("[0-9.]{0,5}");
    ("[ab]{0,1}", version, schema, attributes()).prop_map(|(name, version, schema, attributes)| {
        let mut builder = InstrumentationScope::builder(name).with_attributes(attributes);
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        if let Some(schema) = schema {
            builder = builder.with_schema_url(schema);
        }
        builder.build()
    })
}

fn kind() -> impl Strategy<Value = SpanKind> {
    prop_oneof![
        Just(SpanKind::Internal),
        Just(SpanKind::Server),
        Just(SpanKind::Client),
        Just(SpanKind::Producer),
        Just(SpanKind::Consumer),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        ".{0,20}".prop_map(Status::error)
    ]
}

prop_compose! {
    fn span()(
        span_context in span_context(),
        parent in prop_oneof![Just(0u64), any::<u64>()],
        parent_span_is_remote in any::<bool>(),
        span_kind in kind(),
        name in ".{0,30}",
        times in (time(), time()),
        attributes in attributes(),
        dropped_attributes_count in prop_oneof![Just(0u32), any::<u32>()],
        events in events(),
        links in links(),
        status in status(),
        instrumentation_scope in scope(),
    ) -> SpanData {
        SpanData {
            span_context,
            parent_span_id: SpanId::from(parent),
            parent_span_is_remote,
            span_kind,
            name: name.into(),
            start_time: times.0,
            end_time: times.1,
            attributes,
            dropped_attributes_count,
            events,
            links,
            status,
            instrumentation_scope,
        }
    }
}

/// Scopes repeat within a real batch, and grouping is what could go wrong.
fn batch() -> impl Strategy<Value = Vec<SpanData>> {
    (vec(span(), 1..6), vec(any::<prop::sample::Index>(), 0..8)).prop_map(|(mut spans, repeats)| {
        for index in repeats {
            let again = index.get(&spans).clone();
            spans.push(again);
        }
        spans
    })
}

fn resource() -> impl Strategy<Value = Resource> {
    (
        attributes(),
        proptest::option::of("https://[a-z]{1,9}/1.0.0"),
    )
        .prop_map(|(kvs, schema)| match schema {
            Some(schema) => Resource::builder_empty()
                .with_schema_url(kvs, schema)
                .build(),
            None => Resource::builder_empty().with_attributes(kvs).build(),
        })
}

fn oracle(resource: &Resource, spans: Vec<SpanData>) -> ExportTraceServiceRequest {
    let resource = ResourceAttributesWithSchema::from(resource);
    let resource_spans = group_spans_by_resource_and_scope(spans, &resource);
    ExportTraceServiceRequest { resource_spans }
}

proptest! {
    #[test]
    fn protobuf_is_byte_identical_to_prost(resource in resource(), spans in batch()) {
        let encoded = OtlpEncoder::new(&resource).encode(&spans);
        let expected = oracle(&resource, spans).encode_to_vec();
        prop_assert_eq!(encoded, expected);
    }

    #[test]
    fn json_reads_back_as_the_same_request(resource in resource(), spans in batch()) {
        let line = encode_json(&resource, &spans);
        prop_assert!(!line.contains('\n'));
        let read: ExportTraceServiceRequest = serde_json::from_str(&line).unwrap();
        // Compared as bytes: a NaN is not equal to itself.
        prop_assert_eq!(read.encode_to_vec(), oracle(&resource, spans).encode_to_vec());
    }
}
