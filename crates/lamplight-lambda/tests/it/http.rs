//! Functions that are an `axum` router.
#![cfg(feature = "axum")]

use axum::{
    Router,
    routing::{any, get, post},
};
use http::StatusCode;
use lambda_http::{Adapter, StreamAdapter};
use lamplight_lambda::RouteLayer;
use lamplight_propagation::inbound::EventExtractor;
use lamplight_semconv as semconv;
use opentelemetry::{Array, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};

use crate::common::{Function, error_type, get as attribute};

fn request(method: &str, path: &str) -> Json {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "test",
            },
            "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_390_i64,
        },
        "isBase64Encoded": false,
    })
}

fn router() -> Router {
    let items = Router::new().route("/items/{item}", get(async || "an item"));
    Router::new()
        .route("/orders/{id}", get(async || "an order"))
        .route("/broken", post(async || StatusCode::SERVICE_UNAVAILABLE))
        .nest("/orders/{id}", items)
        .layer(RouteLayer::new())
}

/// Requests a path, of a buffered and of a streaming function.
async fn spans_of(method: &str, path: &str) -> [SpanData; 2] {
    let event = request(method, path);
    let buffered = Function::new();
    let answer = buffered.invoke(&event, Adapter::from(router())).await;
    answer.unwrap();
    let streaming = Function::new();
    let answer = streaming
        .invoke(&event, StreamAdapter::from(router()))
        .await;
    answer.unwrap();
    [buffered.only_span(), streaming.only_span()]
}

#[tokio::test]
async fn the_routers_route_names_the_span() {
    for (path, route) in [
        ("/orders/7", "/orders/{id}"),
        ("/orders/7/items/1", "/orders/{id}/items/{item}"),
    ] {
        for span in spans_of("GET", path).await {
            assert_eq!(span.name, format!("GET {route}"));
            assert_eq!(attribute(&span, semconv::http::ROUTE), Some(route.into()));
            let status = attribute(&span, semconv::http::response::STATUS_CODE);
            assert_eq!(status, Some(200.into()));
            assert_eq!(error_type(&span), None);
            let trace_id = span.span_context.trace_id().to_string();
            assert_eq!(trace_id, "0af7651916cd43dd8448eb211c80319c");
        }
    }
}

#[tokio::test]
async fn the_status_is_the_responses() {
    for span in spans_of("POST", "/broken").await {
        assert_eq!(error_type(&span).as_deref(), Some("503"));
        assert_eq!(span.name, "POST /broken");
    }
    for span in spans_of("GET", "/no/such/path").await {
        let status = attribute(&span, semconv::http::response::STATUS_CODE);
        assert_eq!(status, Some(404.into()));
        assert_eq!(error_type(&span), None);
        assert_eq!(attribute(&span, semconv::http::ROUTE), None);
        assert!(!span.name.contains("no/such"), "{}", span.name);
    }
}

/// `http/http-spans.md`, "Name": where `http.request.method` is `_OTHER`, `{method}` MUST be `HTTP`.
#[tokio::test]
async fn a_method_that_is_not_known_names_no_span() {
    for (extractor, name) in [
        (EventExtractor::new(), "HTTP /orders/{id}"),
        (
            EventExtractor::new().with_known_methods(["PURGE"]),
            "PURGE /orders/{id}",
        ),
    ] {
        let function = Function::with(|builder| builder.with_extractor(extractor));
        let router = Router::new()
            .route("/orders/{id}", any(async || "purged"))
            .layer(RouteLayer::new());
        let event = request("PURGE", "/orders/7");
        function
            .invoke(&event, Adapter::from(router))
            .await
            .unwrap();
        let span = function.only_span();
        assert_eq!(span.name, name);
        let method = attribute(&span, semconv::http::request::METHOD).unwrap();
        let known = name.starts_with("PURGE");
        assert_eq!(method.as_str(), if known { "PURGE" } else { "_OTHER" });
    }
}

#[tokio::test]
async fn headers_and_secrets_are_recorded_as_one_asks_for_it() {
    let configured = || {
        let extractor = EventExtractor::new()
            .with_request_headers(["X-Tenant", "absent"])
            .with_sensitive_query_parameters(["token"]);
        Function::with(|builder| {
            builder
                .with_extractor(extractor)
                .with_response_headers(["Content-Type", "X-Cache"])
        })
    };
    let answer = || ([("x-cache", "hit"), ("set-cookie", "secret")], "text");
    let router = Router::new().route("/orders", get(async move || answer()));
    let mut event = request("GET", "/orders");
    event["headers"]["x-TENANT"] = json!("blue");
    event["headers"]["authorization"] = json!("secret");
    event["rawQueryString"] = json!("token=secret&sig=secret&page=2");

    let buffered = configured();
    let adapter = Adapter::from(router.clone());
    buffered.invoke(&event, adapter).await.unwrap();
    let streaming = configured();
    let adapter = StreamAdapter::from(router);
    streaming.invoke(&event, adapter).await.unwrap();
    for function in [buffered, streaming] {
        let span = function.only_span();
        let header = |name: &str| match attribute(&span, name) {
            Some(Value::Array(Array::String(values))) => values
                .iter()
                .map(|value| value.as_str().to_owned())
                .collect(),
            other => panic!("{name}: {other:?}"),
        };
        let one: [Vec<String>; 3] = [
            header("http.request.header.x-tenant"),
            header("http.response.header.x-cache"),
            header("http.response.header.content-type"),
        ];
        assert_eq!(one, [["blue"], ["hit"], ["text/plain; charset=utf-8"]]);
        let query = attribute(&span, semconv::url::QUERY);
        assert_eq!(query, Some("token=REDACTED&sig=REDACTED&page=2".into()));
        assert!(!format!("{span:?}").contains("secret"), "{span:#?}");
    }
}
