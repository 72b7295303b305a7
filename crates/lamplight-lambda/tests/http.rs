//! Functions that are an `axum` router.
#![cfg(feature = "axum")]
// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use axum::Router;
use axum::routing::{get, post};
use common::{Function, error_type, get as attribute};
use http::StatusCode;
use lambda_http::{Adapter, StreamAdapter};
use lamplight_lambda::RouteLayer;
use lamplight_semconv as semconv;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};

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
