use lambda_runtime::service_fn;
use lamplight_testing::Lambda;
use serde_json::json;

use super::*;

#[tokio::test]
async fn each_invocation_is_a_span() {
    let mut lambda = Lambda::new(service_fn(greet));
    let invocation = lambda.invoke(json!({"name": "Ada"})).await;
    assert_eq!(invocation.response(), json!({"greeting": "Hello, Ada!"}));
    invocation
        .trace()
        .root()
        .has("faas.coldstart", true)
        .has_no_error();
    invocation.assert_conforms();

    let refused = lambda.invoke(json!({})).await;
    refused
        .trace()
        .root()
        .has("faas.coldstart", false)
        .has_error("DeserializeError");
}
