use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_restored_environment_gives_numbers_and_ids_of_its_own() {
    // Two environments of one snapshot begin with the same state.
    let numbers: &Numbers = Box::leak(Box::new(Numbers::new()));
    let in_snapshot = numbers.next();
    numbers.after_restore().await.unwrap();

    let handler = service_fn(|event| place(numbers, event));
    let mut lambda = Lambda::builder().with_snapstart().build(handler);
    let invocation = lambda.invoke(json!({"article": "lamp"})).await;
    let placed = invocation.response();
    let environment = |number: &str| number[..36].to_owned();
    let number = placed["number"].as_str().unwrap();
    assert_ne!(environment(number), environment(&in_snapshot));
    invocation.trace().root().has("faas.coldstart", true);
}
