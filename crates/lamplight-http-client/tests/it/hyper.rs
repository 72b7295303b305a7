//! `hyper-util`'s client against a server.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Request;
use http_body_util::{BodyExt as _, BodyStream, Full, StreamBody};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use lamplight_test_rig::server::{Server, answer};
use opentelemetry::trace::Status;
use tokio::sync::mpsc;
use tower::{Layer, Service};

use crate::common::*;

#[tokio::test]
async fn a_request_arrives_with_context_and_its_answer_comes_back_whole() {
    let spans = Spans::new();
    let server = Server::that_says(answer("201 Created", &["x-cache: hit"], b"answer"));
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut client = spans.layer().layer(client);
    let request = Request::post(format!("{}/orders?x=1", server.url()));
    let request = request
        .body(Full::new(Bytes::from_static(b"order")))
        .unwrap();
    let response = client.call(request).await.unwrap();
    // The head is there, and the body has not been read.
    let span = spans.one();
    assert_eq!(response.status(), 201);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "answer");
    let seen = server.seen();
    assert_eq!(seen[0].body, b"order");
    assert_eq!(
        seen[0].header("traceparent"),
        traceparent(&span.span_context)
    );
    let (url, port) = (server.url(), server.address.port().to_string());
    expect(
        &span,
        &[
            ("http.request.method", "POST"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("url.full", &format!("{url}/orders?x=1")),
            ("http.response.status_code", "201"),
            ("network.protocol.version", "1.1"),
        ],
    );
}

/// Both bodies at once: what is sent is made of what has come.
#[tokio::test]
async fn bodies_stream() {
    let spans = Spans::new();
    let client = tower::service_fn(|request: Request<StreamBody<_>>| async move {
        Ok::<_, std::io::Error>(http::Response::new(request.into_body()))
    });
    let mut client = spans.layer().layer(client);
    let (send, mut receive) = mpsc::channel::<Result<http_body::Frame<Bytes>, std::io::Error>>(1);
    let stream = futures_util::stream::poll_fn(move |cx| receive.poll_recv(cx));
    let request = Request::post("http://a.example/")
        .body(StreamBody::new(stream))
        .unwrap();
    let response = client.call(request).await.unwrap();
    spans.one();
    let mut body = BodyStream::new(response.into_body());
    for part in ["one", "two"] {
        send.send(Ok(http_body::Frame::data(Bytes::from_static(
            part.as_bytes(),
        ))))
        .await
        .unwrap();
        let frame = body.next().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), part);
    }
    drop(send);
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_of_the_client() {
    let spans = Spans::new();
    let (_socket, closed) = closed();
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let mut client = spans.layer().layer(client);
    let request = Request::get(format!("http://{closed}/"))
        .body(Full::default())
        .unwrap();
    let error = client.call(request).await.unwrap_err();
    assert!(error.is_connect());
    let span = spans.one();
    assert_eq!(span.status, Status::error(""));
    let class = attribute(&span, "error.type").unwrap();
    assert!(
        class.starts_with("hyper_util::") && class.ends_with("::Error"),
        "{class}"
    );
}
