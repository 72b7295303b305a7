//! The smallest traced function: each invocation is a span that continues the caller's trace.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-hello --data-ascii '{"name": "Ada"}'
//! ```
//!
//! `cargo lambda watch` prints the span as a line of OTLP/JSON after each answer. An event without a name
//! never reaches the handler, and its span has the error `DeserializeError`.

use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request {
    name: String,
}

#[derive(Serialize)]
struct Response {
    greeting: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::wrap(greet).run().await
}

async fn greet(event: LambdaEvent<Request>) -> Result<Response, Error> {
    let Request { name } = event.payload;
    Ok(Response {
        greeting: format!("Hello, {name}!"),
    })
}

#[cfg(test)]
mod tests;
