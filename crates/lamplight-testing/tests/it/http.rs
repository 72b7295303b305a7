//! Functions that answer HTTP requests.

use axum::{
    Json, Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{get, post},
};
use lamplight::http::{RouteLayer, streaming};
use lamplight_testing::{Lambda, events};
use serde_json::{Value, json};

use crate::{CALLER, message};

fn router() -> Router {
    Router::new()
        .route(
            "/orders/{id}",
            get(async |Path(id): Path<String>, headers: HeaderMap| {
                let headers = headers.get("x-shop").cloned();
                let shop = headers.map(|it| it.to_str().unwrap().to_owned());
                (
                    AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]),
                    Json(json!({"id": id, "shop": shop})),
                )
            }),
        )
        .route(
            "/orders",
            post(async |Json(order): Json<Value>| (StatusCode::CREATED, Json(order))),
        )
        .route("/broken", get(async || StatusCode::BAD_GATEWAY))
        .route(
            "/bytes",
            post(async |body: axum::body::Bytes| -> Response {
                ([("content-type", "application/octet-stream")], body).into_response()
            }),
        )
        .route(
            "/stream",
            get(async || {
                let chunks = ["one,", "two,", "three"].map(Ok::<_, std::io::Error>);
                Body::from_stream(futures_util::stream::iter(chunks))
            }),
        )
}

#[tokio::test]
async fn a_router_behind_every_door() {
    let mut lambda = Lambda::http(router());
    for door in [
        events::api_gateway_v2(),
        events::alb(),
        events::function_url(),
    ] {
        let request = door
            .get("/orders/7")
            .with_route("/orders/{id}")
            .with_query("verbose", "a b")
            .with_header("x-shop", "berlin")
            .with_trace(CALLER);
        let invocation = lambda.invoke(request).await;
        let response = invocation.http();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body, json!({"id": "7", "shop": "berlin"}));
        let trace = invocation.trace();
        trace
            .span("GET /orders/{id}")
            .has("http.route", "/orders/{id}")
            .has("url.query", "verbose=a%20b")
            .has("client.address", "192.0.2.10")
            .has_parent(CALLER);
        invocation.assert_conforms();
    }
}

/// `lambda_http` puts the stage of a REST API before the path, in Lambda too.
#[tokio::test]
async fn a_router_behind_a_rest_api() {
    let mut lambda = Lambda::http(Router::new().nest("/prod", router()));
    let request = events::api_gateway_v1()
        .get("/orders/7")
        .with_route("/orders/{id}")
        .with_cookie("a=1")
        .with_trace(CALLER);
    let invocation = lambda.invoke(request).await;
    assert_eq!(invocation.http().status(), 200);
    let cookies = invocation.http();
    assert_eq!(cookies.headers().get_all("set-cookie").iter().count(), 2);
    invocation
        .trace()
        .root()
        .has("url.path", "/orders/7")
        .has_parent(CALLER);
    invocation.assert_conforms();
}

#[tokio::test]
async fn bodies_statuses_and_bytes() {
    let mut lambda = Lambda::http(router());
    let order = json!({"product": "tea"});
    let created = lambda
        .invoke(events::api_gateway_v2().post("/orders").json(&order))
        .await;
    assert_eq!(created.http().status(), 201);
    assert_eq!(
        serde_json::from_slice::<Value>(created.http().body()).unwrap(),
        order
    );

    let broken = lambda.invoke(events::alb().get("/broken")).await;
    assert_eq!(broken.http().status(), 502);
    broken
        .trace()
        .root()
        .has_error("502")
        .has("http.response.status_code", 502);

    let bytes = lambda
        .invoke(
            events::function_url()
                .post("/bytes")
                .bytes([0, 159, 146, 150]),
        )
        .await;
    assert_eq!(bytes.http().body().as_ref(), [0, 159, 146, 150]);
}

#[tokio::test]
async fn a_streamed_response() {
    let handler = streaming(router().layer(RouteLayer::new()));
    let mut lambda = Lambda::builder().build(handler);
    let invocation = lambda.invoke(events::function_url().get("/stream")).await;
    let response = invocation.http();
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), "one,two,three");
    invocation
        .trace()
        .span("GET /stream")
        .has("http.response.status_code", 200);

    let created = lambda
        .invoke(events::function_url().post("/orders").json(&json!(1)))
        .await;
    assert_eq!(created.http().status(), 201);
}

#[tokio::test]
async fn a_frozen_router_and_a_response_that_is_not_http() {
    let mut lambda = Lambda::builder().build_frozen(|| lamplight::http::buffered(router()));
    let invocation = lambda.invoke(events::alb().get("/orders/7")).await;
    assert_eq!(invocation.http().status(), 200);

    let echo = async |event: lambda_runtime::LambdaEvent<Value>| {
        Ok::<_, lambda_runtime::Error>(event.payload)
    };
    let invocation = Lambda::new(lambda_runtime::service_fn(echo))
        .invoke(json!({"id": 1}))
        .await;
    let message = message(|| invocation.http());
    assert!(message.contains("is no HTTP response"), "{message}");
}
