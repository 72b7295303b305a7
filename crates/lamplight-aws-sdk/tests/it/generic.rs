//! A service that there is no feature for: an operation as its generated crate would build it.

use std::convert::Infallible;

use aws_smithy_http_client::test_util::StaticReplayClient;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::trace::{FutureExt as _, SpanId, SpanKind, Status};

use crate::common::*;

async fn call(lamplight: LamplightInterceptor, http: &StaticReplayClient) {
    let operation = Operation::builder()
        .service_name("Ground Station")
        .operation_name("GetSatellite")
        .http_client(http.clone())
        .endpoint_url("https://groundstation.eu-west-1.amazonaws.com")
        .no_auth()
        .no_retry()
        .interceptor(lamplight)
        .serializer(|(): ()| Ok(HttpRequest::new(SdkBody::from("{}"))))
        .deserializer::<_, Infallible>(|_| Ok(()))
        .build();
    operation.invoke(()).with_context(caller()).await.unwrap();
}

#[tokio::test]
async fn a_call_is_a_span_with_what_every_call_has() {
    let spans = Spans::new();
    let http = replay([reply_with(200, &[("x-amzn-requestid", "r1")], "{}")]);
    call(spans.lamplight(), &http).await;
    let span = spans.one();
    assert_eq!(span.name, "Ground Station.GetSatellite");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(span.status, Status::Unset);
    assert_eq!(span.parent_span_id, SpanId::from(0xb7ad_6b71_6920_3331));
    expect(
        &span,
        &[
            ("aws.request_id", "r1"),
            ("http.response.status_code", "200"),
            ("lamplight.aws.attempts", "1"),
            ("rpc.method", "GetSatellite"),
            ("rpc.service", "Ground Station"),
            ("rpc.system", "aws-api"),
            ("rpc.system.name", "aws-api"),
            ("server.address", "groundstation.eu-west-1.amazonaws.com"),
            ("server.port", "443"),
        ],
    );
    let request = http.actual_requests().next().unwrap();
    assert_eq!(request.headers().get("traceparent"), None);
}

#[tokio::test]
async fn its_headers_carry_context_on_request() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    call(spans.lamplight().with_carrier(Carrier::HttpHeaders), &http).await;
    let request = http.actual_requests().next().unwrap();
    let expected = traceparent(&spans.one());
    assert_eq!(request.headers().get("traceparent"), Some(&*expected));
    assert_eq!(request.body().bytes(), Some(&b"{}"[..]));
}
