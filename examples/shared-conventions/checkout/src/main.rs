//! Prices an order.

use acme_conventions::{
    com::acme::order::{self, ComAcmeOrderChannel},
    spans,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use opentelemetry::{
    global,
    trace::{Span as _, Tracer as _},
};
use serde::Deserialize;
use serde_json::{Value, json};

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

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(price)).await
}

async fn price(event: LambdaEvent<Order>) -> Result<Value, Error> {
    let order = event.payload;
    let channel = ComAcmeOrderChannel::from_value(order.channel);
    // On the invocation's span too, where a query for slow or failed orders looks.
    lamplight::current().set_attribute(order::id(order.id.clone()));

    let tracer = global::tracer("acme-checkout");
    let name = format!("price {}", channel.as_str());
    // All that the conventions require of this span: nothing can be left out or be mistaken.
    let required = spans::com::acme::order::price::required(order.id.clone(), channel);
    let mut span = tracer
        .span_builder(name)
        .with_attributes(required)
        .start(&tracer);
    let total = order
        .lines
        .iter()
        .map(|line| line.pieces * line.price_cents)
        .sum();
    span.set_attribute(order::total_cents(total));
    Ok(json!({ "id": order.id, "total_cents": total }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use lambda_runtime::Context;

    use super::*;

    #[tokio::test]
    async fn what_is_recorded_follows_the_conventions() {
        let (checked, kept) = acme_conventions::testing::checked_spans().unwrap();
        for channel in ["web", "till"] {
            let order = json!({
                "id": "A-1001",
                "channel": channel,
                "lines": [{ "pieces": 2, "price_cents": 1_250 }, { "pieces": 1, "price_cents": 99 }],
            });
            let event =
                LambdaEvent::new(serde_json::from_value(order).unwrap(), Context::default());
            let answer = price(event).await.unwrap();
            assert_eq!(answer["total_cents"], 2_599);
        }

        let report = checked.report();
        assert!(report.is_clean(), "{report}");
        let types: Vec<_> = report.types().collect();
        assert_eq!(types, [(spans::com::acme::order::price::TYPE, 2)]);
        let spans = kept.get_finished_spans().unwrap();
        assert!(spans[0].attributes.contains(&order::total_cents(2_599)));
    }
}
