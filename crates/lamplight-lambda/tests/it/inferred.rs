//! Spans of the managed services an event passed through.
#![cfg(feature = "records-sqs")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::records;
use lamplight_semconv as semconv;
use opentelemetry::trace::{SpanId, SpanKind};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::common::{Function, get};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PRODUCER: &str = "b7ad6b7169203331";

fn function() -> Function {
    Function::with(|builder| builder.with_inferred_spans(true))
}

fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE}-{PRODUCER}-{:02x}", u8::from(sampled))
}

fn millis(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH).unwrap().as_millis()
}

fn ago(seconds: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(seconds)
}

/// ISO 8601, by counting years and months up.
fn iso(time: SystemTime) -> String {
    let millis = millis(time);
    let (mut days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let is_leap = |year: u32| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (mut year, mut month) = (1970, 1);
    loop {
        let length = match month {
            2 if is_leap(year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if days < length {
            break;
        }
        days -= length;
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let day = days + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// An EventBridge event in an SNS notification in an SQS message, each five seconds after the other.
fn chain(sampled: bool) -> Json {
    let event = json!({
        "version": "0", "id": "event-1", "detail-type": "OrderPlaced", "source": "shop",
        "time": iso(ago(15)),
        "detail": {"_otel": {"traceparent": traceparent(sampled)}},
    });
    let notification = json!({
        "Type": "Notification", "MessageId": "notification-1",
        "TopicArn": "arn:aws:sns:eu-west-1:123456789012:placed",
        "Message": event.to_string(), "Timestamp": iso(ago(10)),
    });
    message("message-1", ago(5), &notification.to_string(), None)
}

fn message(id: &str, sent: SystemTime, body: &str, traceparent: Option<&str>) -> Json {
    let attributes = traceparent.map_or_else(
        || json!({}),
        |value| json!({"traceparent": {"stringValue": value, "dataType": "String"}}),
    );
    json!({
        "messageId": id, "body": body,
        "attributes": {"SentTimestamp": millis(sent).to_string()},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "awsRegion": "eu-west-1",
    })
}

async fn echo(event: LambdaEvent<Json>) -> Result<Json, Error> {
    Ok(event.payload)
}

async fn invoke(function: &Function, event: Json) -> Vec<SpanData> {
    function.invoke(&event, service_fn(echo)).await.unwrap();
    function.spans()
}

/// The spans from the outermost on, by following parents; each begins where the one around it ends.
fn waterfall(spans: &[SpanData]) -> Vec<(&str, SpanKind, Option<u64>)> {
    let mut parent = SpanId::from_hex(PRODUCER).unwrap();
    let mut found = Vec::new();
    while let Some(span) = spans.iter().find(|span| span.parent_span_id == parent) {
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
        let took = span.end_time.duration_since(span.start_time).unwrap();
        let is_hop = get(span, semconv::lamplight::inferred::SERVICE).is_some();
        let seconds = is_hop.then(|| (took.as_secs_f64()).round() as u64);
        found.push((&*span.name, span.span_kind.clone(), seconds));
        parent = span.span_context.span_id();
    }
    assert_eq!(found.len(), spans.len(), "{spans:#?}");
    found
}

#[tokio::test]
async fn an_event_in_a_notification_in_a_message_shows_where_it_waited() {
    let function = function();
    let spans = invoke(&function, json!({"Records": [chain(true)]})).await;
    let expected = [
        ("deliver aws.eventbridge", SpanKind::Internal, Some(5)),
        ("deliver placed", SpanKind::Internal, Some(5)),
        ("deliver orders", SpanKind::Internal, Some(5)),
        ("orders", SpanKind::Server, None),
    ];
    assert_eq!(waterfall(&spans), expected);
    let queue = spans.iter().find(|span| span.name == "deliver orders");
    let queue = queue.unwrap();
    let system = get(queue, semconv::messaging::SYSTEM);
    assert_eq!(system, Some("aws_sqs".into()));
    let id = get(queue, semconv::messaging::message::ID);
    assert_eq!(id, Some("message-1".into()));
}

#[tokio::test]
async fn without_the_switch_there_is_none_and_an_unsampled_trace_has_none() {
    let off = Function::new();
    let spans = invoke(&off, json!({"Records": [chain(true)]})).await;
    assert_eq!(spans.len(), 1);
    let on = function();
    assert_eq!(
        invoke(&on, json!({"Records": [chain(false)]})).await.len(),
        0
    );
}

#[tokio::test]
async fn requests_events_notifications_and_streams_have_their_hop() {
    let gateway = |time: Json| {
        let mut context = json!({
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com", "stage": "$default",
            "http": {"method": "GET", "path": "/orders/7", "protocol": "HTTP/1.1"},
        });
        context
            .as_object_mut()
            .unwrap()
            .extend(time.as_object().unwrap().clone());
        json!({
            "version": "2.0", "routeKey": "GET /orders/{id}", "rawPath": "/orders/7",
            "rawQueryString": "", "headers": {"traceparent": traceparent(true)},
            "requestContext": context, "isBase64Encoded": false,
        })
    };
    let carrier = json!({"_otel": {"traceparent": traceparent(true)}});
    // The carrier in base64.
    let data = "eyJfb3RlbCI6eyJ0cmFjZXBhcmVudCI6IjAwLTBhZjc2NTE5MTZjZDQzZGQ4NDQ4ZWIyMTFjODAzMTljLWI3YWQ2YjcxNjkyMDMzMzEtMDEifX0=";
    let arrived = millis(ago(7)) as f64 / 1e3;
    let cases = [
        (
            "GET /orders/{id}",
            gateway(json!({"timeEpoch": millis(ago(7)) as u64})),
        ),
        (
            "GET /orders/{id}",
            gateway(json!({"requestTimeEpoch": millis(ago(7)) as u64})),
        ),
        (
            "deliver aws.eventbridge",
            json!({
                "id": "event-1", "detail-type": "OrderPlaced", "source": "shop",
                "time": iso(ago(7)), "detail": carrier,
            }),
        ),
        (
            "deliver placed",
            json!({"Records": [{
                "EventSource": "aws:sns", "EventVersion": "1.0",
                "Sns": {
                    "Type": "Notification", "MessageId": "n", "Timestamp": iso(ago(7)),
                    "TopicArn": "arn:aws:sns:eu-west-1:123456789012:placed", "Message": "x",
                    "MessageAttributes": {"traceparent": {"Type": "String", "Value": traceparent(true)}},
                },
            }]}),
        ),
        (
            "deliver orders",
            json!({"Records": [{
                "eventSource": "aws:kinesis", "eventID": "shardId-000000000006:1",
                "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
                "kinesis": {"data": data, "approximateArrivalTimestamp": arrived},
            }]}),
        ),
    ];
    for (name, event) in cases {
        let function = function();
        let spans = invoke(&function, event).await;
        let waterfall = waterfall(&spans);
        assert_eq!(waterfall.len(), 2, "{name}");
        assert_eq!(waterfall[0], (name, SpanKind::Internal, Some(7)));
    }
}

/// For any clocks, no span ends before it begins, and none is outside its century.
#[tokio::test]
async fn clocks_that_differ_and_times_that_cannot_be_do_no_harm() {
    let ahead = SystemTime::now() + Duration::from_secs(60);
    let function = function();
    let event = message("m", ahead, "x", Some(&traceparent(true)));
    let spans = invoke(&function, json!({"Records": [event]})).await;
    assert_eq!(
        waterfall(&spans)[0],
        ("deliver orders", SpanKind::Internal, Some(0))
    );

    let more_than_a_year = millis(ago(400 * 86_400)).to_string();
    for absurd in [
        "0",
        "-5",
        "soon",
        "99999999999999999999",
        "253402300799000",
        "",
        &more_than_a_year,
    ] {
        let function = self::function();
        let mut event = message("m", ago(5), "x", Some(&traceparent(true)));
        event["attributes"]["SentTimestamp"] = json!(absurd);
        let spans = invoke(&function, json!({"Records": [event]})).await;
        assert_eq!(spans.len(), 1, "{absurd}");
        assert_eq!(spans[0].parent_span_id.to_string(), PRODUCER);
    }
}

#[tokio::test]
async fn each_record_of_a_batch_hangs_under_its_own_hops() {
    let function = function();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |_: SqsMessage| Ok::<_, String>(());
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let other = "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01";
    let event = json!({"Records": [
        chain(true),
        message("message-2", ago(3), "x", Some(other)),
        message("message-3", ago(3), "x", None),
    ]});
    function.invoke(&event, handler).await.unwrap();
    let spans = function.spans();
    let by_id = |id: &str, kind: SpanKind| {
        let is = |span: &&SpanData| {
            get(span, semconv::messaging::message::ID) == Some(id.to_owned().into())
                && span.span_kind == kind
        };
        spans.iter().find(is)
    };
    for id in ["message-1", "message-2"] {
        let hop = by_id(id, SpanKind::Internal).unwrap();
        let record = by_id(id, SpanKind::Consumer).unwrap();
        assert_eq!(record.parent_span_id, hop.span_context.span_id(), "{id}");
    }
    assert!(
        by_id("message-3", SpanKind::Internal).is_none(),
        "it has no producer"
    );
    let first: Vec<SpanData> = spans
        .iter()
        .filter(|span| span.span_context.trace_id().to_string() == TRACE)
        .cloned()
        .collect();
    assert_eq!(waterfall(&first).len(), 4, "three hops and the record");
}
