//! A channel of tonic against a server.

use std::future::ready;

use http::{Request, Response, Uri};
use lamplight_test_rig::grpc::Endpoint;
use opentelemetry::trace::Status;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, trace_service_client::TraceServiceClient,
};
use opentelemetry_sdk::trace::SpanData;
use tonic::transport::Channel;
use tower::{Layer, service_fn};

use crate::common::*;

/// The span of a call that is answered with this status, and what the caller got.
async fn called(statuses: &'static [u16]) -> (SpanData, Result<(), tonic::Status>) {
    let spans = Spans::new();
    let endpoint = Endpoint::start(statuses).await;
    let origin: Uri = format!("http://{}", endpoint.address).parse().unwrap();
    let channel = Channel::builder(origin.clone()).connect_lazy();
    let layer = spans.layer().with_origin(origin.clone());
    let mut client = TraceServiceClient::new(layer.layer(channel));
    let result = client.export(ExportTraceServiceRequest::default()).await;
    let span = spans.one();
    let sent = endpoint.calls()[0].headers.clone();
    assert_eq!(
        header(&sent, "traceparent"),
        traceparent(&span.span_context)
    );
    assert_eq!(
        attribute(&span, "url.full").unwrap(),
        format!("{origin}opentelemetry.proto.collector.trace.v1.TraceService/Export")
    );
    assert_eq!(attribute(&span, "network.protocol.version").unwrap(), "2");
    (span, result.map(drop))
}

#[tokio::test]
async fn a_call_has_its_method_in_the_name() {
    let (span, result) = called(&[]).await;
    result.unwrap();
    assert_eq!(
        span.name,
        "POST /opentelemetry.proto.collector.trace.v1.TraceService/Export"
    );
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attribute(&span, "error.type"), None);
}

/// The status is behind the head, which ends the span.
#[tokio::test]
async fn an_error_behind_the_head_is_not_on_the_span() {
    let (span, result) = called(&[14]).await;
    assert_eq!(result.unwrap_err().code(), tonic::Code::Unavailable);
    assert_eq!(span.status, Status::Unset);
}

/// As a server answers that has nothing but a status to send.
#[test]
fn an_error_in_the_head_is_on_the_span_of_a_call() {
    for (kind, status, class) in [
        ("application/grpc", "5", Some("NOT_FOUND")),
        ("application/grpc+proto", "0", None),
        ("text/plain", "5", None),
    ] {
        let spans = Spans::new();
        let client = service_fn(move |_: Request<String>| {
            let response = Response::builder().header("grpc-status", status);
            ready(Ok::<_, std::io::Error>(response.body(()).unwrap()))
        });
        let request =
            Request::post("http://a.example/orders.Orders/Get").header("content-type", kind);
        now(call(spans.layer().layer(client), request)).unwrap();
        let span = spans.one();
        assert_eq!(
            attribute(&span, "error.type").as_deref(),
            class,
            "{kind} {status}"
        );
        let is_error = span.status != Status::Unset;
        assert_eq!(is_error, class.is_some(), "{kind} {status}");
    }
}
