//! Batches: each record in its own span, in its own trace.
#![cfg(all(
    feature = "records-dynamodb",
    feature = "records-kafka",
    feature = "records-kinesis",
    feature = "records-sns",
    feature = "records-sqs"
))]

mod crowded;
mod hostile;
mod links;
mod off;
mod whatever_happens;

use std::sync::{Arc, Mutex};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::{
    Invocation,
    records::{self, Batch},
};
use lamplight_semconv as semconv;
use opentelemetry::{
    KeyValue,
    baggage::BaggageExt,
    trace::{SpanKind, Status},
};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;

use crate::common::{Function, error_type, get};

const TRACES: [&str; 3] = [
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-1af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01",
    "00-2af7651916cd43dd8448eb211c80319c-d7ad6b7169203331-01",
];

fn message(id: &str, traceparent: Option<&str>) -> Json {
    let mut attributes = json!({});
    if let Some(traceparent) = traceparent {
        let text = |value| json!({"stringValue": value, "dataType": "String"});
        attributes = json!({
            "traceparent": text(traceparent),
            "baggage": text(&format!("app.event.producer.application=shop-{id}")),
        });
    }
    json!({
        "messageId": id,
        "body": id,
        "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1763700000000",
        },
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "awsRegion": "eu-west-1",
    })
}

/// Runs a batch whose messages fail according to their ids, and returns the response and the spans.
async fn run(messages: Vec<Json>) -> (Json, Vec<SpanData>) {
    run_on(&Function::new(), messages).await
}

async fn run_on(function: &Function, messages: Vec<Json>) -> (Json, Vec<SpanData>) {
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let answer = function
        .invoke(&json!({ "Records": messages }), handler)
        .await
        .unwrap();
    (answer, function.spans())
}

async fn handle(message: SqsMessage) -> Result<(), String> {
    tokio::task::yield_now().await;
    match message.message_id.as_deref() {
        Some(id) if id.starts_with("bad") => Err(format!("{id} is bad")),
        _ => Ok(()),
    }
}

fn split(spans: &[SpanData]) -> (&SpanData, Vec<&SpanData>) {
    let (server, records): (Vec<_>, Vec<_>) = spans
        .iter()
        .partition(|span| span.span_kind == SpanKind::Server);
    (server[0], records)
}

#[tokio::test]
async fn each_message_continues_its_own_trace_and_is_linked_with_the_invocation() {
    let messages = ["a", "b", "c"].iter().zip(TRACES);
    let messages = messages
        .map(|(id, trace)| message(id, Some(trace)))
        .collect();
    let (answer, spans) = run(messages).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let (invocation, records) = split(&spans);
    assert_eq!(records.len(), 3);
    for (record, traceparent) in records.iter().zip(TRACES) {
        let trace_id = record.span_context.trace_id().to_string();
        assert!(traceparent.contains(&trace_id));
        assert!(traceparent.contains(&record.parent_span_id.to_string()));
        assert_eq!(record.span_kind, SpanKind::Consumer);
        assert_eq!(record.name, "process orders");
        let links: Vec<_> = record
            .links
            .iter()
            .map(|link| link.span_context.span_id())
            .collect();
        assert_eq!(links, [invocation.span_context.span_id()]);
        assert_eq!(
            get(record, semconv::lamplight::RECEIVE_COUNT),
            Some(2.into())
        );
        assert!(get(record, semconv::lamplight::queue::LATENCY_MS).is_some());
    }
    let linked: Vec<_> = invocation
        .links
        .iter()
        .map(|link| link.span_context.trace_id())
        .collect();
    let of_records: Vec<_> = records
        .iter()
        .map(|record| record.span_context.trace_id())
        .collect();
    assert_eq!(linked, of_records);
    assert_eq!(
        get(invocation, semconv::messaging::batch::MESSAGE_COUNT),
        Some(3.into())
    );
}

#[tokio::test]
async fn a_failed_message_fails_its_span_and_not_the_invocation() {
    let messages = vec![
        message("ok", Some(TRACES[0])),
        message("bad", Some(TRACES[1])),
    ];
    let (answer, spans) = run(messages).await;
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "bad"}]})
    );
    let (invocation, records) = split(&spans);
    assert_eq!(records[0].status, Status::Unset);
    assert_eq!(records[1].status, Status::error("bad is bad"));
    // A text has no type.
    assert_eq!(error_type(records[1]).as_deref(), Some("_OTHER"));
    assert_eq!(invocation.status, Status::Unset);
    assert_eq!(
        get(invocation, semconv::lamplight::batch::FAILED_COUNT),
        Some(1.into())
    );
}

#[tokio::test]
async fn a_batch_of_failures_is_a_failed_invocation() {
    let (_, spans) = run(vec![message("bad-1", None), message("bad-2", None)]).await;
    let (invocation, _) = split(&spans);
    assert_eq!(
        error_type(invocation).as_deref(),
        Some("batch_item_failure")
    );
}

/// Messaging spans, "Common attributes": `error.type` describes a class of error the operation ended
/// with. That of a record is its own, that of the batch is that its records failed.
#[tokio::test]
async fn a_failed_record_has_the_type_of_its_error() {
    #[derive(Debug)]
    struct OutOfStock;
    impl std::fmt::Display for OutOfStock {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("there is no more of it")
        }
    }
    impl std::error::Error for OutOfStock {}
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |_: SqsMessage| Err::<(), Error>(OutOfStock.into());
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let event = json!({ "Records": [message("a", None)] });
    function.invoke(&event, handler).await.unwrap();
    let spans = function.spans();
    let (invocation, records) = split(&spans);
    assert_eq!(error_type(records[0]).as_deref(), Some("OutOfStock"));
    let exception = &records[0].events[0];
    let name = KeyValue::new(semconv::exception::TYPE, "OutOfStock");
    assert!(exception.attributes.contains(&name));
    assert_eq!(
        error_type(invocation).as_deref(),
        Some("batch_item_failure")
    );
}

#[tokio::test]
async fn a_batch_of_one_is_one_trace() {
    let (_, spans) = run(vec![message("a", Some(TRACES[0]))]).await;
    let (invocation, records) = split(&spans);
    assert!(TRACES[0].contains(&invocation.span_context.trace_id().to_string()));
    assert!(TRACES[0].contains(&invocation.parent_span_id.to_string()));
    assert_eq!(
        records[0].span_context.trace_id(),
        invocation.span_context.trace_id()
    );
    assert_eq!(records[0].parent_span_id, invocation.span_context.span_id());
}

#[tokio::test]
async fn a_message_without_context_is_a_child_of_the_invocation() {
    let (_, spans) = run(vec![message("a", None), message("b", Some(TRACES[0]))]).await;
    let (invocation, records) = split(&spans);
    assert_eq!(records[0].parent_span_id, invocation.span_context.span_id());
    assert_eq!(
        records[0].span_context.trace_id(),
        invocation.span_context.trace_id()
    );
}

#[tokio::test]
async fn the_baggage_of_one_message_does_not_reach_another() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let function = Function::new();
    let handler = {
        let seen = seen.clone();
        service_fn(move |event: LambdaEvent<SqsEvent>| {
            let seen = seen.clone();
            async move {
                let look = |_: SqsMessage| {
                    let seen = seen.clone();
                    async move {
                        let cx = opentelemetry::Context::current();
                        let entry = cx.baggage().get(semconv::app::event::producer::APPLICATION);
                        seen.lock().unwrap().push(entry.map(ToString::to_string));
                        Ok::<_, Error>(())
                    }
                };
                Ok::<_, Error>(records::sqs(event.payload, look).await)
            }
        })
    };
    let messages = vec![
        message("a", Some(TRACES[0])),
        message("b", None),
        message("c", Some(TRACES[1])),
    ];
    function
        .invoke(&json!({ "Records": messages }), handler)
        .await
        .unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [Some("shop-a".to_owned()), None, Some("shop-c".to_owned())]
    );

    let spans = function.spans();
    let (_, records) = split(&spans);
    let promoted = |span| get(span, semconv::app::event::producer::APPLICATION);
    assert_eq!(promoted(records[0]), Some("shop-a".into()));
    assert_eq!(promoted(records[1]), None);
}

#[tokio::test]
async fn in_a_fifo_queue_what_follows_a_failure_in_its_group_is_not_handled() {
    let of_group = |id: &str, group: &str| {
        let mut message = message(id, None);
        message["attributes"]["MessageGroupId"] = group.into();
        message["attributes"]["SequenceNumber"] = "18849496460467696128".into();
        message
    };
    let messages = vec![
        of_group("bad", "g1"),
        of_group("later", "g1"),
        of_group("other", "g2"),
    ];
    let (answer, spans) = run(messages).await;
    let failed = json!([{"itemIdentifier": "bad"}, {"itemIdentifier": "later"}]);
    assert_eq!(answer["batchItemFailures"], failed);
    assert_eq!(split(&spans).1.len(), 2, "`later` was not handled");
}

#[tokio::test]
async fn in_a_standard_queue_a_group_keeps_no_order() {
    let of_group = |id: &str| {
        let mut message = message(id, None);
        message["attributes"]["MessageGroupId"] = "tenant-1".into();
        message
    };
    let (answer, spans) = run(vec![of_group("bad"), of_group("later")]).await;
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": "bad"}])
    );
    assert_eq!(split(&spans).1.len(), 2, "`later` was handled");
}

#[tokio::test]
async fn a_panic_fails_its_record_only() {
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |message: SqsMessage| {
            tokio::task::yield_now().await;
            assert_ne!(message.message_id.as_deref(), Some("bad"), "told to panic");
            Ok::<_, Error>(())
        };
        Ok::<_, Error>(records::sqs(event.payload, handle).await)
    });
    let messages = json!([message("bad", None), message("good", None)]);
    let answer = function
        .invoke(&json!({ "Records": messages }), handler)
        .await
        .unwrap();
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": "bad"}])
    );
    let spans = function.spans();
    let (invocation, records) = split(&spans);
    assert_eq!(error_type(records[0]).as_deref(), Some("panic"));
    assert_eq!(error_type(records[1]), None);
    assert_eq!(error_type(invocation), None);
}

#[tokio::test]
async fn a_service_handles_records_too() {
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let service = tower::ServiceBuilder::new()
            .map_request(|message: SqsMessage| message)
            .service(service_fn(handle));
        let answer = records::sqs(event.payload, records::service(service)).await;
        Ok::<_, Error>(answer)
    });
    let messages = json!([message("bad", None), message("good", None)]);
    let answer = function
        .invoke(&json!({ "Records": messages }), handler)
        .await
        .unwrap();
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": "bad"}])
    );
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_open_records_end_as_timeout_too() {
    let function = Function::new();
    let invocation_layer = function.instrumentation.invocation_layer();
    let runtime = service_fn(async |event: lambda_runtime::LambdaInvocation| {
        let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
        let stuck = async |_: SqsMessage| std::future::pending::<Result<(), Error>>().await;
        records::sqs(event, stuck).await;
        Ok::<_, Error>(())
    });
    let stack = tower::Layer::layer(&invocation_layer, runtime);
    let event =
        crate::common::invocation(&json!({ "Records": [message("stuck", Some(TRACES[0]))] }));
    tokio::spawn(tower::ServiceExt::oneshot(stack, event));
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let spans = function.spans();
    let (invocation, records) = split(&spans);
    assert_eq!(error_type(invocation).as_deref(), Some("timeout"));
    assert_eq!(error_type(records[0]).as_deref(), Some("timeout"));
}

#[tokio::test]
async fn without_an_invocation_messages_are_handled_all_the_same() {
    let event: SqsEvent =
        serde_json::from_value(json!({ "Records": [message("a", None), message("bad", None)] }))
            .unwrap();
    let response = records::sqs(event, handle).await;
    assert_eq!(response.batch_item_failures[0].item_identifier, "bad");
}

#[tokio::test]
async fn the_current_record_is_found_below_and_across_awaits_and_beside_the_invocation() {
    async fn deep(rows: i64) {
        tokio::task::yield_now().await;
        let record = records::current();
        record.add("test.rows", rows);
        record.set_attribute(KeyValue::new("test.deep", true));
        record.add_event("cached", vec![KeyValue::new("test.hit", true)]);
        record.record_error(&std::io::Error::other("tried again"));
        Invocation::current().add("test.records", 1);
        let outer = Invocation::current().span_context().unwrap();
        assert_ne!(record.span_context().unwrap(), outer);
    }
    let function = Function::new();
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        let handle = async |message: SqsMessage| {
            let rows = if message.message_id.as_deref() == Some("a") {
                1
            } else {
                10
            };
            deep(rows).await;
            use opentelemetry::context::FutureExt;
            let spawned = async move { records::current().add("test.rows", rows) };
            tokio::spawn(spawned.with_current_context()).await.unwrap();
            Ok::<_, String>(())
        };
        let batch = Batch::new().with_concurrency(2);
        Ok::<_, Error>(batch.sqs(event.payload, handle).await)
    });
    let messages = [message("a", Some(TRACES[0])), message("b", None)];
    let event = json!({ "Records": messages });
    function.invoke(&event, handler).await.unwrap();
    assert_eq!(records::current().span_context(), None);
    let spans = function.spans();
    let (invocation, records) = split(&spans);
    assert_eq!(get(invocation, "test.records"), Some(2.into()));
    assert_eq!(get(invocation, "test.rows"), None);
    for record in records {
        let expected = match get(record, semconv::messaging::message::ID) {
            Some(id) if id == "a".into() => 2,
            _ => 20,
        };
        assert_eq!(get(record, "test.rows"), Some(expected.into()));
        assert_eq!(get(record, "test.deep"), Some(true.into()));
        let names: Vec<_> = record.events.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["cached", "exception"]);
        assert_eq!(error_type(record), None);
    }
}
