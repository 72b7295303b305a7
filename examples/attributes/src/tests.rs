use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

#[tokio::test]
async fn attributes_arrive_from_handler_child_task_and_thread() {
    let mut lambda = Lambda::new(service_fn(bill));
    let order = json!({"id": "A-1", "lines": [1250, 99]});
    let invocation = lambda.invoke(order).await;
    assert_eq!(invocation.response(), json!({"cents": 1349}));
    let root = invocation.trace().root();
    root.has("shop.order.id", "A-1")
        .has("shop.invoice.pages", 2)
        .has_event("order archived")
        .has_children(1);
    root.child("total").has("shop.order.cents", 1349);
}
