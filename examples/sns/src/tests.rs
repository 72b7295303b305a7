use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::{Value, json};

use super::*;

/// The publisher's span in `event.json`.
const PUBLISHER: &str = "00-11111111111111111111111111111111-1111111111111111-01";

#[tokio::test]
async fn a_notification_goes_on_in_the_publishers_trace() {
    let mut lambda = Lambda::new(service_fn(handle));
    let invocation = lambda.invoke(include_str!("../event.json")).await;
    assert_eq!(invocation.response(), Value::Null);
    let trace = invocation.trace();
    let root = trace.root().has_parent(PUBLISHER);
    root.child("process prices")
        .has("shop.article", "lamp")
        .has_no_error();
}

#[tokio::test]
async fn an_error_fails_the_invocation() {
    let mut event: Value = serde_json::from_str(include_str!("../event.json")).unwrap();
    let change = json!({"article": "lamp", "cents": -1});
    event["Records"][0]["Sns"]["Message"] = json!(change.to_string());
    let invocation = Lambda::new(service_fn(handle)).invoke(event).await;
    assert_eq!(
        invocation.error().error_message,
        "lamp cannot cost -1 cents"
    );
    let trace = invocation.trace();
    trace.root().has_error("_OTHER");
    trace.span("process prices").has_error("_OTHER");
}
