use lambda_runtime::service_fn;
use lamplight_testing::{Lambda, Span};
use serde_json::json;

use super::*;

#[tokio::test]
async fn each_partition_is_handled_up_to_its_first_failure() {
    let mut lambda = Lambda::new(service_fn(handle));
    let invocation = lambda.invoke(include_str!("../event.json")).await;
    let place = json!({"partition": "payments-0", "offset": 16});
    let failed = json!({"batchItemFailures": [{"itemIdentifier": place}]});
    assert_eq!(invocation.response(), failed);

    let trace = invocation.trace();
    let records: Vec<_> = trace.named("process payments").collect();
    assert_eq!(records.len(), 3, "{trace}");
    let of = |order: &str| -> Span<'_> {
        let is_of =
            |span: &&Span<'_>| span.attribute("shop.order.id") == Some(&order.to_owned().into());
        *records.iter().find(is_of).unwrap()
    };
    of("A-1")
        .has_parent("00-11111111111111111111111111111111-1111111111111111-01")
        .has_no_error();
    of("A-2")
        .has_parent("00-22222222222222222222222222222222-2222222222222222-01")
        .has_error("_OTHER");
    of("A-4")
        .has_parent("00-44444444444444444444444444444444-4444444444444444-01")
        .has_no_error();
}
