//! The span of an event of messages, for those who ask for it: semantic conventions,
//! faas/aws-lambda.md, "SQS Event".
#![cfg(feature = "records-sqs")]

mod endings;
mod samplers;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{AttributeLimitProcessor, Instrumentation, Invocation, records};
use lamplight_propagation::inbound::{EventExtractor, RecordPolicy};
use lamplight_semconv as semconv;
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanId, SpanKind, Status, TraceContextExt},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::common::{ARN, Function, error_type, get, invocation};

/// Trace and span of the senders.
const SENDERS: [[&str; 2]; 2] = [
    ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"],
    ["1af7651916cd43dd8448eb211c80319c", "c7ad6b7169203331"],
];

/// A batch of one or two messages. Those whose id begins with `bad` fail.
fn event(ids: &[&str]) -> Json {
    event_with_flags(ids, "01")
}

fn event_with_flags(ids: &[&str], flags: &str) -> Json {
    let messages = ids.iter().zip(SENDERS).map(|(id, [trace, span])| {
        let traceparent = format!("00-{trace}-{span}-{flags}");
        json!({
            "messageId": id,
            "body": id,
            "attributes": {"SentTimestamp": "1763700000000"},
            "messageAttributes": {
                "traceparent": {"stringValue": traceparent, "dataType": "String"},
            },
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
            "awsRegion": "eu-west-1",
        })
    });
    json!({ "Records": messages.collect::<Vec<_>>() })
}

fn function() -> Function {
    Function::with(|builder| builder.with_event_span(true))
}

fn function_with(policy: RecordPolicy) -> Function {
    let extractor = EventExtractor::new().with_records(policy);
    Function::with(|builder| builder.with_event_span(true).with_extractor(extractor))
}

async fn run(function: &Function, event: &Json) -> Vec<SpanData> {
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |message: SqsMessage| match message.body.as_deref() {
            Some(id) if id.starts_with("bad") => Err("told to fail"),
            _ => Ok(()),
        };
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    function.invoke(event, handler).await.unwrap();
    function.spans()
}

/// The invocation's span, the event's, and the records'.
fn split(spans: &[SpanData]) -> (&SpanData, &SpanData, Vec<&SpanData>) {
    let mut servers = spans.iter().filter(|it| it.span_kind == SpanKind::Server);
    let (server, None) = (servers.next().unwrap(), servers.next()) else {
        panic!("one invocation");
    };
    let id = server.span_context.span_id();
    let (events, records): (Vec<_>, Vec<_>) = spans
        .iter()
        .filter(|it| it.span_kind == SpanKind::Consumer)
        .partition(|it| it.parent_span_id == id);
    let [event] = events.try_into().unwrap();
    (server, event, records)
}

fn links(span: &SpanData) -> Vec<String> {
    let ids = span.links.iter().map(|it| it.span_context.span_id());
    ids.map(|id| id.to_string()).collect()
}

fn has_messaging(span: &SpanData) -> bool {
    let mut keys = span.attributes.iter().map(|it| it.key.as_str());
    keys.any(|key| key.starts_with("messaging."))
}

/// "The span kind for both types of SQS spans SHOULD be `CONSUMER`"; "The parent SHOULD be the `SERVER`
/// span corresponding to the function invocation"; `faas.trigger` MUST be `pubsub`,
/// `messaging.operation.type` MUST be `process`, `messaging.system` MUST be `aws_sqs`. The name is that
/// of the section's example, `process Q`.
#[tokio::test]
async fn an_event_is_a_consumer_below_the_invocation_with_the_attributes_and_links_of_its_messages()
{
    let spans = run(&function(), &event(&["a", "b"])).await;
    let (server, event, records) = split(&spans);
    assert_eq!(server.name, "orders");
    assert_eq!(server.parent_span_id, SpanId::INVALID);
    assert_eq!(get(server, semconv::faas::TRIGGER), Some("pubsub".into()));
    assert_eq!(
        get(server, semconv::aws::lambda::INVOKED_ARN),
        Some(ARN.into())
    );
    assert!(!has_messaging(server));
    assert_eq!(links(server), <[&str; 0]>::default());

    assert_eq!(event.name, "process orders");
    assert!(!event.parent_span_is_remote);
    for (key, value) in [
        (semconv::faas::TRIGGER, "pubsub"),
        (semconv::messaging::operation::TYPE, "process"),
        (semconv::messaging::operation::NAME, "process"),
        (semconv::messaging::SYSTEM, "aws_sqs"),
        (semconv::messaging::destination::NAME, "orders"),
    ] {
        assert_eq!(get(event, key), Some(value.into()), "{key}");
    }
    let count = get(event, semconv::messaging::batch::MESSAGE_COUNT);
    assert_eq!(count, Some(2.into()));
    assert_eq!(get(event, semconv::faas::INVOCATION_ID), None);
    assert_eq!(links(event), SENDERS.map(|[_, span]| span));
    assert!(server.start_time <= event.start_time && event.end_time <= server.end_time);

    // Records continue their own traces, as without it.
    assert_eq!(records.len(), 2);
    let ambient = event.span_context.span_id().to_string();
    for (record, [trace, sender]) in records.iter().zip(SENDERS) {
        assert_eq!(record.span_context.trace_id().to_string(), trace);
        assert_eq!(record.parent_span_id.to_string(), sender);
        assert_eq!(links(record), [ambient.as_str()]);
    }
}

/// "For the SQS message span ... The parent MUST be the `CONSUMER` span corresponding to the SQS event",
/// with a link to where the message comes from.
#[tokio::test]
async fn records_hang_below_the_event_where_they_have_no_trace_of_their_own_to_continue() {
    for ids in [&["a", "b"][..], &["a"]] {
        let spans = run(&function_with(RecordPolicy::Link), &event(ids)).await;
        let (server, event, records) = split(&spans);
        let senders = SENDERS.map(|[_, span]| span);
        assert_eq!(server.parent_span_id, SpanId::INVALID);
        assert_eq!(links(server), <[&str; 0]>::default());
        assert_eq!(links(event), senders[..ids.len()]);
        assert_eq!(records.len(), ids.len());
        for (record, sender) in records.iter().zip(senders) {
            assert_eq!(record.parent_span_id, event.span_context.span_id());
            assert_eq!(links(record), [sender]);
        }
    }
}

#[tokio::test]
async fn a_batch_of_one_is_one_trace() {
    let spans = run(&function(), &event(&["a"])).await;
    let (server, event, records) = split(&spans);
    let [trace, sender] = SENDERS[0];
    assert_eq!(server.parent_span_id.to_string(), sender);
    assert_eq!(event.span_context.trace_id().to_string(), trace);
    assert_eq!(links(event), <[&str; 0]>::default());
    let id = get(event, semconv::messaging::message::ID);
    assert_eq!(id, Some("a".into()));
    assert_eq!(records[0].parent_span_id, event.span_context.span_id());

    let function = function_with(RecordPolicy::ContinueAndLink);
    let spans = run(&function, &self::event(&["a"])).await;
    let (server, event, _) = split(&spans);
    assert_eq!(server.parent_span_id.to_string(), sender);
    assert_eq!(links(event), [sender]);
}

#[tokio::test]
async fn the_event_is_current_in_the_handler_and_the_handle_is_the_invocations() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        let invocation = Invocation::current();
        let current = Context::current().span().span_context().clone();
        assert_ne!(invocation.span_context().unwrap(), current);
        invocation.set_attribute(KeyValue::new("test.invocation", true));
        invocation.add("test.rows", 3);
        let cx = Context::current();
        cx.span().set_attribute(KeyValue::new("test.event", true));
        Ok::<_, Error>(current.span_id().to_string())
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    let spans = function.spans();
    let (server, event, _) = split(&spans);
    assert_eq!(answer.unwrap(), event.span_context.span_id().to_string());
    assert_eq!(get(server, "test.invocation"), Some(true.into()));
    assert_eq!(get(server, "test.rows"), Some(3.into()));
    assert_eq!(get(server, "test.event"), None);
    assert_eq!(get(event, "test.event"), Some(true.into()));
}

/// Spans of `tracing` are below the event, and what is logged outside of them is on it.
#[cfg(feature = "tracing")]
#[tokio::test]
async fn what_tracing_records_is_the_events() {
    use tracing_subscriber::layer::SubscriberExt;
    let function = function();
    let layer = function.instrumentation.tracing_layer();
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        tracing::info!("looked up");
        tracing::info_span!("work").in_scope(|| ());
        Ok::<_, Error>(())
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap();
    let spans = function.spans();
    let (server, event, _) = split(&spans);
    let work = spans.iter().find(|span| span.name == "work").unwrap();
    assert_eq!(work.parent_span_id, event.span_context.span_id());
    assert_eq!((event.events.len(), server.events.len()), (1, 0));
}

/// Redelivered records are counted on the event's span, and a batch of failures fails both spans.
#[tokio::test]
async fn failed_records_are_counted_on_the_event() {
    for (ids, failed) in [
        (["a", "bad"], None),
        (["bad-1", "bad-2"], Some("batch_item_failure")),
    ] {
        let spans = run(&function(), &event(&ids)).await;
        let (server, event, _) = split(&spans);
        let count = ids.iter().filter(|id| id.starts_with("bad")).count() as i64;
        let key = semconv::lamplight::batch::FAILED_COUNT;
        assert_eq!(get(event, key), Some(count.into()));
        assert_eq!(get(server, key), None);
        assert_eq!(error_type(event).as_deref(), failed);
        assert_eq!(error_type(server).as_deref(), failed);
        assert_eq!(server.status, event.status);
    }
}

/// For every source of messages, and for no other.
#[tokio::test]
async fn all_sources_of_messages_have_it() {
    let sns = json!({"Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0",
        "Sns": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:topic", "Message": "", "MessageId": "m"},
    }]});
    let kinesis = json!({"Records": [{
        "eventSource": "aws:kinesis", "eventID": "shardId-000000000006:1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/stream",
        "kinesis": {"data": "", "partitionKey": "k", "sequenceNumber": "1"},
    }]});
    let kafka = json!({
        "eventSource": "aws:kafka", "bootstrapServers": "b-1:9092",
        "records": {"log-0": [{"topic": "log", "partition": 0, "offset": 1, "value": ""}]},
    });
    let active_mq = json!({"eventSource": "aws:mq", "messages": [
        {"messageID": "m", "data": "", "destination": {"physicalName": "mq"}},
    ]});
    let rabbit_mq =
        json!({"eventSource": "aws:rmq", "rmqMessagesByQueue": {"rabbit::/": [{"data": ""}]}});
    let event_bridge =
        json!({"detail-type": "OrderPlaced", "source": "shop", "id": "1", "detail": {}});
    for (event, name) in [
        (sns, "process topic"),
        (kinesis, "process stream"),
        (kafka, "process log"),
        (active_mq, "process mq"),
        (rabbit_mq, "process rabbit"),
        (event_bridge, "process"),
    ] {
        let function = function();
        let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(()));
        function.invoke(&event, handler).await.unwrap();
        let spans = function.spans();
        let (server, event, _) = split(&spans);
        assert_eq!(event.name, name);
        assert!(has_messaging(event) && !has_messaging(server), "{name}");
    }
    let change = json!({"Records": [{
        "eventSource": "aws:dynamodb", "eventName": "INSERT", "dynamodb": {},
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1",
    }]});
    for event in [change, json!({"a": 1})] {
        let function = function();
        let handler = service_fn(async |_: LambdaEvent<Json>| Ok::<_, Error>(()));
        function.invoke(&event, handler).await.unwrap();
        assert_eq!(function.only_span().span_kind, SpanKind::Server);
    }
}

#[tokio::test]
async fn it_is_off_unless_asked_for() {
    let spans = run(&Function::new(), &event(&["a", "bad"])).await;
    let [server] = spans
        .iter()
        .filter(|it| it.span_kind == SpanKind::Server)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(spans.len(), 3);
    assert!(has_messaging(server));
    assert_eq!(links(server), SENDERS.map(|[_, span]| span));
    let failed = get(server, semconv::lamplight::batch::FAILED_COUNT);
    assert_eq!(failed, Some(1.into()));
    assert_eq!(server.status, Status::Unset);
}

/// Trace SDK, "Span Limits": links that were left out are counted where the others are.
#[tokio::test]
async fn links_left_out_are_counted_on_the_event() {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(AttributeLimitProcessor::new(queue.clone()))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_event_span(true)
        .build();
    let runtime = service_fn(async |_: LambdaInvocation| Ok::<_, Error>(()));
    let stack = instrumentation.invocation_layer().layer(runtime);
    let records = vec![event(&["a"])["Records"][0].clone(); 200];
    stack
        .oneshot(invocation(&json!({ "Records": records })))
        .await
        .unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    let (server, event, _) = split(&spans);
    assert_eq!((event.links.len(), event.links.dropped_count), (128, 72));
    assert_eq!(server.links.dropped_count, 0);
}
