//! The data that a function adds to the span of its invocation.

use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_lambda::Invocation;
use opentelemetry::KeyValue;
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use crate::common::{Function, get, invocation};

#[tokio::test]
async fn counters_add_up_over_the_invocation_also_in_spawned_tasks() {
    use opentelemetry::context::FutureExt;
    let function = Function::new();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        Invocation::current().add("test.rows", 2);
        let task = async {
            Invocation::current().add("test.rows", 3);
            Invocation::current().set_attribute(KeyValue::new("test.from", "task"));
        };
        tokio::spawn(task.with_current_context()).await.unwrap();
        Ok::<_, Error>(())
    });
    function.invoke(&json!({}), handler).await.unwrap();
    let span = function.only_span();
    assert_eq!(get(&span, "test.rows"), Some(5.into()));
    assert_eq!(get(&span, "test.from"), Some("task".into()));
}

#[tokio::test]
async fn what_is_set_until_the_response_is_posted_lands() {
    let function = Function::new();
    let runtime = service_fn(async |_: LambdaInvocation| {
        // After the handler: where the runtime serializes and posts.
        let invocation = Invocation::current();
        tokio::task::yield_now().await;
        invocation.set_attribute(KeyValue::new("test.posted", true));
        Ok::<_, Error>(())
    });
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    stack.oneshot(invocation(&json!({}))).await.unwrap();
    assert_eq!(get(&function.only_span(), "test.posted"), Some(true.into()));
}
