use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

/// The senders' spans in `event.json`.
const SENDERS: [&str; 3] = [
    "00-11111111111111111111111111111111-1111111111111111-01",
    "00-22222222222222222222222222222222-2222222222222222-01",
    "00-33333333333333333333333333333333-3333333333333333-01",
];

#[tokio::test]
async fn each_message_goes_on_in_its_own_trace_and_the_failed_one_comes_again() {
    let mut lambda = Lambda::new(service_fn(handle));
    let invocation = lambda.invoke(include_str!("../event.json")).await;
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "message-2"}]});
    assert_eq!(invocation.response(), failed);

    let trace = invocation.trace();
    let batch = trace.root().has("lamplight.batch.failed_count", 1);
    let messages: Vec<_> = trace.named("process orders").collect();
    assert_eq!(messages.len(), 3, "{trace}");
    for ((message, sender), order) in messages.iter().zip(SENDERS).zip(["A-1", "A-2", "A-3"]) {
        batch.has_link_to(sender);
        message
            .has_parent(sender)
            .has_link_to(&batch.traceparent())
            .has("shop.order.id", order);
    }
    messages[0].has_no_error();
    messages[1].has_error("example_sqs_batch::ShippingError");
    messages[2].has_no_error();
}
