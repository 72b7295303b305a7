use lamplight::opentelemetry::{Array, Value};
use lamplight_testing::{Lambda, events};
use serde_json::json;

use super::*;

#[tokio::test]
async fn routes_name_the_spans_and_answers_are_on_them() {
    let mut lambda = Lambda::builder()
        .with_telemetry(configure)
        .build(buffered(router(Orders::default())));

    let order = json!({"article": "lamp", "pieces": 2});
    let placed = lambda
        .invoke(events::api_gateway_v2().post("/orders").json(&order))
        .await;
    assert_eq!(placed.http().status(), StatusCode::CREATED);
    let location = Array::String(vec!["/orders/1".into()]);
    let root = placed.trace().root();
    assert_eq!(root.name(), "POST /orders");
    root.has("http.route", "/orders")
        .has("http.response.status_code", 201)
        .has("http.response.header.location", Value::Array(location))
        .child("place")
        .has("article", "lamp")
        .has_event("order placed");

    let shown = lambda
        .invoke(events::api_gateway_v2().get("/orders/1"))
        .await;
    let body: serde_json::Value = serde_json::from_slice(shown.http().body()).unwrap();
    assert_eq!(body, order);
    assert_eq!(shown.trace().root().name(), "GET /orders/{id}");
    shown.assert_conforms();

    let missing = lambda
        .invoke(events::api_gateway_v2().get("/orders/7"))
        .await;
    missing
        .trace()
        .root()
        .has("http.response.status_code", 404)
        .has_no_error();
}

#[tokio::test]
async fn a_body_that_is_no_order_is_refused() {
    let mut lambda = Lambda::http(router(Orders::default()));
    let event = events::api_gateway_v2().post("/orders");
    let refused = lambda.invoke(event.json(&json!({"article": 7}))).await;
    assert_eq!(refused.http().status(), StatusCode::UNPROCESSABLE_ENTITY);
    refused.trace().root().has_no_error();
}
