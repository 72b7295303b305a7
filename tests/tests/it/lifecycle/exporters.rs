//! The destination of spans according to `OTEL_TRACES_EXPORTER` and related variables.

use lamplight_tests::{Behavior, Endpoint, FUNCTION_NAME, Kinesis, decode_json, events};
use serde_json::json;

use crate::lifecycle::function;

#[tokio::test]
async fn a_stream_is_all_that_needs_to_be_set() {
    let kinesis = Kinesis::start().await;
    let mut lambda = function().with_variables(kinesis.variables()).start().await;
    lambda.invoke(events::plain(json!("echo"))).await;
    assert_eq!(kinesis.spans(1).await[0].name, FUNCTION_NAME);
}

#[tokio::test]
async fn log_levels_do_not_gate_spans() {
    let kinesis = Kinesis::start().await;
    let mut lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("FUNCTION_SUBSCRIBER", "1")
        .with_variable("AWS_LAMBDA_LOG_LEVEL", "ERROR")
        .start()
        .await;
    lambda.invoke(events::plain(json!({"spans": 1}))).await;
    assert_eq!(kinesis.spans(2).await.len(), 2);
}

#[tokio::test]
async fn otlp_goes_to_the_endpoint_with_the_headers() {
    let endpoint = Endpoint::start(Behavior::Good).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .with_variable(
            "OTEL_EXPORTER_OTLP_HEADERS",
            "x-api-key=secret,x-tenant=shop",
        )
        .start()
        .await;
    lambda.invoke(events::plain(json!({"spans": 1}))).await;
    let spans = endpoint.spans(2).await;
    assert_eq!(spans[0].resource["service.name"], FUNCTION_NAME);
    let header = |name| endpoint.header(name)[0].clone();
    assert_eq!(header("x-api-key").as_deref(), Some("secret"));
    assert_eq!(header("x-tenant").as_deref(), Some("shop"));
    assert_eq!(
        header("content-type").as_deref(),
        Some("application/x-protobuf")
    );
}

#[tokio::test]
async fn otlp_is_tried_again_when_the_endpoint_was_away() {
    let endpoint = Endpoint::start(Behavior::forgetful(1)).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .start()
        .await;
    for _ in 0..2 {
        lambda.invoke(events::plain(json!("echo"))).await;
    }
    lambda.idle().await;
    let stats = lambda.invoke(events::plain(json!("stats"))).await.json();
    assert_eq!(stats, json!({"queued": 0, "delivered": 2, "dropped": 0}));
}

#[tokio::test]
async fn console_prints_a_line_that_opentelemetry_reads() {
    let mut lambda = function()
        .with_variable("OTEL_TRACES_EXPORTER", "console")
        .start()
        .await;
    let id = lambda
        .invoke(events::plain(json!({"spans": 2})))
        .await
        .request_id;
    lambda.idle().await;
    let line = lambda
        .logged("spans are printed", |line| line.contains(&id))
        .await;
    let log = lambda.end();
    assert_eq!((log.stdout.len(), log.stderr.len()), (1, 0), "{log:#?}");
    let spans = decode_json(&line);
    assert_eq!(spans.len(), 3);
    let invocation = spans
        .iter()
        .find(|span| span.name == FUNCTION_NAME)
        .unwrap();
    assert_eq!(invocation.attribute("faas.invocation_id"), id.as_str());
    assert_eq!(invocation.attribute("faas.coldstart"), true);
    assert_eq!(invocation.resource["faas.max_memory"], 256 << 20);
}

#[tokio::test]
async fn the_fallback_of_kinesis_shows_spans_and_no_secret() {
    const SECRET: &str = "Hunter2";
    let mut lambda = function()
        .with_variable("OTEL_TRACES_EXPORTER", "kinesis")
        .with_variable("LAMPLIGHT_KINESIS_STREAM", "telemetry")
        .with_variable("LAMPLIGHT_KINESIS_FALLBACK", "stdout")
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_ACCESS_KEY_ID", "id")
        .with_variable("AWS_SECRET_ACCESS_KEY", SECRET)
        .with_variable("AWS_SESSION_TOKEN", SECRET)
        .with_variable(
            "AWS_ENDPOINT_URL_KINESIS",
            format!("http://user:{SECRET}@127.0.0.1:1/?key={SECRET}"),
        )
        .with_variable("OTEL_EXPORTER_OTLP_HEADERS", format!("x-key={SECRET}"))
        .start()
        .await;
    lambda.invoke(events::plain(json!({"spans": 1}))).await;
    lambda.idle().await;
    let log = lambda.end();
    let lines: Vec<_> = log.lines().collect();
    let has = |text: &str| lines.iter().any(|line| line.contains(text));
    assert!(has("__otel_otlp_stdout"), "{log:#?}");
    assert!(!has(SECRET), "{log:#?}");
}

/// All exporters are available, and one value turns them off.
#[tokio::test]
async fn what_is_off_exports_nothing_and_says_nothing() {
    for (name, value) in [
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_SDK_DISABLED", "true"),
    ] {
        let endpoint = Endpoint::start(Behavior::Good).await;
        let kinesis = Kinesis::start().await;
        let mut lambda = function()
            .with_variables(kinesis.variables())
            .with_variables(endpoint.variables())
            .with_variable(name, value)
            .start()
            .await;
        for _ in 0..2 {
            lambda.invoke(events::plain(json!({"spans": 2}))).await;
        }
        lambda.idle().await;
        let log = lambda.end();
        assert_eq!(log.lines().count(), 0, "{name}: {log:#?}");
        assert_eq!(endpoint.spans(0).await, []);
        assert_eq!(kinesis.spans(0).await, []);
    }
}

#[tokio::test]
async fn the_service_and_its_attributes_are_named_by_the_environment() {
    let kinesis = Kinesis::start().await;
    let mut lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("OTEL_SERVICE_NAME", "order-service")
        .with_variable(
            "OTEL_RESOURCE_ATTRIBUTES",
            "test.team=shop,service.version=3",
        )
        .start()
        .await;
    lambda.invoke(events::plain(json!("echo"))).await;
    let resource = kinesis.spans(1).await.remove(0).resource;
    assert_eq!(resource["service.name"], "order-service");
    assert_eq!(resource["test.team"], "shop");
    assert_eq!(resource["service.version"], "3");
    assert_eq!(resource["faas.name"], FUNCTION_NAME);
}

#[tokio::test]
async fn the_sampler_is_chosen_by_the_environment() {
    let kinesis = Kinesis::start().await;
    let mut lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        .start()
        .await;
    lambda.invoke(events::plain(json!("echo"))).await;
    let headers = json!({"traceparent": events::traceparent(true)});
    lambda.invoke(events::http(json!("echo"), headers)).await;
    let spans = kinesis.spans(1).await;
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].trace_id, events::TRACE_ID);
}
