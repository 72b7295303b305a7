use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

#[tokio::test]
async fn changes_are_handled_up_to_the_first_failure() {
    let mut lambda = Lambda::new(service_fn(handle));
    let invocation = lambda.invoke(include_str!("../event.json")).await;
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "1000000003"}]});
    assert_eq!(invocation.response(), failed);

    let trace = invocation.trace();
    let changes: Vec<_> = trace.root().children().collect();
    assert_eq!(changes.len(), 3, "{trace}");
    changes[0].has("shop.order.id", "A-1").has_no_error();
    changes[1].has("shop.order.removed", true).has_no_error();
    changes[2].has("shop.order.id", "A-3").has_error("_OTHER");
}
