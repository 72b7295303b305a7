//! The name and the attributes of a span.

use http::{HeaderValue, Request, Uri};
use lamplight_http_client::{HttpClientLayer, UrlTemplate};
use opentelemetry::trace::{SpanKind, Status};
use tower::Layer;

use crate::common::*;

/// The span of a request that is answered with 200.
fn span(
    spans: &Spans,
    change: impl FnOnce(HttpClientLayer) -> HttpClientLayer,
    request: http::request::Builder,
) -> opentelemetry_sdk::trace::SpanData {
    let client = change(spans.layer()).layer(Arrived::default().answering(200));
    now(call(client, request)).unwrap();
    spans.one()
}

#[test]
fn a_request_is_a_client_span_by_the_convention() {
    let spans = Spans::new();
    let request = Request::get("https://shop.example/orders/42?color=blue");
    let span = span(&spans, |layer| layer, request);
    assert_eq!(span.name, "GET");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(span.status, Status::Unset);
    expect(
        &span,
        &[
            ("http.request.method", "GET"),
            ("server.address", "shop.example"),
            ("server.port", "443"),
            ("url.full", "https://shop.example/orders/42?color=blue"),
            ("http.response.status_code", "200"),
            ("network.protocol.version", "1.1"),
        ],
    );
}

#[test]
fn a_template_is_part_of_the_name() {
    let spans = Spans::new();
    let request = Request::delete("http://shop.example/orders/42");
    let span = span(
        &spans,
        |it| it,
        request.extension(UrlTemplate::new("/orders/{id}")),
    );
    assert_eq!(span.name, "DELETE /orders/{id}");
    assert_eq!(attribute(&span, "url.template").unwrap(), "/orders/{id}");
}

#[test]
fn a_method_that_is_not_known_is_recorded_apart() {
    for (method, known, name, recorded, original) in [
        ("PURGE", None, "HTTP", "_OTHER", Some("PURGE")),
        ("get", None, "HTTP", "_OTHER", Some("get")),
        ("_OTHER", None, "HTTP", "_OTHER", None),
        ("PURGE", Some("PURGE"), "PURGE", "PURGE", None),
        ("GET", Some("PURGE"), "HTTP", "_OTHER", Some("GET")),
        ("QUERY", None, "QUERY", "QUERY", None),
        ("HTTP", None, "HTTP", "_OTHER", Some("HTTP")),
    ] {
        let spans = Spans::new();
        let known = |layer: HttpClientLayer| match known {
            Some(known) => layer.with_known_methods([known]),
            None => layer,
        };
        let request = Request::builder().method(method).uri("http://a.example/");
        let span = span(&spans, known, request);
        assert_eq!(span.name, name, "{method}");
        assert_eq!(attribute(&span, "http.request.method").unwrap(), recorded);
        let is = attribute(&span, "http.request.method_original");
        assert_eq!(is.as_deref(), original, "{method}");
    }
}

#[test]
fn the_url_is_recorded_without_its_secrets() {
    for (uri, address, port, full) in [
        (
            "https://user:pass@h.example:8443/a?sig=abc&x=1",
            "h.example",
            "8443",
            "https://REDACTED:REDACTED@h.example:8443/a?sig=REDACTED&x=1",
        ),
        (
            "http://tok3n@h.example",
            "h.example",
            "80",
            "http://REDACTED@h.example/",
        ),
        (
            "http://@h.example/",
            "h.example",
            "80",
            "http://REDACTED@h.example/",
        ),
        ("http://[::1]:9000/", "::1", "9000", "http://[::1]:9000/"),
        (
            "http://h.example/?my-key=1&X%2DAmz-Signature=2",
            "h.example",
            "80",
            "http://h.example/?my-key=REDACTED&X%2DAmz-Signature=REDACTED",
        ),
    ] {
        let spans = Spans::new();
        let secret = |layer: HttpClientLayer| layer.with_sensitive_query_parameters(["my-key"]);
        let span = span(&spans, secret, Request::get(uri));
        assert_eq!(attribute(&span, "server.address").unwrap(), address);
        assert_eq!(attribute(&span, "server.port").unwrap(), port);
        assert_eq!(attribute(&span, "url.full").unwrap(), full);
    }
}

#[test]
fn a_request_without_a_host_has_that_of_the_origin_or_of_its_header() {
    let origin = Uri::from_static("https://orders.internal:50051/ignored?too");
    let request = || Request::get("/orders?x=1").header("host", "shop.example:8080");
    let spans = Spans::new();
    let of_origin = span(&spans, |it| it.with_origin(origin), request());
    assert_eq!(
        attribute(&of_origin, "server.address").unwrap(),
        "orders.internal"
    );
    assert_eq!(
        attribute(&of_origin, "url.full").unwrap(),
        "https://orders.internal:50051/orders?x=1"
    );
    let spans = Spans::new();
    let of_header = span(&spans, |it| it, request());
    assert_eq!(
        attribute(&of_header, "server.address").unwrap(),
        "shop.example"
    );
    assert_eq!(attribute(&of_header, "server.port").unwrap(), "8080");
    assert_eq!(
        attribute(&of_header, "url.full").unwrap(),
        "//shop.example:8080/orders?x=1"
    );
}

#[test]
fn headers_are_recorded_that_are_asked_for() {
    let spans = Spans::new();
    let mut secret = HeaderValue::from_static("tok3n");
    secret.set_sensitive(true);
    let request = Request::get("http://a.example/")
        .header("x-kind", "a")
        .header("X-Kind", "b")
        .header("authorization", secret)
        .header("x-other", "c");
    let captured = |layer: HttpClientLayer| {
        layer.with_request_headers(["X-Kind", "authorization", "absent", "no name"])
    };
    let span = span(&spans, captured, request);
    let keys: Vec<_> = attributes(&span).into_iter().collect();
    let headers: Vec<_> = keys
        .iter()
        .filter(|(key, _)| key.starts_with("http.request.header."))
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        headers,
        [
            ("http.request.header.authorization", r#"["REDACTED"]"#),
            ("http.request.header.x-kind", r#"["a","b"]"#),
        ]
    );
}
