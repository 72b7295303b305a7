//! `reqwest` against a server.

use std::time::Duration;

use lamplight_http_client::{LamplightExt as _, ResendCount};
use lamplight_test_rig::server::{Server, answer};
use opentelemetry::trace::{FutureExt as _, Status};
use tower::{Layer, Service};

use crate::common::*;

#[tokio::test]
async fn a_request_is_a_span_and_carries_its_context() {
    let spans = Spans::new();
    let server = Server::that_says(answer("200 OK", &[], b"answer"));
    let url = format!("{}/orders/42?sig=secret#part", server.url());
    let request = reqwest::Client::new().post(url).body("order").lamplight();
    let request = request
        .with_layer(&spans.layer())
        .with_url_template("/orders/{id}");
    let sent = {
        let _caller = caller().attach();
        request.send()
    };
    let response = sent.await.unwrap();
    let span = spans.one();
    assert_eq!(response.text().await.unwrap(), "answer");
    assert_eq!(span.name, "POST /orders/{id}");
    let seen = server.seen();
    assert_eq!(seen[0].body, b"order");
    assert_eq!(
        seen[0].header("traceparent"),
        traceparent(&span.span_context)
    );
    assert_eq!(seen[0].header("baggage"), BAGGAGE);
    let (url, port) = (server.url(), server.address.port().to_string());
    expect(
        &span,
        &[
            ("http.request.method", "POST"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("url.full", &format!("{url}/orders/42?sig=REDACTED")),
            ("url.template", "/orders/{id}"),
            ("http.response.status_code", "200"),
            ("network.protocol.version", "1.1"),
        ],
    );
}

#[tokio::test]
async fn a_fragment_is_not_recorded() {
    let spans = Spans::new();
    let server = Server::that_says(answer("200 OK", &[], b""));
    let url = format!("{}/#access_token=s3cret", server.url());
    let request = reqwest::Client::new().get(url).lamplight();
    request.with_layer(&spans.layer()).send().await.unwrap();
    let full = attribute(&spans.one(), "url.full").unwrap();
    assert_eq!(full, format!("{}/", server.url()));
}

/// The layer of the environment, and no provider: the caller's context passes through.
#[tokio::test]
async fn the_default_layer_is_that_of_the_environment() {
    let server = Server::that_says(answer("200 OK", &[], b""));
    let sent = async {
        reqwest::Client::new()
            .get(server.url())
            .lamplight()
            .send()
            .await
    };
    sent.with_context(caller()).await.unwrap();
    let seen = server.seen();
    assert!(
        seen[0]
            .header("traceparent")
            .starts_with("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")
    );
}

#[tokio::test]
async fn a_client_below_the_layer_is_a_service() {
    let spans = Spans::new();
    let server = Server::that_says(answer("404 Not Found", &[], b""));
    let mut client = spans.layer().layer(reqwest::Client::new());
    let request = client.get_ref().get(server.url()).build().unwrap();
    let response = client.call(request).await.unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(attribute(&spans.one(), "error.type").unwrap(), "404");
}

/// The convention wants the URL that was asked for, where one span stands for all that is sent.
#[tokio::test]
async fn redirects_are_within_one_span() {
    let spans = Spans::new();
    let server = Server::start(|seen, _| match seen.line.contains("/old") {
        true => answer("302 Found", &["location: /new"], b""),
        false => answer("200 OK", &[], b"new"),
    });
    let request = reqwest::Client::new()
        .get(format!("{}/old", server.url()))
        .lamplight();
    let response = request.with_layer(&spans.layer()).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "new");
    let span = spans.one();
    assert_eq!(
        attribute(&span, "url.full").unwrap(),
        format!("{}/old", server.url())
    );
    assert_eq!(
        attribute(&span, "http.response.status_code").unwrap(),
        "200"
    );
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(
        seen[1].header("traceparent"),
        traceparent(&span.span_context)
    );
}

#[tokio::test]
async fn errors_have_a_class_each_and_no_url() {
    let (_socket, closed) = closed();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let looping = Server::that_says(answer("302 Found", &["location: /"], b""));
    for (address, class) in [
        (closed, "connect"),
        (silent.local_addr().unwrap(), "timeout"),
        (looping.address, "redirect"),
    ] {
        let spans = Spans::new();
        let request = reqwest::Client::new().get(format!("http://{address}/?key=s3cret"));
        let request = request.timeout(Duration::from_millis(match class {
            "timeout" => 50,
            _ => 60_000,
        }));
        let layer = spans.layer().with_sensitive_query_parameters(["key"]);
        let sent = request.lamplight().with_layer(&layer).send();
        sent.await.unwrap_err();
        let span = spans.one();
        assert_eq!(attribute(&span, "error.type").unwrap(), class);
        assert_eq!(span.status, Status::error(""));
        assert!(!format!("{span:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_no_request() {
    let spans = Spans::new();
    let request = reqwest::Client::new().get("no url").lamplight();
    let error = request.with_layer(&spans.layer()).send().await.unwrap_err();
    assert!(error.is_builder());
    assert_eq!(spans.ended().len(), 0);
}

#[tokio::test]
async fn a_request_that_is_dropped_was_cancelled() {
    let spans = Spans::new();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let request = reqwest::Client::new()
        .get(url)
        .lamplight()
        .with_layer(&spans.layer());
    let sent = tokio::spawn(request.send());
    // It has connected.
    let _connection = silent.accept().await.unwrap();
    sent.abort();
    sent.await.unwrap_err();
    assert_eq!(attribute(&spans.one(), "error.type").unwrap(), "cancelled");
}

#[tokio::test]
async fn requests_with_one_count_are_counted() {
    let spans = Spans::new();
    let server = Server::that_says(answer("200 OK", &[], b""));
    let count = ResendCount::new();
    for _ in 0..2 {
        let request = reqwest::Client::new().get(server.url()).lamplight();
        let request = request.with_layer(&spans.layer()).with_resend_count(&count);
        request.send().await.unwrap();
    }
    let ended = spans.ended();
    assert_eq!(attribute(&ended[0], "http.request.resend_count"), None);
    assert_eq!(
        attribute(&ended[1], "http.request.resend_count").unwrap(),
        "1"
    );
}
