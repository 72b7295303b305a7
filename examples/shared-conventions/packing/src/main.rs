//! Packs an order into the smallest box that takes it.

use acme_conventions::{
    com::acme::{order, parcel},
    events, spans,
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use opentelemetry::{
    StringValue, global,
    trace::{Span as _, Tracer as _},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Size of a box, what it weighs and what it carries, in grams.
const BOXES: [(&str, i64, i64); 3] = [("S", 80, 1_000), ("M", 150, 5_000), ("L", 400, 20_000)];

#[derive(Deserialize)]
struct Order {
    id: String,
    weight_grams: i64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lamplight::init().run(service_fn(pack)).await
}

async fn pack(event: LambdaEvent<Order>) -> Result<Value, Error> {
    let order = event.payload;
    lamplight::current().set_attribute(order::id(order.id.clone()));
    let is_enough = |(_, _, carries): &&(&str, i64, i64)| *carries >= order.weight_grams;
    let Some((size, weight, _)) = BOXES.iter().find(is_enough) else {
        return Err(format!("no box carries {} g", order.weight_grams).into());
    };

    let tracer = global::tracer("acme-packing");
    let required =
        spans::com::acme::parcel::pack::required(order.id.clone(), order.weight_grams + weight);
    let mut span = tracer
        .span_builder("pack")
        .with_attributes(required)
        .start(&tracer);
    let too_small: Vec<_> = BOXES
        .iter()
        .take_while(|(other, ..)| other != size)
        .map(|(other, ..)| StringValue::from(*other))
        .collect();
    if !too_small.is_empty() {
        let name = events::com::acme::parcel::box_too_small::NAME;
        span.add_event(name, vec![parcel::boxes(too_small)]);
    }
    Ok(json!({ "id": order.id, "box": size }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use lambda_runtime::Context;
    use opentelemetry::KeyValue;

    use super::*;

    async fn packed(weight_grams: i64) -> Result<Value, Error> {
        let order = json!({ "id": "A-1001", "weight_grams": weight_grams });
        let order = serde_json::from_value(order).unwrap();
        pack(LambdaEvent::new(order, Context::default())).await
    }

    #[tokio::test]
    async fn what_is_recorded_follows_the_conventions_and_what_does_not_is_found() {
        let (checked, kept) = acme_conventions::testing::checked_spans().unwrap();
        assert_eq!(packed(900).await.unwrap()["box"], "S");
        assert_eq!(packed(7_000).await.unwrap()["box"], "L");
        assert!(packed(30_000).await.is_err());

        let report = checked.report();
        assert!(report.is_clean(), "{report}");
        let types: Vec<_> = report.types().collect();
        assert_eq!(types, [(spans::com::acme::parcel::pack::TYPE, 2)]);
        let large = &kept.get_finished_spans().unwrap()[1];
        assert_eq!(
            large.events[0].name,
            events::com::acme::parcel::box_too_small::NAME
        );

        // Somebody wrote a key by hand.
        let tracer = global::tracer("by hand");
        let order = KeyValue::new("com.acme.order_id", "A-1001");
        let weight = parcel::weight_grams(980);
        drop(
            tracer
                .span_builder("pack")
                .with_attributes([order, weight])
                .start(&tracer),
        );
        let report = checked.report();
        let found: Vec<_> = report.violations().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "violation: span \"pack\": `com.acme.order.id` is missing, \
             `com.acme.parcel.pack` requires it",
                "violation: span \"pack\": `com.acme.order_id` is not declared; \
             did you mean `com.acme.order.id`?",
            ]
        );
    }
}
