//! Step Functions.

use aws_sdk_sfn::Client;
use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::{Carrier, Lamplight};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status};

use crate::common::*;

const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
const STARTED: &str = r#"{"executionArn":"arn:e","startDate":1.0}"#;

fn client(lamplight: Lamplight, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_sfn::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

/// Starts an execution and returns its input as it was sent.
async fn start(lamplight: Lamplight, name: Option<&str>, input: &str) -> String {
    let http = replay([reply(200, STARTED)]);
    client(lamplight, &http)
        .start_execution()
        .state_machine_arn(MACHINE)
        .set_name(name.map(str::to_owned))
        .input(input)
        .send()
        .with_context(caller())
        .await
        .unwrap();
    body(&http, 0)["input"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_input_carries_context_only_on_request_and_only_as_an_object() {
    let spans = Spans::new();
    assert_eq!(start(spans.lamplight(), None, "{}").await, "{}");
    let lamplight = || spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
    assert_eq!(start(lamplight(), None, "[1]").await, "[1]");
    let sent = start(lamplight(), None, r#"{"n":1}"#).await;
    let span = spans.ended().pop().unwrap();
    assert!(sent.contains(&traceparent(&span)), "{sent}");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(
        attributes(&span)["aws.step_functions.state_machine.arn"],
        MACHINE
    );
    // What a task of the execution finds in its context object.
    let execution = "lamplight.aws.step_functions.execution.arn";
    assert_eq!(attributes(&span)[execution], "arn:e");
}

#[tokio::test]
async fn an_execution_with_a_name_keeps_its_input() {
    // A second start with the same name and another input would be refused.
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
    assert_eq!(start(lamplight, Some("order-1"), "{}").await, "{}");
}

#[tokio::test]
async fn a_synchronous_execution_that_fails_fails_its_span() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"executionArn":"arn:e","startDate":1.0,"stopDate":2.0,"status":"FAILED",
            "error":"Orders.Invalid","cause":"secret"}"#,
    )]);
    let output = client(spans.lamplight(), &http)
        .start_sync_execution()
        .state_machine_arn(MACHINE)
        .input("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(output.error(), Some("Orders.Invalid"));
    let span = spans.one();
    assert!(matches!(span.status, Status::Error { .. }));
    assert_eq!(attributes(&span)["error.type"], "Orders.Invalid");
    let execution = "lamplight.aws.step_functions.execution.arn";
    assert_eq!(attributes(&span)[execution], "arn:e");
    assert!(!format!("{span:?}").contains("secret"));
}
