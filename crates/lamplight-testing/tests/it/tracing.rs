//! Spans and events of `tracing`.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use lamplight_testing::Lambda;
use serde_json::{Value, json};
use tracing::instrument;

#[instrument]
async fn reserve(product: &str) -> usize {
    tokio::task::yield_now().await;
    tracing::info!("reserved");
    product.len()
}

async fn handler(event: LambdaEvent<Value>) -> Result<usize, Error> {
    tracing::info!("begins");
    let product = event.payload["product"].as_str().unwrap_or_default();
    Ok(reserve(product).await)
}

#[tokio::test]
async fn spans_of_functions_are_children_and_events_are_on_them() {
    let one = async |product: &'static str| {
        let mut lambda = Lambda::new(service_fn(handler));
        for _ in 0..5 {
            let invocation = lambda.invoke(json!({"product": product})).await;
            assert_eq!(invocation.response(), product.len());
            let trace = invocation.trace();
            assert_eq!(trace.len(), 2, "{trace}");
            let reserve = trace.root().has_event("begins").child("reserve");
            let value = reserve.attribute("product").unwrap().to_string();
            assert!(value.contains(product), "{value}");
            reserve.has_event("reserved");
        }
    };
    tokio::join!(one("tea"), one("coffee"));
}
