//! Spans of orders that go through three functions, a bus and a queue.

use lamplight_semconv::{
    aws, cloud, db, error, faas, http, lamplight, messaging, rpc, server, service, telemetry, url,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::Link},
};
use prost::Message;

/// Time of the first order, in nanoseconds since 1970.
pub(crate) const BEGIN: u64 = 1_790_000_000_000_000_000;

/// Time between two orders, in nanoseconds.
pub(crate) const STEP: u64 = 20_000_000;

/// Number of spans per order.
pub(crate) const SPANS: u64 = 10;

/// Number of attributes per span, without those of its resource.
const ATTRIBUTES: usize = 18;

/// Returns the trace of an order.
pub(crate) fn trace(order: u64) -> [u8; 16] {
    id(order, 1)
}

fn id<const N: usize>(order: u64, what: u64) -> [u8; N] {
    let mut state =
        order.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ what.wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mut id = [0; N];
    for byte in &mut id {
        state ^= state >> 29;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9) + 1;
        *byte = (state >> 40) as u8;
    }
    id
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    of(key, Value::StringValue(value.into()))
}

fn of(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// Returns a request with the spans of these orders.
pub(crate) fn request(orders: std::ops::Range<u64>) -> Vec<u8> {
    let mut functions = ["ingress", "egress", "subscriber"].map(|name| (name, Vec::new()));
    for order in orders {
        for (function, span) in spans(order) {
            functions[function].1.push(span);
        }
    }
    let resource_spans = functions.into_iter().map(|(name, spans)| ResourceSpans {
        resource: Some(Resource {
            attributes: vec![
                text(service::NAME, format!("event-broker-{name}")),
                text(service::VERSION, "1.4.2"),
                text(faas::NAME, format!("event-broker-{name}")),
                text(faas::VERSION, "17"),
                of(faas::MAX_MEMORY, Value::IntValue(256 << 20)),
                text(cloud::PROVIDER, "aws"),
                text(cloud::REGION, "eu-west-1"),
                text(telemetry::sdk::LANGUAGE, "rust"),
            ],
            ..Resource::default()
        }),
        scope_spans: vec![ScopeSpans {
            scope: Some(InstrumentationScope {
                name: "lamplight".to_owned(),
                ..InstrumentationScope::default()
            }),
            spans,
            ..ScopeSpans::default()
        }],
        ..ResourceSpans::default()
    });
    let request = ExportTraceServiceRequest {
        resource_spans: resource_spans.collect(),
    };
    request.encode_to_vec()
}

/// Returns the spans of an order, each with its function.
#[allow(deprecated)]
fn spans(order: u64) -> Vec<(usize, Span)> {
    let start = BEGIN + order * STEP;
    let fails = order.is_multiple_of(50);
    let at = |millis: u64, long: u64| {
        (
            start + millis * 1_000_000,
            start + (millis + long) * 1_000_000,
        )
    };
    let span = |number: u64, parent: u64, kind, name: &str, (start, end), own: Vec<KeyValue>| {
        let mut attributes = own;
        let rare = if order == 777 { "rare" } else { "frequent" };
        attributes.extend([
            text("app.shop", format!("shop-{}", order % 200)),
            text("app.order", hex(&id::<6>(order, 99))),
            of(
                "app.price",
                Value::DoubleValue((order % 100_000) as f64 / 100.0),
            ),
            text("app.kind", rare),
        ]);
        for filler in attributes.len()..ATTRIBUTES {
            attributes.push(text(
                &format!("app.detail.{filler}"),
                format!("what is said here {:024}", order % 7),
            ));
        }
        Span {
            trace_id: trace(order).to_vec(),
            span_id: id::<8>(order, number).to_vec(),
            parent_span_id: if parent == 0 {
                Vec::new()
            } else {
                id::<8>(order, parent).to_vec()
            },
            name: name.to_owned(),
            kind,
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            attributes,
            ..Span::default()
        }
    };
    let invocation = |number: u64, trigger: &str| {
        vec![
            text(faas::TRIGGER, trigger),
            text(faas::INVOCATION_ID, hex(&id::<16>(order, number + 100))),
            of(faas::COLDSTART, Value::BoolValue(order.is_multiple_of(100))),
            of(
                lamplight::init::DURATION_MS,
                Value::DoubleValue((order % 300) as f64),
            ),
            text(
                cloud::RESOURCE_ID,
                "arn:aws:lambda:eu-west-1:123456789012:function:event-broker",
            ),
        ]
    };
    let call = |service: &str, method: &str| {
        vec![
            text(rpc::SYSTEM, "aws-api"),
            text(rpc::SERVICE, service),
            text(rpc::METHOD, method),
            text(aws::REQUEST_ID, hex(&id::<16>(order, 200))),
            of(http::response::STATUS_CODE, Value::IntValue(200)),
            text(
                server::ADDRESS,
                format!("{service}.eu-west-1.amazonaws.com").to_lowercase(),
            ),
        ]
    };
    let message = |destination: &str| {
        vec![
            text(messaging::SYSTEM, "aws_sqs"),
            text(messaging::destination::NAME, destination),
            text(messaging::message::ID, hex(&id::<16>(order, 300))),
        ]
    };
    let mut send = call("EventBridge", "PutEvents");
    send.push(text(messaging::SYSTEM, "aws.eventbridge"));
    send.push(text(messaging::destination::NAME, "event-broker"));
    let mut table = call("DynamoDB", "PutItem");
    table.push(text(db::system::NAME, "aws.dynamodb"));
    table.push(text(db::collection::NAME, "orders"));
    let mut invoke = call("Lambda", "Invoke");
    invoke.push(text(faas::INVOKED_NAME, "event-broker-subscriber"));
    let mut http = invocation(1, "http");
    http.push(text(url::PATH, "/orders"));
    let mut record = message("event-broker-orders");
    record.push(text(faas::TRIGGER, "pubsub"));
    record.push(of(
        lamplight::queue::LATENCY_MS,
        Value::DoubleValue((order % 900) as f64),
    ));
    record.push(of(lamplight::RECEIVE_COUNT, Value::IntValue(1)));

    let mut subscriber = span(
        9,
        8,
        2,
        "event-broker-subscriber",
        at(151, 15),
        invocation(9, "other"),
    );
    if fails {
        subscriber.attributes.push(text(error::TYPE, "sold_out"));
        subscriber.status = Some(Status {
            message: "the warehouse has lamps only".to_owned(),
            code: 2,
        });
    }
    let mut batch = span(
        6,
        0,
        2,
        "event-broker-egress",
        at(100, 90),
        invocation(6, "pubsub"),
    );
    batch.trace_id = id::<16>(order, 2).to_vec();
    batch.links = vec![Link {
        trace_id: trace(order).to_vec(),
        span_id: id::<8>(order, 7).to_vec(),
        ..Link::default()
    }];
    let mut delivery = span(7, 5, 5, "process event-broker-orders", at(110, 80), record);
    delivery.links = vec![Link {
        trace_id: batch.trace_id.clone(),
        span_id: batch.span_id.clone(),
        ..Link::default()
    }];
    vec![
        (
            0,
            span(1, 0, 2, "POST /orders", at(0, 40 + order % 60), http),
        ),
        (0, span(2, 1, 1, "check", at(2, 5), Vec::new())),
        (0, span(3, 1, 1, "wrap", at(8, 1), Vec::new())),
        (0, span(4, 1, 3, "DynamoDB.PutItem", at(10, 8), table)),
        (0, span(5, 1, 4, "EventBridge.PutEvents", at(20, 15), send)),
        (1, batch),
        (1, delivery),
        (1, span(8, 7, 3, "Lambda.Invoke", at(130, 50), invoke)),
        (2, subscriber),
        (2, span(10, 9, 1, "light", at(153, 9), Vec::new())),
    ]
}
