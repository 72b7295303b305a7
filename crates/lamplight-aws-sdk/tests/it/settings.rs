//! Settings that hold for every service.

use std::sync::{Arc, Mutex};

use aws_sdk_eventbridge::{
    Client,
    config::{self, ConfigBag},
    operation::put_events::{PutEventsInput, PutEventsOutput},
    types::PutEventsRequestEntry,
};
use aws_smithy_http_client::test_util::StaticReplayClient;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextMut},
        runtime_components::RuntimeComponents,
    },
};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::{Context, KeyValue, trace::FutureExt as _};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use crate::common::*;

const ACCEPTED: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}"#;

fn once() -> StaticReplayClient {
    replay([reply(200, ACCEPTED)])
}

async fn put(builder: config::Builder) {
    let entry = PutEventsRequestEntry::builder()
        .source("shop")
        .detail("{}")
        .build();
    let client = Client::from_conf(builder.build());
    client
        .put_events()
        .entries(entry)
        .send()
        .with_context(caller())
        .await
        .unwrap();
}

fn builder(http: &StaticReplayClient) -> config::Builder {
    config::Builder::from(&crate::common::config(http.clone()))
}

#[tokio::test]
async fn calls_in_a_suppressed_scope_are_left_alone() {
    let spans = Spans::new();
    let http = once();
    let entry = PutEventsRequestEntry::builder()
        .source("shop")
        .detail("{}")
        .build();
    let client = Client::from_conf(builder(&http).interceptor(spans.lamplight()).build());
    client
        .put_events()
        .entries(entry)
        .send()
        .with_context(caller().with_telemetry_suppressed())
        .await
        .unwrap();
    assert!(spans.ended().is_empty());
    assert_eq!(body(&http, 0)["Entries"][0]["Detail"], "{}");
}

#[tokio::test]
async fn a_call_has_one_span_however_often_lamplight_is_added() {
    let spans = Spans::new();
    let http = once();
    put(builder(&http)
        .interceptor(spans.lamplight())
        .interceptor(spans.lamplight()))
    .await;
    assert_eq!(attributes(&spans.one())["lamplight.aws.attempts"], "1");
}

#[tokio::test]
async fn users_add_attributes_from_input_and_output() {
    let spans = Spans::new();
    let lamplight = spans
        .lamplight()
        .with_request_attributes(|input: &PutEventsInput| {
            let source = input.entries().first().and_then(|entry| entry.source());
            source.map(|source| KeyValue::new("test.source", source.to_owned()))
        })
        .with_response_attributes(|output: &PutEventsOutput| {
            [KeyValue::new("test.entries", output.entries().len() as i64)]
        })
        // Of another operation, so never asked.
        .with_request_attributes(|_: &PutEventsOutput| [KeyValue::new("test.never", true)]);
    put(builder(&once()).interceptor(lamplight)).await;
    let attributes = attributes(&spans.one());
    assert_eq!(attributes["test.source"], "shop");
    assert_eq!(attributes["test.entries"], "1");
    assert!(!attributes.contains_key("test.never"));
}

#[tokio::test]
async fn a_hook_or_filter_that_panics_does_not_fail_the_call() {
    let spans = Spans::new();
    let http = once();
    let lamplight = spans
        .lamplight()
        .with_request_attributes(|_: &PutEventsInput| -> Option<KeyValue> { panic!("a hook") })
        .with_response_attributes(|_: &PutEventsOutput| -> Option<KeyValue> { panic!("a hook") })
        .with_request_attributes(|_: &PutEventsInput| [KeyValue::new("test.next", true)])
        .with_destination_filter(|_| panic!("a filter"));
    put(builder(&http).interceptor(lamplight)).await;
    let span = spans.one();
    assert_eq!(attributes(&span)["test.next"], "true");
    assert_eq!(span.status, opentelemetry::trace::Status::Unset);
    assert_eq!(body(&http, 0)["Entries"][0]["Detail"], "{}", "no context");
}

#[tokio::test]
async fn an_unsampled_span_is_not_made_and_its_context_still_travels() {
    let spans = Spans::new();
    let unsampled = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .build();
    let http = once();
    put(builder(&http).interceptor(LamplightInterceptor::new().with_tracer_provider(&unsampled)))
        .await;
    assert!(spans.ended().is_empty());
    let detail = body(&http, 0)["Entries"][0]["Detail"]
        .as_str()
        .unwrap()
        .to_owned();
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
    let traceparent = detail["_otel"]["traceparent"].as_str().unwrap();
    assert!(
        traceparent.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{traceparent}"
    );
    assert!(traceparent.ends_with("-00"), "{traceparent}");
}

#[tokio::test]
async fn without_a_provider_the_callers_context_travels() {
    let http = once();
    put(builder(&http).interceptor(LamplightInterceptor::new())).await;
    let detail = body(&http, 0)["Entries"][0]["Detail"]
        .as_str()
        .unwrap()
        .to_owned();
    let expected = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert!(detail.contains(expected), "{detail}");
}

#[tokio::test]
async fn without_any_context_nothing_is_written() {
    let http = once();
    let entry = PutEventsRequestEntry::builder()
        .source("shop")
        .detail("{}")
        .build();
    let client = Client::from_conf(
        builder(&http)
            .interceptor(LamplightInterceptor::new())
            .build(),
    );
    client
        .put_events()
        .entries(entry)
        .send()
        .with_context(Context::new())
        .await
        .unwrap();
    assert_eq!(body(&http, 0)["Entries"][0]["Detail"], "{}");
}

#[tokio::test]
async fn http_headers_are_written_on_request_and_not_signed() {
    let spans = Spans::new();
    let http = once();
    let lamplight = spans.lamplight().with_carrier(Carrier::HttpHeaders);
    put(builder(&http).interceptor(lamplight)).await;
    let request = http.actual_requests().next().unwrap();
    let expected = traceparent(&spans.one());
    assert_eq!(
        request.headers().get("traceparent"),
        Some(expected.as_str())
    );
    assert_eq!(request.headers().get("tracestate"), Some("vendor=a"));
    let signed = request.headers().get("authorization").unwrap();
    assert!(!signed.contains("traceparent"), "{signed}");

    let http = once();
    put(builder(&http).interceptor(spans.lamplight())).await;
    assert_eq!(
        http.actual_requests()
            .next()
            .unwrap()
            .headers()
            .get("traceparent"),
        None
    );
}

/// Writes the X-Ray header as the SDK does inside Lambda.
#[derive(Debug)]
struct SdkHeader(&'static str);

impl Intercept for SdkHeader {
    fn name(&self) -> &'static str {
        "SdkHeader"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context
            .request_mut()
            .headers_mut()
            .insert("x-amzn-trace-id", self.0);
        Ok(())
    }
}

#[tokio::test]
async fn the_lineage_that_stops_loops_survives() {
    let header = "Root=1-00000001-000000000000000000000002;Parent=0000000000000003;Sampled=0;\
                  Lineage=a87bd80c:0|68fd508a:5;Self=1-x";
    let spans = Spans::new();
    let sent = |http: &StaticReplayClient| {
        let request = http.actual_requests().next().unwrap();
        request.headers().get("x-amzn-trace-id").unwrap().to_owned()
    };
    let http = once();
    put(builder(&http)
        .interceptor(SdkHeader(header))
        .interceptor(spans.lamplight()))
    .await;
    assert_eq!(sent(&http), header, "left alone by default");

    let http = once();
    let lamplight = spans.lamplight().with_xray_header();
    put(builder(&http)
        .interceptor(SdkHeader(header))
        .interceptor(lamplight))
    .await;
    let span = spans.ended().pop().unwrap();
    let expected = format!(
        "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent={};Sampled=1;\
         Lineage=a87bd80c:0|68fd508a:5;Self=1-x",
        span.span_context.span_id()
    );
    assert_eq!(sent(&http), expected);
}

#[tokio::test]
async fn a_filter_is_asked_with_the_carrier_and_the_destination() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_destination_filter(move |to| {
        seen.lock()
            .unwrap()
            .push((to.carrier(), to.name().to_owned()));
        false
    });
    let http = once();
    put(builder(&http).interceptor(lamplight)).await;
    let asked = asked.lock().unwrap().clone();
    assert!(!asked.is_empty());
    let expected = (Carrier::EventBridgeDetail, "default".to_owned());
    assert!(asked.iter().all(|one| *one == expected), "{asked:?}");
    assert_eq!(body(&http, 0)["Entries"][0]["Detail"], "{}");
    assert_eq!(spans.ended().len(), 1);
}

/// The variable is read in a process of its own.
#[test]
fn a_setting_that_is_not_understood_is_said_once() {
    let run_with = |name: &str, value: &str| {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "settings::two_clients",
                "--ignored",
                "--nocapture",
            ])
            .env("OTEL_PROPAGATORS", "nonsense")
            .env(name, value)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let lines = said
            .lines()
            .filter(|line| line.contains(&format!("{name}:")));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let run = |value: &str| run_with("LAMPLIGHT_INJECT", value);
    let said = run("sqs;sns");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("`sqs`, `sns`, `eventbridge`"), "{said:?}");
    assert_eq!(run("default,-SQS"), [] as [&str; 0]);
    let limits = |value: &str| run_with("LAMPLIGHT_INJECT_LIMITS", value);
    let said = limits("sqs=1k");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("sqs=1k"), "{said:?}");
    assert_eq!(limits(" SQS = 1024, sqs:orders=2048"), [] as [&str; 0]);
}

#[test]
#[ignore = "run by the test above, with a variable"]
fn two_clients() {
    let _ = (LamplightInterceptor::new(), LamplightInterceptor::new());
}
