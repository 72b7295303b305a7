//! Attributes and spans of your own: in the handler, in a child span, in a spawned task, in a thread.
//!
//! ```sh
//! OTEL_TRACES_EXPORTER=console cargo lambda watch
//! cargo lambda invoke example-attributes --data-ascii '{"id": "A-1", "lines": [1250, 99]}'
//! ```
//!
//! The invocation's span has `shop.order.id`, `shop.invoice.pages` and the event `order archived`, and
//! a child `total` with `shop.order.cents`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight::opentelemetry::{
    KeyValue,
    context::FutureExt,
    global,
    trace::{TraceContextExt, Tracer},
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Order {
    id: String,
    /// Prices in cents.
    lines: Vec<i64>,
}

#[derive(Serialize)]
struct Bill {
    cents: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(bill)).await
}

async fn bill(event: LambdaEvent<Order>) -> Result<Bill, Error> {
    let order = event.payload;
    let invocation = lamplight::current();
    invocation.set_attribute(KeyValue::new("shop.order.id", order.id));

    let cents = global::tracer("shop").in_span("total", |cx| {
        let cents = order.lines.iter().sum();
        cx.span()
            .set_attribute(KeyValue::new("shop.order.cents", cents));
        cents
    });

    // A spawned task does not inherit the context: give it along.
    let archived = tokio::spawn(archive().with_current_context());
    // In a thread, use the handle. A counter becomes an attribute when the span ends.
    let pages = invocation.clone();
    let printed = tokio::task::spawn_blocking(move || pages.add("shop.invoice.pages", 2));
    archived.await?;
    printed.await?;
    Ok(Bill { cents })
}

async fn archive() {
    lamplight::current().add_event("order archived", Vec::new());
}

#[cfg(test)]
mod tests;
