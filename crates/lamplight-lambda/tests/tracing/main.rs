//! Functions that use `tracing`.
#![cfg(feature = "tracing")]
// Tests fail by panicking, and read the clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "../it/common.rs"]
mod common;

mod errors;
mod full_queue;
mod locks;

use std::{
    io,
    sync::{Arc, Mutex},
};

use lambda_runtime::{Error, LambdaEvent};
use lamplight_lambda::{Invocation, WithTraceIds};
use lamplight_semconv as semconv;
use opentelemetry::{
    KeyValue, Value,
    trace::{SpanId, Status},
};
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Value as Json, json};
use tower::service_fn;
use tracing::Instrument;
use tracing_subscriber::{Layer, Registry, filter::LevelFilter, layer::SubscriberExt};

use common::{Function, get};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn handler() {
    tracing::info!(test.rows = 3, "loaded");
    let cause = io::Error::other(io::Error::other("connection refused"));
    tracing::error!(error = &cause as &dyn std::error::Error, "cannot save");
    // The runtime's own log line of what the layer records itself.
    tracing::error!(target: "lambda_runtime::layers::panic", "noise");
    tracing::debug!("too detailed");
    work()
        .instrument(tracing::info_span!("work", test.id = 7))
        .await;
}

async fn work() {
    tokio::task::yield_now().await;
    tracing::info!(test.step = 2, "inside");
    Invocation::current().set_attribute(KeyValue::new("test.wide", true));
}

async fn run() -> (Vec<SpanData>, Vec<Json>) {
    traced(handler).await
}

/// Without a subscriber on the threads of the other tests, what they log first would be off here too:
/// whether anybody listens is remembered for each place that logs.
fn listen_everywhere() {
    let _ = tracing::subscriber::set_global_default(Registry::default());
}

/// Runs a handler with a logger that lets only errors through, inside the runtime's own span.
async fn traced<F: Future<Output = ()>>(
    handler: impl Fn() -> F + Clone + 'static,
) -> (Vec<SpanData>, Vec<Json>) {
    let handler = service_fn(move |_: LambdaEvent<Json>| {
        let handling = handler();
        async {
            handling.await;
            Ok::<_, Error>(())
        }
    });
    let function = Function::new();
    let log = Log::default();
    let writer = log.clone();
    let logger = tracing_subscriber::fmt::layer()
        .json()
        .map_event_format(WithTraceIds::new)
        .with_writer(move || writer.clone())
        .with_filter(LevelFilter::ERROR);
    let subscriber = Registry::default()
        .with(function.instrumentation.tracing_layer())
        .with(logger);
    listen_everywhere();
    let _default = tracing::subscriber::set_default(subscriber);
    let runtimes =
        tracing::info_span!(target: "lambda_runtime::layers::trace", "Lambda runtime invoke");
    function
        .invoke(&json!({}), handler)
        .instrument(runtimes)
        .await
        .unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
    (function.spans(), lines.collect())
}

#[derive(Debug)]
struct NotSaved(io::Error);

impl std::fmt::Display for NotSaved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not saved")
    }
}

impl std::error::Error for NotSaved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn spans_are_children_without_noise_and_the_invocation_is_the_only_root() {
    let (spans, _) = run().await;
    let [work, root] = spans.try_into().unwrap();
    assert_eq!(root.name, "orders");
    assert_eq!(root.parent_span_id, SpanId::INVALID);
    assert_eq!(get(&root, "test.wide"), Some(true.into()));
    assert_eq!(work.name, "work");
    assert_eq!(work.parent_span_id, root.span_context.span_id());
    assert_eq!(
        work.attributes,
        [KeyValue::new("test.id", 7)],
        "no code.*, no thread.*"
    );
    let [event] = work.events.events.try_into().unwrap();
    assert_eq!(event.name, "inside");
    assert_eq!(event.attributes, [KeyValue::new("test.step", 2)]);
}

#[tokio::test]
async fn an_error_inside_a_span_is_its_exception_and_its_status() {
    let (spans, _) = traced(|| async {
        let named = tracing::info_span!("named");
        tracing::error!(parent: &named, "told from outside");
        drop(named);
        async {
            let error = NotSaved(io::Error::other("connection refused"));
            tracing::error!(error = &error as &dyn std::error::Error, test.rows = 3);
        }
        .instrument(tracing::info_span!("query"))
        .await;
    })
    .await;
    let [named, query, root] = spans.try_into().unwrap();
    assert_eq!(query.status, Status::error("not saved"));
    // Recording errors, "Recording errors on spans": status and `error.type` go together.
    let types = [&named, &query, &root].map(common::error_type);
    let name = Some("NotSaved".to_owned());
    assert_eq!(types, [Some("_OTHER".to_owned()), name, None]);
    assert_eq!(root.status, Status::Unset, "the handler dealt with it");
    assert_eq!(root.events.len(), 0);
    let exception = |span: SpanData| -> Vec<String> {
        let [event] = span.events.events.try_into().unwrap();
        assert_eq!(event.name, "exception");
        let keys = event.attributes.iter().map(|kv| kv.key.to_string());
        keys.collect()
    };
    assert_eq!(exception(named), [semconv::exception::MESSAGE]);
    let expected = [
        "test.rows",
        semconv::exception::TYPE,
        semconv::exception::MESSAGE,
        semconv::exception::STACKTRACE,
    ];
    assert_eq!(exception(query), expected, "no level, no target");
}

/// Exceptions on spans, "Exception event": `exception.message` is required where `exception.type` is
/// not set, so that an event with neither is no exception.
#[tokio::test]
async fn an_error_that_says_nothing_is_no_exception() {
    let (spans, _) = traced(|| async {
        tracing::error!(test.rows = 3);
        tracing::info_span!("query").in_scope(|| tracing::error!(test.rows = 4));
    })
    .await;
    let [query, root] = spans.try_into().unwrap();
    assert_eq!(query.status, Status::error(""));
    assert_eq!(common::error_type(&query).as_deref(), Some("_OTHER"));
    for (span, rows) in [(query, 4), (root, 3)] {
        let [event] = span.events.events.try_into().unwrap();
        assert_eq!(event.name, "event");
        assert_eq!(event.attributes, [KeyValue::new("test.rows", rows)]);
    }
}

#[tokio::test]
async fn events_outside_spans_go_to_the_invocation_and_errors_are_exceptions() {
    let (spans, _) = run().await;
    let [_, root] = spans.try_into().unwrap();
    let [loaded, exception] = root.events.events.try_into().unwrap();
    assert_eq!(loaded.name, "loaded");
    assert_eq!(loaded.attributes, [KeyValue::new("test.rows", 3)]);
    assert_eq!(exception.name, "exception");
    let attribute = |key: &str| -> Option<Value> {
        let mut attributes = exception.attributes.iter();
        let found = attributes.find(|kv| kv.key.as_str() == key);
        found.map(|kv| kv.value.clone())
    };
    assert_eq!(
        attribute(semconv::exception::MESSAGE),
        Some("cannot save".into())
    );
}

#[tokio::test]
async fn logs_carry_the_ids_of_trace_and_span() {
    let (spans, lines) = run().await;
    let [_, root] = spans.try_into().unwrap();
    assert_eq!(lines.len(), 2, "the logger's own filter holds");
    for line in lines {
        assert_eq!(line["trace_id"], root.span_context.trace_id().to_string());
        assert_eq!(line["span_id"], root.span_context.span_id().to_string());
        assert_eq!(line["level"], "ERROR");
    }
}

#[test]
fn outside_an_invocation_logs_are_as_they_were() {
    let log = Log::default();
    let writer = log.clone();
    let logger = tracing_subscriber::fmt::layer()
        .json()
        .map_event_format(WithTraceIds::new)
        .with_writer(move || writer.clone());
    listen_everywhere();
    tracing::subscriber::with_default(Registry::default().with(logger), || {
        tracing::info!("starting");
    });
    let line: Json = serde_json::from_slice(&log.0.lock().unwrap()).unwrap();
    assert_eq!(line["fields"]["message"], "starting");
    assert_eq!(line.get("trace_id"), None);
}
