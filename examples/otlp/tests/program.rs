//! The program as Lambda runs it, with a collector beside it.

#![allow(clippy::unwrap_used)]

use lamplight_test_rig::server::{Server, ok};
use lamplight_tests::Lambda;
use serde_json::json;

#[tokio::test]
async fn a_collector_gets_each_invocation_with_what_happened_in_it() {
    let collector = Server::that_says(ok());
    let mut lambda = Lambda::builder(env!("CARGO_BIN_EXE_example-otlp"))
        .with_variable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .with_variable("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret")
        .start()
        .await;
    let answer = lambda.invoke(json!({"pieces": [3, 5]})).await;
    assert_eq!(answer.json(), json!({"pieces": 8}));

    // It asks for more when the spans of the last invocation are delivered.
    lambda.idle().await;
    let requests = collector.seen();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].line, "POST /v1/traces HTTP/1.1");
    assert_eq!(requests[0].header("api-key"), "secret");
    assert_eq!(requests[0].spans(), ["count", "orders"]);
}
