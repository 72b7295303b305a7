//! Shared helpers of the tests: a tracer with accessible spans, responses, a caller's context.

// Other tests include this file and use a part of it.
#![allow(dead_code)]

use std::{collections::BTreeMap, path::Path, sync::OnceLock, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use aws_smithy_runtime_api::client::{behavior_version::BehaviorVersion, http::HttpClient};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::{SdkConfig, region::Region};
use lamplight_aws_sdk::LamplightInterceptor;
use lamplight_codegen::{Checker, CheckingExporter, Registry};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{SpanContext, SpanId, Status, TraceContextExt as _, TraceFlags, TraceId},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};

/// A tracer provider and the spans that ended.
///
/// A test fails at its end if one of its spans does not conform to the registry in `semconv/`. Keys that
/// begin with `test.` belong to the test.
pub(crate) struct Spans {
    exporter: InMemorySpanExporter,
    checked: CheckingExporter<InMemorySpanExporter>,
    provider: SdkTracerProvider,
}

impl Drop for Spans {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let report = self.checked.report();
        assert!(report.is_clean(), "{report}");
        // Nothing was exported that went past the check.
        assert_eq!(report.spans(), self.ended().len());
    }
}

fn checker() -> Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    // The workspace's own, whichever of its crates this is compiled into.
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let folder = folders.find(|it| it.join("crates").is_dir()).unwrap();
    let load =
        || Checker::new(Registry::load(folder.join("semconv")).unwrap()).with_ignored("test");
    CHECKER.get_or_init(load).clone()
}

impl Spans {
    pub(crate) fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let checked = CheckingExporter::new(checker(), exporter.clone());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(checked.at_start())
            .with_simple_exporter(checked.clone())
            .build();
        Self {
            exporter,
            checked,
            provider,
        }
    }

    /// An interceptor that makes its spans here, with no setting from the environment.
    pub(crate) fn lamplight(&self) -> LamplightInterceptor {
        LamplightInterceptor::new().with_tracer_provider(&self.provider)
    }

    pub(crate) fn ended(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    /// The only span of this name.
    pub(crate) fn named(&self, name: &str) -> SpanData {
        let mut spans = self.ended();
        spans.retain(|span| span.name == name);
        assert_eq!(spans.len(), 1, "{name}: {spans:#?}");
        spans.remove(0)
    }

    /// The only span that ended.
    pub(crate) fn one(&self) -> SpanData {
        let mut spans = self.ended();
        assert_eq!(spans.len(), 1, "{spans:#?}");
        spans.remove(0)
    }
}

/// Attributes by key, as text.
pub(crate) fn attributes(span: &SpanData) -> BTreeMap<String, String> {
    texts(&span.attributes)
}

pub(crate) fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let count = attributes.len();
    let map: BTreeMap<_, _> = attributes
        .iter()
        .map(|attribute| (attribute.key.to_string(), attribute.value.to_string()))
        .collect();
    assert_eq!(map.len(), count, "a key twice in {attributes:?}");
    map
}

/// The attributes that differ with the run, left out.
pub(crate) fn expect(span: &SpanData, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    assert_eq!(attributes(span), expected);
}

/// Name and attributes of every event.
pub(crate) fn events(span: &SpanData) -> Vec<(String, BTreeMap<String, String>)> {
    span.events
        .iter()
        .map(|event| (event.name.to_string(), texts(&event.attributes)))
        .collect()
}

pub(crate) fn description(span: &SpanData) -> &str {
    match &span.status {
        Status::Error { description } => description,
        other => panic!("no error: {other:?}"),
    }
}

/// Returns the current context of the caller: a remote span, its state and some baggage.
pub(crate) fn caller() -> Context {
    let span = SpanContext::new(
        TraceId::from(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c),
        SpanId::from(0xb7ad_6b71_6920_3331),
        TraceFlags::SAMPLED,
        true,
        "vendor=a".parse().unwrap(),
    );
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([KeyValue::new("app.event.producer.application", "iot")])
}

/// `traceparent` of a span.
pub(crate) fn traceparent(span: &SpanData) -> String {
    let context = &span.span_context;
    format!(
        "00-{}-{}-{:02x}",
        context.trace_id(),
        context.span_id(),
        context.trace_flags()
    )
}

pub(crate) fn reply(status: u16, body: &str) -> ReplayEvent {
    reply_with(status, &[], body)
}

pub(crate) fn reply_with(status: u16, headers: &[(&str, &str)], body: &str) -> ReplayEvent {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    ReplayEvent::new(
        http::Request::builder()
            .uri("http://not.compared")
            .body(SdkBody::empty())
            .unwrap(),
        response.body(SdkBody::from(body)).unwrap(),
    )
}

pub(crate) fn replay(replies: impl IntoIterator<Item = ReplayEvent>) -> StaticReplayClient {
    StaticReplayClient::new(replies.into_iter().collect())
}

pub(crate) fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("id", "secret", None, None, "test"))
}

/// Configuration of a client that talks to `http` and retries without waiting long.
pub(crate) fn config(http: impl HttpClient + 'static) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(credentials())
        .http_client(http)
        .region(Region::new("eu-west-1"))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .sleep_impl(TokioSleep::new())
        .build()
}

/// The body of a recorded request.
pub(crate) fn body(http: &StaticReplayClient, index: usize) -> serde_json::Value {
    let request = http.actual_requests().nth(index).expect("a request");
    serde_json::from_slice(request.body().bytes().expect("a body in memory")).unwrap()
}
