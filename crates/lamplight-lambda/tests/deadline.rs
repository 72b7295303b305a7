//! Invocations that do not end in time, or not at all.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Function, error_type, get, invocation};
use lambda_runtime::{Error, LambdaInvocation};
use lamplight_lambda::Invocation;
use opentelemetry::KeyValue;
use opentelemetry::trace::Status;
use serde_json::json;
use std::time::Duration;
use tower::{Layer, ServiceExt, service_fn};

/// An invocation that has `left` until its deadline, with a runtime that needs `needed`.
async fn invoke_with_deadline(function: &Function, left: Duration, needed: Duration) {
    let runtime = service_fn(move |_: LambdaInvocation| async move {
        Invocation::current().add("test.rows", 7);
        tokio::time::sleep(needed).await;
        Invocation::current().set_attribute(KeyValue::new("test.late", true));
        Ok::<_, Error>(())
    });
    let mut event = invocation(&json!({}));
    let deadline = std::time::SystemTime::now() + left;
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
    event.context.deadline = deadline.as_millis() as u64;
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    tokio::spawn(stack.oneshot(event));
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_span_ends_as_timeout_and_is_delivered_while_the_handler_goes_on() {
    let function = Function::new();
    let left = Duration::from_secs(3);
    invoke_with_deadline(&function, left, Duration::from_secs(10)).await;
    tokio::time::sleep(left - Duration::from_millis(150)).await;
    assert_eq!(function.spans().len(), 0, "still time");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let span = function.only_span();
    assert_eq!(error_type(&span).as_deref(), Some("timeout"));
    assert!(matches!(span.status, Status::Error { .. }));
    assert_eq!(get(&span, "test.rows"), Some(7.into()));

    // The handler was not cancelled, and its end does not end the span again.
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(get(&function.only_span(), "test.late"), None);
}

#[tokio::test(start_paused = true)]
async fn a_handler_in_time_is_no_timeout_and_an_absurd_deadline_is_none() {
    let function = Function::new();
    let needed = Duration::from_millis(500);
    invoke_with_deadline(&function, Duration::from_secs(3), needed).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(error_type(&function.only_span()), None);

    let day = Duration::from_secs(86_400);
    invoke_with_deadline(&function, day * 365, day * 400).await;
    tokio::time::sleep(day * 401).await;
    let [_, patient] = function.spans().try_into().unwrap();
    assert_eq!(error_type(&patient), None);
    assert_eq!(get(&patient, "test.late"), Some(true.into()));
}

#[tokio::test]
async fn an_invocation_that_is_dropped_is_an_error_and_ends() {
    let function = Function::new();
    let runtime = service_fn(async |_: LambdaInvocation| {
        std::future::pending::<()>().await;
        Ok::<_, Error>(())
    });
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    let running = tokio::spawn(stack.oneshot(invocation(&json!({}))));
    tokio::task::yield_now().await;
    running.abort();
    running.await.unwrap_err();
    function.queue.flush().await;
    assert_eq!(
        error_type(&function.only_span()).as_deref(),
        Some("cancelled")
    );
}
