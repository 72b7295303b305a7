use acme_conventions::com::acme::order::ComAcmeOrderChannel;
use lambda_runtime::service_fn;
use lamplight_testing::{Lambda, LambdaBuilder};

use super::*;

const ORDER: &str = include_str!("../event.json");

fn lambda() -> LambdaBuilder {
    Lambda::builder().with_registry(concat!(env!("CARGO_MANIFEST_DIR"), "/conventions/semconv"))
}

#[tokio::test]
async fn what_is_recorded_follows_the_conventions() {
    let invocation = lambda().build(service_fn(price)).invoke(ORDER).await;
    assert_eq!(invocation.response()["total_cents"], 2_599);
    let root = invocation.trace().root();
    root.has_attribute(order::id("A-1001"))
        .child("price web")
        .has_attribute(order::channel(ComAcmeOrderChannel::Web))
        .has_attribute(order::total_cents(2_599));
    invocation.assert_conforms();
}

#[tokio::test]
async fn a_key_that_was_written_by_hand_is_found() {
    async fn careless(_: LambdaEvent<Order>) -> Result<(), Error> {
        let mistaken = lamplight::opentelemetry::KeyValue::new("com.acme.order_id", "A-1001");
        lamplight::current().set_attribute(mistaken);
        Ok(())
    }
    let invocation = lambda().build(service_fn(careless)).invoke(ORDER).await;
    let report = invocation.conformance();
    let found: Vec<_> = report.violations().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{report}");
    assert!(found[0].contains("`com.acme.order_id` is not declared"));
}
