//! All outcomes of an invocation, as recorded on its span.

use std::time::Duration;

use lamplight_tests::{Behavior, Endpoint, Invoke, Kinesis, Span, events};
use serde_json::{Value, json};

use crate::lifecycle::{function, function_with_kinesis, patient};

/// Returns the span of one invocation.
async fn span_of(event: impl Into<Invoke>) -> Span {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    lambda.invoke(event).await;
    let mut spans = kinesis.spans(1).await;
    assert_eq!(spans.len(), 1, "{spans:#?}");
    spans.remove(0)
}

#[tokio::test]
async fn an_answer_is_no_error() {
    let span = span_of(events::plain(json!("echo"))).await;
    assert_eq!(span.error, None);
    assert_eq!(span.attribute("error.type"), &Value::Null);
    assert_eq!(span.events, []);
    assert!(span.end >= span.start);
}

#[tokio::test]
async fn a_handler_error_is_an_error_with_its_type_message_and_causes() {
    let span = span_of(events::plain(json!({"fail": "out of stock"}))).await;
    assert_eq!(span.error.as_deref(), Some("the order was rejected"));
    assert_eq!(span.attribute("error.type"), "OrderRejected");
    let exception = &span.events[0];
    assert_eq!(exception.name, "exception");
    assert_eq!(
        exception.attributes["exception.message"],
        "the order was rejected"
    );
    let causes = exception.attributes["exception.stacktrace"]
        .as_str()
        .unwrap();
    assert!(causes.contains("out of stock"), "{causes}");
}

#[tokio::test]
async fn a_panic_is_an_error_with_its_message_and_place() {
    let span = span_of(events::plain(json!({"panic": "no such shelf"}))).await;
    assert_eq!(span.error.as_deref(), Some("no such shelf"));
    assert_eq!(span.attribute("error.type"), "panic");
    let place = span.events[0].attributes["exception.stacktrace"]
        .as_str()
        .unwrap();
    assert!(place.contains("function.rs"), "{place}");
}

#[tokio::test]
async fn after_a_panic_the_function_goes_on() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    assert!(
        lambda
            .invoke(events::plain(json!({"panic": "once"})))
            .await
            .is_error
    );
    let answer = lambda.invoke(events::plain(json!({"answer": 7}))).await;
    assert_eq!(answer.json(), 7);
    let spans = kinesis.spans(2).await;
    assert_eq!(spans.iter().filter(|span| span.error.is_some()).count(), 1);
}

#[tokio::test]
async fn an_event_that_does_not_deserialize_is_an_error() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let answer = lambda.invoke(events::http(json!("fly"), json!({}))).await;
    assert!(answer.is_error);
    let span = kinesis.spans(1).await.remove(0);
    assert!(span.error.is_some());
    assert_eq!(span.attribute("error.type"), "DeserializeError");
    assert_eq!(
        span.name, "GET /pets/{id}",
        "the event was still understood"
    );
}

#[tokio::test]
async fn a_server_error_is_an_error() {
    let gone = json!({"answer": {"statusCode": 503, "body": "later"}});
    let span = span_of(events::http(gone, json!({}))).await;
    assert!(span.error.is_some());
    assert_eq!(span.attribute("error.type"), "503");
    assert_eq!(span.attribute("http.response.status_code"), 503);
}

#[tokio::test]
async fn a_client_error_is_not_an_error_of_the_function() {
    let missing = json!({"answer": {"statusCode": 404, "body": "never"}});
    let span = span_of(events::http(missing, json!({}))).await;
    assert_eq!(span.error, None);
    assert_eq!(span.attribute("error.type"), &Value::Null);
    assert_eq!(span.attribute("http.response.status_code"), 404);
}

#[tokio::test]
async fn a_status_code_means_nothing_outside_http() {
    let span = span_of(events::plain(json!({"answer": {"statusCode": 500}}))).await;
    assert_eq!(span.error, None);
}

/// Lambda kills a function that takes too long; its span must be delivered before that.
#[tokio::test]
async fn a_timeout_is_delivered_while_the_handler_still_runs() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let slow = Invoke::new(events::plain(json!({"slow_span": 600_000})));
    lambda
        .begin(slow.with_timeout(Duration::from_secs(2)))
        .await;
    let spans = kinesis.spans(2).await;
    for span in &spans {
        assert!(span.error.is_some(), "{span:#?}");
        assert_eq!(span.attribute("error.type"), "timeout");
        let took = Duration::from_nanos(span.end - span.start);
        assert!(took >= Duration::from_secs(1), "given up after {took:?}");
    }
    let query = spans.iter().find(|span| span.name == "query").unwrap();
    let invocation = spans.iter().find(|span| span.name != "query").unwrap();
    assert_eq!(query.parent_span_id, invocation.span_id, "what it hung in");
    lambda.end();
}

/// The thread that would detect the timeout is blocked, and so are the connections of the previous
/// invocation.
#[tokio::test]
async fn a_timeout_is_delivered_while_the_handler_blocks_its_thread() {
    for threads in [None, Some(("FUNCTION_THREADS", "2"))] {
        let endpoint = Endpoint::start(Behavior::Good).await;
        let kinesis = Kinesis::start().await;
        let otlp = patient(function().with_variables(endpoint.variables()));
        let records = patient(function().with_variables(kinesis.variables()));
        let mut otlp = otlp.with_variables(threads).start().await;
        let mut records = records.with_variables(threads).start().await;
        for lambda in [&mut otlp, &mut records] {
            lambda.invoke(events::plain(json!({"spans": 1}))).await;
            lambda.idle().await;
            let blocked = Invoke::new(events::plain(json!({"block": 600_000})));
            lambda
                .begin(blocked.with_timeout(Duration::from_secs(2)))
                .await;
        }
        for spans in [endpoint.spans(4).await, kinesis.spans(4).await] {
            let timeouts = spans
                .iter()
                .filter(|span| span.attribute("error.type") == "timeout");
            assert_eq!(timeouts.count(), 2, "{spans:#?}");
        }
        otlp.end();
        records.end();
    }
}
