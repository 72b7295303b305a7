//! Requests of arbitrary, closely related spans.

use lamplight_semconv::{db, error, exception, faas, lamplight, messaging, rpc, server, service};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{
        ResourceSpans, ScopeSpans, Span, Status,
        span::{Event, Link},
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    of(key, Value::StringValue(value.to_owned()))
}

pub(super) fn of(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// A request with spans of one function.
pub(super) fn request_of(function: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    // The environment of one function is unknown.
    let instance = (function != "ccc").then(|| text(faas::INSTANCE, "one"));
    let resource = Resource {
        attributes: vec![
            text(service::NAME, function),
            text(faas::NAME, function),
            text(faas::VERSION, &format!("{} of {function}", spans.len() % 2)),
            of(faas::MAX_MEMORY, Value::IntValue(128 << function.len())),
        ]
        .into_iter()
        .chain(instance)
        .collect(),
        ..Resource::default()
    };
    let scope = InstrumentationScope {
        name: "test".to_owned(),
        ..InstrumentationScope::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// One of a few ids, including zeros.
fn id(length: usize) -> impl Strategy<Value = Vec<u8>> {
    (0..5_u8).prop_map(move |number| vec![number; length])
}

/// One of a few times, including some beyond signed numbers.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 1_000_000..1_000_012_u64,
        1 => select(vec![0, 1, 1 << 63, u64::MAX - 1, u64::MAX]),
    ]
}

fn attribute() -> impl Strategy<Value = KeyValue> {
    let texts = vec![
        (faas::TRIGGER, "http"),
        (faas::TRIGGER, "pubsub"),
        (faas::INVOCATION_ID, "one"),
        (error::TYPE, "timeout"),
        (error::TYPE, "sold_out"),
        (messaging::SYSTEM, "aws_sqs"),
        (messaging::SYSTEM, "aws.eventbridge"),
        (messaging::destination::NAME, "orders"),
        (messaging::destination::NAME, "broker"),
        (messaging::message::ID, "m1"),
        (messaging::message::ID, "m2"),
        (faas::document::COLLECTION, "changes"),
        (db::system::NAME, "aws.dynamodb"),
        (db::collection::NAME, "orders"),
        (rpc::system::NAME, "aws-api"),
        (faas::INVOKED_NAME, "bb"),
        (server::ADDRESS, "warehouse"),
        (lamplight::inferred::SERVICE, "SQS"),
        ("app.text", "Sold out é"),
        ("app.text", "5"),
    ];
    let number = -3..30_i64;
    let numeric = select(vec![
        messaging::batch::MESSAGE_COUNT,
        lamplight::batch::FAILED_COUNT,
        lamplight::queue::LATENCY_MS,
        lamplight::init::DURATION_MS,
        lamplight::previous_flush::DURATION_MS,
        lamplight::RECEIVE_COUNT,
        "app.number",
    ]);
    prop_oneof![
        6 => select(texts).prop_map(|(key, value)| text(key, value)),
        1 => any::<bool>().prop_map(|flag| of(faas::COLDSTART, Value::BoolValue(flag))),
        2 => (numeric, number.clone()).prop_map(|(key, it)| of(key, Value::IntValue(it))),
        1 => number.prop_map(|it| of("app.number", Value::DoubleValue(it as f64 / 2.0))),
    ]
}

fn link() -> impl Strategy<Value = Link> {
    (id(16), id(8)).prop_map(|(trace_id, span_id)| Link {
        trace_id,
        span_id,
        ..Link::default()
    })
}

fn event() -> impl Strategy<Value = Event> {
    vec(attribute(), 0..2).prop_map(|mut attributes| {
        attributes.push(text(exception::MESSAGE, "Lamps only"));
        Event {
            name: "exception".to_owned(),
            attributes,
            ..Event::default()
        }
    })
}

fn span() -> impl Strategy<Value = Span> {
    let ids = (id(16), id(8), prop_oneof![id(8), Just(Vec::new())]);
    let times = (time(), prop_oneof![4 => 0..9_u64, 1 => Just(u64::MAX)]);
    let inside = (
        vec(attribute(), 0..8),
        vec(link(), 0..3),
        vec(event(), 0..2),
    );
    (
        ids,
        times,
        0..6_i32,
        select(vec!["work", "POST /orders"]),
        0..3_i32,
        inside,
    )
        .prop_map(
            |((trace_id, span_id, parent_span_id), (start, duration), kind, name, code, inside)| {
                Span {
                    trace_id,
                    span_id,
                    parent_span_id,
                    start_time_unix_nano: start,
                    end_time_unix_nano: start.wrapping_add(duration),
                    kind,
                    name: name.to_owned(),
                    status: Some(Status {
                        code,
                        message: if code == 2 {
                            "No light".to_owned()
                        } else {
                            String::new()
                        },
                    }),
                    attributes: inside.0,
                    links: inside.1,
                    events: inside.2,
                    ..Span::default()
                }
            },
        )
}

/// Requests, some of them twice.
pub(crate) fn requests() -> impl Strategy<Value = Vec<ExportTraceServiceRequest>> {
    let request = (select(vec!["a", "bb", "ccc"]), vec(span(), 0..12))
        .prop_map(|(function, spans)| request_of(function, spans));
    (vec(request, 1..6), any::<proptest::sample::Index>()).prop_map(|(mut requests, again)| {
        let again = requests[again.index(requests.len())].clone();
        requests.push(again);
        requests
    })
}
