//! A typical function: a router, an AWS client, an HTTP client, logs, telemetry.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::config::Builder;
use axum::{Router, extract::State, routing::get};
use lambda_http::Error;
use lamplight::{
    aws::LamplightExt,
    http::{RouteLayer, buffered},
};

#[derive(Clone)]
struct Clients {
    tables: aws_sdk_dynamodb::Client,
    web: reqwest::Client,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    eprintln!("{telemetry:?}");
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let clients = Clients {
        tables: aws_sdk_dynamodb::Client::from_conf(Builder::from(&config).lamplight().build()),
        web: reqwest::Client::new(),
    };
    let router = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(clients)
        .layer(RouteLayer::new());
    telemetry.run(buffered(router)).await
}

/// Returns the results of the two clients, which are errors, because there are no servers.
async fn order(State(clients): State<Clients>) -> String {
    let tables = clients.tables.list_tables().send().await;
    let page = clients.web.get("http://127.0.0.1:1/").send().await;
    format!("tables: {}, page: {}", tables.is_ok(), page.is_ok())
}
