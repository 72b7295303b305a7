//! Records as Lamplight writes them: one per trace.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;

/// A record.
#[derive(Debug)]
#[allow(dead_code)]
pub(crate) struct Record {
    pub(crate) trace_id: [u8; 16],
    pub(crate) payload: Vec<u8>,
}

/// Returns a record for each trace.
#[allow(dead_code)]
pub(crate) fn records(traces: u32, spans: u32) -> Vec<Record> {
    (0..traces).map(|number| record(number, spans)).collect()
}

/// Returns a record for each trace, with 3 to 6 spans.
#[allow(dead_code)]
pub(crate) fn mixed(traces: u32) -> Vec<Record> {
    (0..traces)
        .map(|number| record(number, 3 + number % 4))
        .collect()
}

fn record(number: u32, count: u32) -> Record {
    // Distributed like random ids.
    let seed = (u128::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let trace_id = (seed ^ seed >> 61).to_be_bytes();
    let spans = (0..count)
        .map(|index| span(number, index, &trace_id))
        .collect();
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: resource(number),
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "lamplight-lambda".to_owned(),
                    version: "0.1.0".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                schema_url: String::new(),
            }],
            schema_url: "https://opentelemetry.io/schemas/1.37.0".to_owned(),
        }],
    };
    Record {
        trace_id,
        payload: request.encode_to_vec(),
    }
}

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    any(key, Value::StringValue(value.into()))
}

fn int(key: &str, value: i64) -> KeyValue {
    any(key, Value::IntValue(value))
}

fn any(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// The resource of one of twenty functions, which alternate.
fn resource(number: u32) -> Vec<KeyValue> {
    let function = number % 20;
    let name = format!("orders-{function}");
    vec![
        text("cloud.platform", "aws_lambda"),
        text("cloud.provider", "aws"),
        text("cloud.region", "eu-west-1"),
        text(
            "faas.instance",
            format!("2026/03/10/[$LATEST]{function:032x}"),
        ),
        int("faas.max_memory", 256 << 20),
        text("faas.name", &name),
        text("faas.version", "$LATEST"),
        text("service.name", name),
        text("telemetry.distro.name", "lamplight"),
        text("telemetry.sdk.language", "rust"),
        text("telemetry.sdk.name", "opentelemetry"),
        text("telemetry.sdk.version", "0.33.0"),
    ]
}

fn span(number: u32, index: u32, trace_id: &[u8; 16]) -> Span {
    let id = |index: u32| {
        (u64::from(number) << 8 | u64::from(index) | 1 << 60)
            .to_be_bytes()
            .to_vec()
    };
    let start = 1_773_119_783_000_000_000 + u64::from(number) * 1_000_000;
    let failed = number % 100 == 7 && index == 2;
    Span {
        trace_id: trace_id.to_vec(),
        span_id: id(index),
        parent_span_id: if index == 0 {
            Vec::new()
        } else {
            id(index - 1)
        },
        flags: 0x101,
        name: if index == 0 {
            "GET /pets/{id}"
        } else {
            "SQS.SendMessage"
        }
        .to_owned(),
        kind: if index == 0 { 2 } else { 3 },
        start_time_unix_nano: start,
        end_time_unix_nano: start + u64::from(number % 50) * 10_000_000,
        attributes: if index == 0 {
            invocation(number)
        } else {
            call(number, index)
        },
        status: failed.then(|| Status {
            code: 2,
            message: "the queue does not exist".to_owned(),
        }),
        ..Span::default()
    }
}

/// The attributes of an invocation behind an HTTP API: 18.
fn invocation(number: u32) -> Vec<KeyValue> {
    let request = format!("8476a536-e9f4-11e8-9739-{number:012x}");
    let route = if number.is_multiple_of(10) {
        "/orders"
    } else {
        "/pets/{id}"
    };
    vec![
        text(
            "aws.lambda.invoked_arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        ),
        text("client.address", "192.0.2.10"),
        text("cloud.account.id", "123456789012"),
        text(
            "cloud.resource_id",
            "arn:aws:lambda:eu-west-1:123456789012:function:orders",
        ),
        any("faas.coldstart", Value::BoolValue(number % 200 == 3)),
        text("faas.invocation_id", request),
        text("faas.trigger", "http"),
        text(
            "http.request.method",
            if number.is_multiple_of(3) {
                "POST"
            } else {
                "GET"
            },
        ),
        int(
            "http.response.status_code",
            if number % 150 == 9 { 503 } else { 200 },
        ),
        text("http.route", route),
        text("network.protocol.version", "1.1"),
        text("server.address", "api.example.com"),
        int("server.port", 443),
        text("url.path", format!("/pets/{number}")),
        text("url.query", "verbose=1&X-Amz-Signature=REDACTED"),
        text("url.scheme", "https"),
        text(
            "user_agent.original",
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101",
        ),
        int("lamplight.flush.queued", i64::from(number % 7)),
    ]
}

/// The attributes of a call to AWS: 18.
fn call(number: u32, index: u32) -> Vec<KeyValue> {
    let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/mails";
    vec![
        text(
            "aws.request_id",
            format!("b1946ac9-2492-5d23-8dd9-{number:08x}{index:04x}"),
        ),
        text("aws.sqs.queue.url", queue),
        text("cloud.region", "eu-west-1"),
        int("http.request.resend_count", 0),
        int("http.response.status_code", 200),
        text("messaging.destination.name", "mails"),
        text(
            "messaging.message.id",
            format!("5fea7756-0ea4-451a-a703-{number:08x}{index:04x}"),
        ),
        text("messaging.operation.name", "send"),
        text("messaging.operation.type", "send"),
        text("messaging.system", "aws_sqs"),
        text("network.peer.address", "198.51.100.7"),
        int("network.peer.port", 443),
        text("rpc.method", "SQS/SendMessage"),
        text("rpc.system.name", "aws-api"),
        text("server.address", "sqs.eu-west-1.amazonaws.com"),
        int("server.port", 443),
        text("url.full", queue),
        int("messaging.message.body.size", i64::from(number)),
    ]
}
