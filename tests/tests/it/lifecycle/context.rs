//! The start of the invocation's span: its trace, and the attributes of function and event.

use std::time::{Duration, UNIX_EPOCH};

use lamplight_tests::{
    Behavior, Endpoint, FUNCTION_ARN, FUNCTION_NAME, Invoke,
    events::{self, SPAN_ID, TRACE_ID, traceparent},
};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use crate::lifecycle::{function, function_with_kinesis, patient};

#[tokio::test]
async fn an_http_request_continues_the_trace_of_its_header() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let headers = json!({"traceparent": traceparent(true), "user-agent": "curl/8.9.1"});
    lambda
        .invoke(events::http(json!({"spans": 1}), headers))
        .await;
    let spans = kinesis.spans(2).await;
    let server = spans
        .iter()
        .find(|span| span.kind == SpanKind::Server)
        .unwrap();
    assert_eq!(server.trace_id, TRACE_ID);
    assert_eq!(server.parent_span_id, SPAN_ID);
    assert_eq!(server.name, "GET /pets/{id}");
    assert_eq!(server.attribute("faas.trigger"), "http");
    assert_eq!(server.attribute("http.response.status_code"), 200);
    let work = spans.iter().find(|span| span.name == "work").unwrap();
    assert_eq!(work.trace_id, TRACE_ID);
    assert_eq!(work.parent_span_id, server.span_id);
}

#[tokio::test]
async fn an_invocation_continues_the_trace_of_its_client_context() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let context = json!({"custom": {"traceparent": traceparent(true)}});
    let event = Invoke::new(events::plain(json!("echo"))).with_client_context(&context);
    lambda.invoke(event).await;
    let span = kinesis.spans(1).await.remove(0);
    assert_eq!(
        (span.trace_id.as_str(), span.parent_span_id.as_str()),
        (TRACE_ID, SPAN_ID)
    );
    assert_eq!(span.name, FUNCTION_NAME);
}

#[tokio::test]
async fn a_malformed_header_starts_a_trace() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let headers = json!({"traceparent": "00-nonsense-01"});
    let answer = lambda
        .invoke(events::http(json!({"answer": "fine"}), headers))
        .await;
    assert_eq!(answer.json(), "fine");
    let span = kinesis.spans(1).await.remove(0);
    assert_eq!(span.parent_span_id, "");
    assert_ne!(span.trace_id, TRACE_ID);
}

#[tokio::test]
async fn unsampled_callers_export_nothing() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let call = |sampled| {
        let headers = json!({"traceparent": traceparent(sampled)});
        events::http(json!({"spans": 3}), headers)
    };
    for _ in 0..3 {
        lambda.invoke(call(false)).await;
    }
    lambda.invoke(call(true)).await;
    let spans = kinesis.spans(4).await;
    assert_eq!(spans.len(), 4, "those of the sampled call: {spans:#?}");
    let stats = lambda.invoke(events::plain(json!("stats"))).await.json();
    assert_eq!(stats, json!({"queued": 0, "delivered": 4, "dropped": 0}));
}

#[tokio::test]
async fn the_first_invocation_alone_is_a_cold_start() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(lambda.invoke(events::plain(json!("echo"))).await.request_id);
    }
    let mut spans = kinesis.spans(4).await;
    spans.sort_by_key(|span| span.start);
    let all = |key| {
        spans
            .iter()
            .map(|span| span.attribute(key))
            .collect::<Vec<_>>()
    };
    assert_eq!(all("faas.coldstart"), [true, false, false, false]);
    assert_eq!(all("faas.invocation_id"), ids.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_resource_is_the_function() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    lambda.invoke(events::plain(json!("echo"))).await;
    let span = kinesis.spans(1).await.remove(0);
    let expected = [
        ("service.name", json!(FUNCTION_NAME)),
        ("faas.name", json!(FUNCTION_NAME)),
        ("faas.version", json!("7")),
        ("faas.max_memory", json!(256 << 20)),
        ("faas.instance", json!("2024/01/01/[$LATEST]test")),
        ("cloud.provider", json!("aws")),
        ("cloud.platform", json!("aws_lambda")),
        ("cloud.region", json!("us-east-1")),
        ("aws.log.group.names", json!(["/aws/lambda/test-function"])),
        ("telemetry.sdk.language", json!("rust")),
    ];
    for (key, value) in expected {
        assert_eq!(span.resource.get(key), Some(&value), "{key}");
    }
}

#[tokio::test]
async fn an_alias_is_known_as_invoked_and_as_what_runs() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let alias = format!("{FUNCTION_ARN}:live");
    lambda
        .invoke(Invoke::new(events::plain(json!("echo"))).with_arn(&alias))
        .await;
    let span = kinesis.spans(1).await.remove(0);
    assert_eq!(span.attribute("aws.lambda.invoked_arn"), alias.as_str());
    assert_eq!(
        span.attribute("cloud.resource_id"),
        format!("{FUNCTION_ARN}:7").as_str()
    );
    assert_eq!(span.attribute("cloud.account.id"), "123456789012");
}

#[tokio::test]
async fn an_arn_that_is_none_is_unknown() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let event = Invoke::new(events::plain(json!({"answer": 1}))).with_arn("function-arn");
    assert_eq!(lambda.invoke(event).await.json(), 1);
    let span = kinesis.spans(1).await.remove(0);
    for key in [
        "aws.lambda.invoked_arn",
        "cloud.resource_id",
        "cloud.account.id",
    ] {
        assert_eq!(span.attribute(key), &Value::Null, "{key}");
    }
    assert_eq!(span.error, None);
}

/// Local runtimes send 1970; the year 9999 is unlikely and must not matter.
#[tokio::test]
async fn an_absurd_deadline_is_unknown() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    for seconds in [600, 253_402_300_799] {
        let deadline = UNIX_EPOCH + Duration::from_secs(seconds);
        let event = Invoke::new(events::plain(json!({"slow": 20}))).with_deadline(deadline);
        assert_eq!(lambda.invoke(event).await.json(), json!({"late": 20}));
    }
    let spans = kinesis.spans(2).await;
    assert!(spans.iter().all(|span| span.error.is_none()), "{spans:#?}");
}

/// All variables that Lambda sets and that the runtime itself does not require.
#[tokio::test]
async fn variables_that_are_missing_are_unknown() {
    let endpoint = Endpoint::start(Behavior::Good).await;
    let missing = [
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "_HANDLER",
        "TZ",
    ];
    let mut lambda = patient(function().with_variables(endpoint.variables()))
        .with_variables(missing.map(|name| (name, "")))
        .start()
        .await;
    let answer = lambda.invoke(events::plain(json!({"answer": 7}))).await;
    assert_eq!(answer.json(), 7);
    let span = endpoint.spans(1).await.remove(0);
    assert_eq!(span.error, None);
    assert_eq!(span.resource["service.name"], FUNCTION_NAME);
    for key in ["cloud.region", "faas.instance", "aws.log.group.names"] {
        assert_eq!(span.resource.get(key), None, "{key}");
    }
}
