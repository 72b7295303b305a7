mod codes;
mod hostile;
mod over_grpc;
mod over_http;
mod proxy;
mod tls;

use std::time::{Instant, SystemTime};

use lamplight_export::{SpanQueue, SpanQueueBuilder};
use lamplight_test_rig::server;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::*;
use crate::exporter::from_environment;

/// Longer than anything takes on the most loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

type Variables<'a> = &'a [(&'a str, &'a str)];

/// Returns the result of `f` for these variables, without those of this process.
fn with<T>(variables: Variables<'_>, f: impl FnOnce(&Environment<'_>) -> T) -> T {
    let get = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    f(&Environment::new(get))
}

fn queue(endpoint: &str, more: Variables<'_>) -> SpanQueue {
    builder(endpoint, more).build()
}

fn builder(endpoint: &str, more: Variables<'_>) -> SpanQueueBuilder {
    let mut variables = vec![
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
    ];
    variables.push(("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"));
    // The first of a name counts.
    let variables: Vec<_> = more.iter().copied().chain(variables).collect();
    with(&variables, from_environment).expect("an exporter")
}

const GRPC: (&str, &str) = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");

/// Ends spans of these names, in the queue.
fn record<N: Into<std::borrow::Cow<'static, str>>>(
    queue: &SpanQueue,
    names: impl IntoIterator<Item = N>,
) {
    let provider = SdkTracerProvider::builder()
        .with_resource(Resource::builder_empty().with_service_name("shop").build())
        .with_span_processor(queue.clone())
        .build();
    let tracer = provider.tracer("t");
    for name in names {
        tracer.in_span(name, |_| ());
    }
    // It shuts its processors down when it goes.
    std::mem::forget(provider);
}

async fn flush(queue: &SpanQueue) {
    let flush = tokio::time::timeout(PATIENCE, queue.flush());
    flush.await.expect("a flush ends");
}

/// As `flush`, whatever pause there is.
async fn flush_anyway(queue: &SpanQueue) {
    let flush = tokio::time::timeout(PATIENCE, queue.flush_ignoring_backoff());
    flush.await.expect("a flush ends");
}

/// Returns the numbers of delivered, failed and waiting spans.
fn counts(queue: &SpanQueue) -> (u64, u64, usize) {
    let stats = queue.snapshot();
    assert_eq!(stats.dropped(), 0);
    (stats.delivered, stats.failed, stats.pending())
}

/// Returns the log line about a span that could not be sent to `endpoint`.
async fn failure(endpoint: &str, more: Variables<'_>) -> String {
    let variables: Vec<_> = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    let sink = with(&variables, sink).unwrap();
    match sink.export(&[]).await.0 {
        Answer::Accepted(partial) => panic!("{partial:?}"),
        Answer::TooLarge(failure) | Answer::Rejected(failure) | Answer::Retryable(failure, _) => {
            failure.text(&sink.endpoint)
        }
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let variables = [
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://me:hunter2@c:1?key=hunter2",
        ),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2"),
    ];
    let sink = with(&variables, sink).unwrap();
    let debug = format!("{sink:?}");
    assert!(debug.contains("http://c:1/v1/traces"), "{debug}");
    assert!(!debug.contains("hunter2"), "{debug}");
}
