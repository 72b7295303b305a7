//! An HTTP API with `axum`: each span has the name of the route that matched and the attributes of
//! request and response, and is an error if the status is 500 or above.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! curl -i localhost:9000/lambda-url/example-axum/orders --json '{"article": "lamp", "pieces": 2}'
//! curl -i localhost:9000/lambda-url/example-axum/orders/1
//! curl -i localhost:9000/lambda-url/example-axum/orders/7
//! ```
//!
//! The spans are `POST /orders`, with a child `place` by `tracing`, and twice `GET /orders/{id}`. The
//! second is not an error: a 404 is the client's mistake.
//!
//! Without options in code, `lamplight::http::run(router).await` is all of `main`, and the router needs
//! no `RouteLayer`.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
    routing::{get, post},
};
use lambda_runtime::Error;
use lamplight::{
    Telemetry, TelemetryBuilder,
    http::{RouteLayer, buffered},
};
use serde::{Deserialize, Serialize};
use tokio::sync::RwLock;

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Order {
    article: String,
    pieces: u32,
}

type Orders = Arc<RwLock<HashMap<usize, Order>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = configure(Telemetry::builder()).init();
    telemetry.init_tracing();
    telemetry.run(buffered(router(Orders::default()))).await
}

fn configure(telemetry: TelemetryBuilder) -> TelemetryBuilder {
    telemetry.with_response_headers(["location"])
}

fn router(orders: Orders) -> Router {
    Router::new()
        .route("/orders", post(place))
        .route("/orders/{id}", get(show))
        .layer(RouteLayer::new())
        .with_state(orders)
}

/// Stores an order. `axum` answers 422 if the body is not one.
#[tracing::instrument(skip_all, fields(article = order.article))]
async fn place(State(orders): State<Orders>, Json(order): Json<Order>) -> impl IntoResponse {
    let mut orders = orders.write().await;
    let id = orders.len() + 1;
    orders.insert(id, order);
    tracing::info!(id, "order placed");
    (StatusCode::CREATED, [(LOCATION, format!("/orders/{id}"))])
}

async fn show(
    State(orders): State<Orders>,
    Path(id): Path<usize>,
) -> Result<Json<Order>, StatusCode> {
    let orders = orders.read().await;
    let order = orders.get(&id).cloned().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(order))
}

#[cfg(test)]
mod tests;
