//! Lambda `Invoke`.

use aws_sdk_lambda::{Client, primitives::Blob, types::InvocationType};
use aws_smithy_http_client::test_util::StaticReplayClient;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::trace::{FutureExt as _, SpanKind, Status};
use serde_json::{Value, json};

use crate::common::*;

const CLIENT_CONTEXT: &str = "x-amz-client-context";

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_lambda::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

/// Client context and payload of an invocation as they were sent.
async fn invoke(
    lamplight: LamplightInterceptor,
    kind: InvocationType,
    context: Option<&str>,
    payload: &str,
) -> (Option<String>, String) {
    let http = replay([reply(202, "")]);
    client(lamplight, &http)
        .invoke()
        .function_name("subscriber")
        .invocation_type(kind)
        .set_client_context(context.map(str::to_owned))
        .payload(Blob::new(payload))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let request = http.actual_requests().next().unwrap();
    let payload = request.body().bytes().unwrap().to_vec();
    let context = request.headers().get(CLIENT_CONTEXT).map(str::to_owned);
    (context, String::from_utf8(payload).unwrap())
}

fn decode(context: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(context).unwrap()).unwrap()
}

#[tokio::test]
async fn a_synchronous_call_carries_flat_strings_in_its_client_context() {
    let spans = Spans::new();
    let kind = InvocationType::RequestResponse;
    let own = BASE64.encode(r#"{"custom":{"tenant":"a"},"env":{"locale":"nl"}}"#);
    let (context, payload) = invoke(spans.lamplight(), kind, Some(&own), r#"{"n":1}"#).await;
    let span = spans.one();
    assert_eq!(
        decode(&context.unwrap()),
        json!({
            "custom": {
                "traceparent": traceparent(&span),
                "tracestate": "vendor=a",
                "baggage": "app.event.producer.application=iot",
                "tenant": "a",
            },
            "env": {"locale": "nl"},
        })
    );
    assert_eq!(payload, r#"{"n":1}"#);
    assert_eq!(span.name, "Lambda.Invoke");
    assert_eq!(span.span_kind, SpanKind::Client);
    expect(
        &span,
        &[
            ("cloud.region", "eu-west-1"),
            ("faas.invoked_name", "subscriber"),
            ("faas.invoked_provider", "aws"),
            ("faas.invoked_region", "eu-west-1"),
            ("http.response.status_code", "202"),
            ("lamplight.aws.attempts", "1"),
            ("rpc.method", "Invoke"),
            ("rpc.service", "Lambda"),
            ("rpc.system", "aws-api"),
            ("rpc.system.name", "aws-api"),
            ("server.address", "lambda.eu-west-1.amazonaws.com"),
            ("server.port", "443"),
        ],
    );
}

#[tokio::test]
async fn an_asynchronous_call_carries_nothing_unless_its_payload_may() {
    let spans = Spans::new();
    let (context, payload) = invoke(spans.lamplight(), InvocationType::Event, None, "{}").await;
    assert_eq!((context, payload.as_str()), (None, "{}"));

    let lamplight = spans.lamplight().with_carrier(Carrier::LambdaPayload);
    let (context, payload) = invoke(lamplight, InvocationType::Event, None, "{}").await;
    let payload: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(context, None);
    assert_eq!(
        payload["_otel"]["traceparent"],
        traceparent(&spans.ended()[1])
    );
}

#[tokio::test]
async fn a_synchronous_call_carries_it_in_its_payload_too_where_that_may() {
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::LambdaPayload);
    let kind = InvocationType::RequestResponse;
    let (context, payload) = invoke(lamplight, kind, None, r#"{"n":1.10}"#).await;
    let expected = traceparent(&spans.one());
    assert_eq!(decode(&context.unwrap())["custom"]["traceparent"], expected);
    assert!(payload.contains(&expected), "{payload}");
    assert!(payload.ends_with(r#","n":1.10}"#), "{payload}");
}

/// The id of the invocation as seen by the function.
#[tokio::test]
async fn the_id_of_the_invocation_joins_both_sides() {
    let spans = Spans::new();
    let id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    let http = replay([reply_with(202, &[("x-amzn-requestid", id)], "")]);
    let invoke = client(spans.lamplight(), &http).invoke();
    let invoke = invoke.function_name("subscriber");
    let event = invoke.invocation_type(InvocationType::Event);
    event.send().await.unwrap();
    assert_eq!(attributes(&spans.one())["aws.request_id"], id);
}

#[tokio::test]
async fn a_payload_that_is_no_object_and_a_foreign_client_context_stay() {
    let spans = Spans::new();
    let lamplight = || spans.lamplight().with_carrier(Carrier::LambdaPayload);
    for payload in [
        "\"text\"",
        "[{}]",
        "",
        "not json",
        "12345678901234567890.10",
    ] {
        let (_, sent) = invoke(lamplight(), InvocationType::Event, None, payload).await;
        assert_eq!(sent, payload);
    }
    for context in [
        "not base64 !",
        &BASE64.encode("[]"),
        &BASE64.encode(r#"{"custom":7}"#),
    ] {
        let (sent, _) = invoke(
            lamplight(),
            InvocationType::RequestResponse,
            Some(context),
            "{}",
        )
        .await;
        assert_eq!(sent.as_deref(), Some(context));
    }
}

#[tokio::test]
async fn a_durable_execution_with_a_name_keeps_its_payload() {
    let spans = Spans::new();
    let http = replay([reply(202, "")]);
    client(
        spans.lamplight().with_carrier(Carrier::LambdaPayload),
        &http,
    )
    .invoke()
    .function_name("subscriber")
    .durable_execution_name("order-1")
    .payload(Blob::new("{}"))
    .send()
    .with_context(caller())
    .await
    .unwrap();
    let request = http.actual_requests().next().unwrap();
    assert_eq!(request.body().bytes(), Some(&b"{}"[..]));
}

#[tokio::test]
async fn a_call_with_a_streamed_answer_carries_the_same() {
    let spans = Spans::new();
    let http = replay([reply(200, "")]);
    let lamplight = spans.lamplight().with_carrier(Carrier::LambdaPayload);
    // The answer is no event stream, which is not what is looked at.
    let _ = client(lamplight, &http)
        .invoke_with_response_stream()
        .function_name("subscriber")
        .payload(Blob::new("{}"))
        .send()
        .with_context(caller())
        .await;
    let request = http.actual_requests().next().unwrap();
    let span = spans.one();
    assert_eq!(span.name, "Lambda.InvokeWithResponseStream");
    assert_eq!(attributes(&span)["faas.invoked_name"], "subscriber");
    let context = decode(request.headers().get(CLIENT_CONTEXT).unwrap());
    assert_eq!(context["custom"]["traceparent"], traceparent(&span));
    let payload: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    assert_eq!(payload["_otel"]["traceparent"], traceparent(&span));
}

#[tokio::test]
async fn a_client_context_without_room_stays() {
    let spans = Spans::new();
    let own = BASE64.encode(json!({"custom": {"k": "v".repeat(2600)}}).to_string());
    assert!(own.len() <= 3583);
    let kind = InvocationType::RequestResponse;
    let (context, _) = invoke(spans.lamplight(), kind, Some(&own), "{}").await;
    assert_eq!(context.as_deref(), Some(own.as_str()));
}

#[tokio::test]
async fn the_failure_of_the_function_is_the_calls() {
    let spans = Spans::new();
    let http = replay([reply_with(
        200,
        &[("x-amz-function-error", "Unhandled")],
        "{}",
    )]);
    let output = client(spans.lamplight(), &http)
        .invoke()
        .function_name("arn:aws:lambda:us-east-1:123456789012:function:orders:live")
        .send()
        .await
        .unwrap();
    assert_eq!(output.function_error(), Some("Unhandled"));
    let span = spans.one();
    assert!(matches!(span.status, Status::Error { .. }));
    let attributes = attributes(&span);
    assert_eq!(attributes["error.type"], "Unhandled");
    assert_eq!(attributes["faas.invoked_name"], "orders");
    assert_eq!(attributes["faas.invoked_region"], "us-east-1");
}

/// The client context as Lambda hands it to the function, read by the runtime that functions use.
#[tokio::test]
async fn a_rust_function_can_read_what_was_sent() {
    let spans = Spans::new();
    let own = BASE64.encode(r#"{"custom":{"tenant":"a"}}"#);
    for existing in [None, Some(own.as_str())] {
        let kind = InvocationType::RequestResponse;
        let (context, _) = invoke(spans.lamplight(), kind, existing, "{}").await;
        let mut headers = http::HeaderMap::new();
        let json = String::from_utf8(BASE64.decode(context.unwrap()).unwrap()).unwrap();
        headers.insert("lambda-runtime-client-context", json.parse().unwrap());
        headers.insert("lambda-runtime-deadline-ms", "1".parse().unwrap());
        let config = lambda_runtime::Config::default();
        let received = lambda_runtime::Context::new("id", config.into(), &headers).unwrap();
        let custom = received.client_context.unwrap().custom;
        let span = spans.ended().pop().unwrap();
        assert_eq!(custom["traceparent"], traceparent(&span));
        assert_eq!(custom.contains_key("tenant"), existing.is_some());
    }
}

/// The name of an error comes from the function, which may be of any runtime.
#[tokio::test]
async fn an_error_that_a_function_makes_up_is_not_a_class() {
    let spans = Spans::new();
    let headers = [(
        "x-amz-function-error",
        "Order of jane.doe@example.com failed",
    )];
    let http = replay([reply_with(200, &headers, "{}")]);
    let invoke = client(spans.lamplight(), &http).invoke().function_name("f");
    invoke.send().await.unwrap();
    assert_eq!(attributes(&spans.one())["error.type"], "_OTHER");
}

#[tokio::test]
async fn a_client_context_with_two_custom_objects_stays() {
    let spans = Spans::new();
    let twice = BASE64.encode(r#"{"custom":{"a":"b"},"custom":{"c":"d"}}"#);
    let kind = InvocationType::RequestResponse;
    let (sent, _) = invoke(spans.lamplight(), kind, Some(&twice), "{}").await;
    assert_eq!(sent, Some(twice));
}
