{% if invoked_by == "http" -%}
use axum::{Json, Router, extract::Path, routing::get};
use lambda_runtime::Error;
use lamplight::opentelemetry::KeyValue;
use serde::Serialize;

#[derive(Serialize)]
struct Greeting {
    greeting: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let router = Router::new().route("/hello/{name}", get(hello));
    lamplight::http::run(router).await
}

async fn hello(Path(name): Path<String>) -> Json<Greeting> {
    let greeting = format!("Hello, {name}");
    // On the invocation's span, in the trace of the client that sent the request.
    lamplight::current().set_attribute(KeyValue::new("app.greeted", name));
    Json(Greeting { greeting })
}
{%- else -%}
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::KeyValue;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request {
    name: String,
}

#[derive(Serialize)]
struct Greeting {
    greeting: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = lamplight::init();
    telemetry.run(service_fn(hello)).await
}

async fn hello(event: LambdaEvent<Request>) -> Result<Greeting, Error> {
    let Request { name } = event.payload;
    let greeting = format!("Hello, {name}");
    // On the invocation's span, in the trace of the caller.
    lamplight::current().set_attribute(KeyValue::new("app.greeted", name));
    Ok(Greeting { greeting })
}
{%- endif %}
