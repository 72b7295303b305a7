//! Attributes and spans by the company's own conventions: `conventions/semconv/orders.yaml` defines their
//! names once, `conventions/` makes typed Rust of it, and the tests of this function compare recorded
//! spans with it.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-own-conventions --data-file event.json
//! cargo test
//! ```
//!
//! The invocation has a child `price web` with all attributes that its definition requires. Write a key by
//! hand or leave one out, and `cargo test` reports it; a wrong type or an unknown name does not compile.

use acme_conventions::{
    com::acme::order::{self, ComAcmeOrderChannel},
    spans,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::{
    global,
    trace::{Span, Tracer},
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: String,
    channel: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    pieces: i64,
    price_cents: i64,
}

#[derive(Serialize)]
struct Bill {
    total_cents: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(price)).await
}

async fn price(event: LambdaEvent<Order>) -> Result<Bill, Error> {
    let order = event.payload;
    let channel = ComAcmeOrderChannel::from_value(order.channel);
    // On the invocation's span too, since slow and failed orders are looked up there.
    lamplight::current().set_attribute(order::id(order.id.clone()));

    let tracer = global::tracer("acme-checkout");
    let name = format!("price {}", channel.as_str());
    // The arguments are the attributes that the definition of the span requires.
    let required = spans::com::acme::order::price::required(order.id, channel);
    let span = tracer.span_builder(name).with_attributes(required);
    let mut span = span.start(&tracer);
    let prices = order.lines.iter().map(|it| it.pieces * it.price_cents);
    let total_cents = prices.sum();
    span.set_attribute(order::total_cents(total_cents));
    Ok(Bill { total_cents })
}

#[cfg(test)]
mod tests;
