//! What Lambda says beside the event, and the function's own settings.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use lamplight_testing::{Invoke, Lambda, events};
use opentelemetry::Key;
use serde_json::{Value, json};

use crate::{CALLER, message};

async fn context(event: LambdaEvent<Value>) -> Result<Context, Error> {
    Ok(event.context)
}

#[tokio::test]
async fn the_handler_gets_the_context() {
    let mut lambda = Lambda::builder()
        .with_function_name("orders")
        .with_version("7")
        .with_memory(512)
        .with_region("eu-west-1")
        .with_timeout(Duration::from_secs(30))
        .build(service_fn(context));
    let before = SystemTime::now();
    let plain = lambda.invoke(json!({})).await;
    let context: Context = plain.response_as();
    assert_eq!(context.request_id, plain.request_id());
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders";
    assert_eq!(context.invoked_function_arn, arn);
    assert_eq!(context.env_config.memory, 512);
    assert_eq!(context.env_config.version, "7");
    assert_eq!(context.xray_trace_id, None);
    let left = context.deadline().duration_since(before).unwrap();
    assert!(left > Duration::from_secs(29), "{left:?}");
    let root = plain.trace().root();
    root.has("aws.lambda.invoked_arn", arn);
    let name = plain.resource().get(&Key::new("faas.name"));
    assert_eq!(name, Some("orders".into()));
    let region = plain.resource().get(&Key::new("cloud.region"));
    assert_eq!(region, Some("eu-west-1".into()));

    let invoke = Invoke::new(json!({}))
        .with_request_id("request-1")
        .with_function_arn("arn:aws:lambda:eu-west-1:123456789012:function:orders:live")
        .with_client_context(&json!({"custom": {"traceparent": CALLER}}))
        .with_cognito_identity("ada", "pool")
        .with_xray_trace_id("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
        .with_tenant_id("blue")
        .with_timeout(Duration::from_secs(5));
    let full = lambda.invoke(invoke).await;
    let context: Context = full.response_as();
    assert_eq!(context.request_id, "request-1");
    assert!(context.invoked_function_arn.ends_with(":live"));
    assert_eq!(
        context.client_context.unwrap().custom["traceparent"],
        CALLER
    );
    assert_eq!(context.identity.unwrap().identity_id, "ada");
    assert!(
        context
            .xray_trace_id
            .unwrap()
            .starts_with("Root=1-5759e988")
    );
    assert_eq!(context.tenant_id.as_deref(), Some("blue"));
    let root = full.trace().root();
    root.has("lamplight.tenant.id", "blue").has_parent(CALLER);
    full.assert_conforms();
}

#[tokio::test]
async fn variables_of_the_machine_have_no_effect_and_stay_as_they_are() {
    let before: Vec<_> = variables();
    let mut lambda = Lambda::builder()
        .with_variable("LAMPLIGHT_INFERRED_SPANS", "true")
        .with_variable("OTEL_SERVICE_NAME", "shop")
        .build(service_fn(context));
    let batch = events::sqs()
        .with_trace(CALLER)
        .sent_ago(Duration::from_secs(60));
    let invocation = lambda.invoke(batch).await;
    let service = invocation.resource().get(&Key::new("service.name"));
    assert_eq!(service, Some("shop".into()));
    // The time in the queue is a span, as long as the message was in it.
    let queue = invocation.trace().root().parent().unwrap();
    assert!(
        queue.duration() >= Duration::from_secs(59),
        "{}",
        invocation.trace()
    );
    queue.has_parent(CALLER);
    assert_eq!(variables(), before);
}

/// Returns the variables that an environment is set up with, which other tests may be setting now.
fn variables() -> Vec<String> {
    temp_env::with_vars::<&str, &str, _, _>([], || {
        let names = std::env::vars().map(|(name, _)| name);
        names
            .filter(|it| it.starts_with("AWS_LAMBDA_") || it.starts_with("LAMPLIGHT_"))
            .collect()
    })
}

#[tokio::test]
async fn telemetry_has_options_in_code_and_can_be_off() {
    let mut lambda = Lambda::builder()
        .with_telemetry(|telemetry| telemetry.with_event_span(true))
        .build(service_fn(context));
    let invocation = lambda.invoke(events::sqs()).await;
    invocation.trace().root().has_children(1);

    let mut off = Lambda::builder()
        .with_variable("OTEL_SDK_DISABLED", "true")
        .build(service_fn(context));
    let invocation = off.invoke(events::sqs()).await;
    assert!(invocation.trace().is_empty());
    assert_eq!(invocation.trace().to_string(), "(no spans)\n");
    invocation.response();
    assert!(off.telemetry().tracer_provider().is_none());
}

#[tokio::test]
async fn a_restored_environment_is_cold_once_more() {
    let mut lambda = Lambda::builder()
        .with_snapstart()
        .build(service_fn(context));
    let first = lambda.invoke(json!({})).await;
    first.trace().root().has("faas.coldstart", true);
    let second = lambda.invoke(json!({})).await;
    second.trace().root().has("faas.coldstart", false);
}

#[tokio::test]
async fn a_context_that_cannot_be_is_reported() {
    let mut lambda = Lambda::new(service_fn(context));
    let invoke = Invoke::new(json!({})).with_request_id("one\ntwo");
    let mut invoking = Box::pin(lambda.invoke(invoke));
    let message = message(|| {
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = invoking.as_mut().poll(&mut task);
    });
    assert!(
        message.contains("lambda-runtime-aws-request-id"),
        "{message}"
    );
}
