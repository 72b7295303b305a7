use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

/// The producers' spans in `event.json`; the second record carries no context.
const PRODUCERS: [&str; 2] = [
    "00-11111111111111111111111111111111-1111111111111111-01",
    "00-33333333333333333333333333333333-3333333333333333-01",
];

#[tokio::test]
async fn records_are_handled_up_to_the_first_failure_and_unreadable_ones_passed_over() {
    let mut lambda = Lambda::new(service_fn(handle));
    let invocation = lambda.invoke(include_str!("../event.json")).await;
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "4959000000000000003"}]});
    assert_eq!(invocation.response(), failed);

    let trace = invocation.trace();
    let batch = trace.root();
    let records: Vec<_> = trace.named("process readings").collect();
    assert_eq!(records.len(), 3, "{trace}");
    records[0]
        .has_parent(PRODUCERS[0])
        .has_link_to(&batch.traceparent())
        .has("plant.sensor", "boiler")
        .has_no_error();
    records[1]
        .has_parent(&batch.traceparent())
        .has_event("exception")
        .has_no_error();
    records[2].has_parent(PRODUCERS[1]).has_error("_OTHER");
}
