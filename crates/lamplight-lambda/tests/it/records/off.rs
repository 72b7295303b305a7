//! A function that records nothing passes the context of its callers on, and that of each record.

use std::sync::{Arc, Mutex};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_lambda::{Instrumentation, Invocation, records};
use lamplight_propagation::{inbound::EventExtractor, outbound::Fields};
use opentelemetry::Context;
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::common::invocation;

/// Returns the context that the current code would propagate.
fn sent() -> String {
    let fields = Fields::from_context(&Context::current());
    let fields = fields.iter().map(|(name, value)| format!("{name}={value}"));
    fields.collect::<Vec<_>>().join(" ")
}

/// Returns the contexts that the handler would propagate, before and after it has waited.
async fn passed_on(event: &Json) -> Vec<String> {
    let instrumentation = Instrumentation::off(EventExtractor::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let seen = seen.clone();
        service_fn(move |_: LambdaInvocation| {
            let seen = seen.clone();
            async move {
                seen.lock().unwrap().push(sent());
                tokio::task::yield_now().await;
                seen.lock().unwrap().push(sent());
                assert!(Invocation::current().span_context().is_none());
                Ok::<_, Error>(())
            }
        })
    };
    let stack = instrumentation.invocation_layer().layer(handler);
    stack.oneshot(invocation(event)).await.unwrap();
    Arc::try_unwrap(seen).unwrap().into_inner().unwrap()
}

fn message(id: &str, trace: char) -> Json {
    let attribute = |value: String| json!({"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"});
    let trace = trace.to_string();
    json!({
        "messageId": id, "body": "x", "eventSource": "aws:sqs", "attributes": {},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "messageAttributes": {
            "traceparent": attribute(format!("00-{}-{}-01", trace.repeat(32), trace.repeat(16))),
            "tracestate": attribute("vendor=1".to_owned()),
            "baggage": attribute(format!("of={id}")),
        },
    })
}

fn fields(id: &str, trace: char) -> String {
    let trace = trace.to_string();
    let (trace_id, span_id) = (trace.repeat(32), trace.repeat(16));
    format!("traceparent=00-{trace_id}-{span_id}-01 tracestate=vendor=1 baggage=of={id}")
}

#[tokio::test]
async fn the_context_of_the_caller_is_current_in_the_handler() {
    let event = json!({"Records": [message("1", 'a')]});
    assert_eq!(
        passed_on(&event).await,
        [fields("1", 'a'), fields("1", 'a')]
    );
    assert_eq!(passed_on(&json!({"a": 1})).await, ["", ""]);
    let event = json!({"_otel": {"baggage": "k=v"}});
    assert_eq!(passed_on(&event).await, ["baggage=k=v", "baggage=k=v"]);
}

#[tokio::test]
async fn the_context_of_a_record_is_current_in_its_handler() {
    let event = json!({
        "Records": [message("1", 'a'), message("2", 'b'), {
            "messageId": "3", "body": "x", "eventSource": "aws:sqs", "attributes": {},
            "messageAttributes": {},
        }],
    });
    let instrumentation = Instrumentation::off(EventExtractor::new());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let deliver = {
        let seen = seen.clone();
        move |message: SqsMessage| {
            seen.lock().unwrap().push(sent());
            async move {
                match message.message_id.as_deref() {
                    Some("2") => Err("no stock"),
                    _ => Ok(()),
                }
            }
        }
    };
    let handler = service_fn(move |event: LambdaInvocation| {
        let deliver = deliver.clone();
        async move {
            let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
            let event = LambdaEvent::new(event, lambda_runtime::Context::default());
            let answer: SqsBatchResponse = records::sqs(event.payload, deliver).await;
            assert_eq!(answer.batch_item_failures.len(), 1);
            Ok::<_, Error>(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(handler);
    stack.oneshot(invocation(&event)).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [fields("1", 'a'), fields("2", 'b'), String::new()]);
}
