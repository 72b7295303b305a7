//! Step Functions.

use aws_sdk_sfn::Client;
use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status};

use crate::common::*;

const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:orders";
const STARTED: &str = r#"{"executionArn":"arn:e","startDate":1.0}"#;

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_sfn::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

/// Starts an execution and returns its input as it was sent.
async fn start(lamplight: LamplightInterceptor, name: Option<&str>, input: &str) -> String {
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
    // The value that a task of the execution finds in its context object.
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
async fn an_input_without_room_stays() {
    let spans = Spans::new();
    let input = |length: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8));
    let limit = 256 * 1024;
    for (length, carries) in [(limit - 82, true), (limit - 81, false), (limit, false)] {
        let before = input(length);
        let lamplight = spans.lamplight().with_carrier(Carrier::StepFunctionsInput);
        let after = start(lamplight, None, &before).await;
        assert!(after.len() <= limit);
        assert_eq!(after != before, carries, "{length}");
    }
}

#[tokio::test]
async fn an_x_ray_header_is_added_on_request_and_never_replaced() {
    let own = "Root=1-00000001-000000000000000000000002";
    for (wanted, existing) in [(false, None), (true, None), (true, Some(own))] {
        let spans = Spans::new();
        let http = replay([reply(200, STARTED)]);
        let mut lamplight = spans.lamplight();
        if wanted {
            lamplight = lamplight.with_xray_header();
        }
        let start = client(lamplight, &http).start_execution();
        let start = start.state_machine_arn(MACHINE).input("{}");
        let start = start.set_trace_header(existing.map(str::to_owned));
        start.send().with_context(caller()).await.unwrap();
        let ours = format!(
            "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent={};Sampled=1",
            spans.one().span_context.span_id()
        );
        let expected = existing.or(wanted.then_some(&*ours));
        let body = body(&http, 0);
        let sent = body.get("traceHeader").and_then(|header| header.as_str());
        assert_eq!(sent, expected);
    }
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
