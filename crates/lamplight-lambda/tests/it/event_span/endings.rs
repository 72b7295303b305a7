//! However an invocation ends: its event ends with it, once, and with the same outcome.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{FlushPolicy, Instrumentation, Invocation, OpenSpanProcessor, records};
use lamplight_semconv as semconv;
use opentelemetry::{
    Context,
    trace::{Status, TraceContextExt},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};

use super::{event, function, split};
use crate::common::{Function, error_type, invocation};

/// Asserts that both spans have failed alike, and that the exception is there once.
fn have_failed(spans: &[SpanData], expected: &str, exceptions: usize) {
    let (server, event, _) = split(spans);
    for span in [server, event] {
        assert_eq!(error_type(span).as_deref(), Some(expected), "{}", span.name);
        assert!(matches!(span.status, Status::Error { .. }));
    }
    assert_eq!(server.status, event.status);
    let is_exception = |name: &str| name == semconv::events::exception::NAME;
    let events = [server, event].into_iter().flat_map(|it| it.events.iter());
    let found = events.filter(|it| is_exception(&it.name)).count();
    assert_eq!(found, exceptions);
}

#[tokio::test]
async fn an_error() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        Err::<(), Error>(std::io::Error::other("no connection").into())
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap_err();
    have_failed(&function.spans(), "std::io::error::Error", 1);
}

#[tokio::test]
async fn a_panic() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<Json>| -> Result<(), Error> {
        tokio::task::yield_now().await;
        panic!("told to panic")
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap_err();
    have_failed(&function.spans(), "panic", 1);
}

#[tokio::test]
async fn an_event_that_the_handler_does_not_take() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<u8>| Ok::<_, Error>(()));
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap_err();
    have_failed(&function.spans(), "DeserializeError", 1);
}

#[tokio::test]
async fn an_outcome_that_the_function_tells() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        Invocation::current().set_status(Status::error("no stock"));
        Ok::<_, Error>(())
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap();
    let spans = function.spans();
    let (server, event, _) = split(&spans);
    assert_eq!(server.status, Status::error("no stock"));
    assert_eq!(event.status, Status::error("no stock"));
}

/// Any code may end the current span; the invocation's span does not end with it.
#[tokio::test]
async fn one_that_the_function_ends() {
    let function = function();
    let handler = service_fn(async |_: LambdaEvent<Json>| {
        Context::current().span().end();
        Err::<(), Error>("too late for the event".into())
    });
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap_err();
    let spans = function.spans();
    assert_eq!(spans.len(), 2);
    let (server, event, _) = split(&spans);
    assert_eq!(event.status, Status::Unset);
    assert_eq!(server.status, Status::error("too late for the event"));
}

/// Returns a function whose provider tracks open spans.
fn watched(policy: FlushPolicy) -> (InMemorySpanExporter, SpanQueue, Instrumentation) {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(OpenSpanProcessor::new(queue.clone()))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_event_span(true)
        .with_flush_policy(policy)
        .build();
    (exporter, queue, instrumentation)
}

fn soon() -> LambdaInvocation {
    let mut invocation = invocation(&event(&["a", "b"]));
    let deadline = SystemTime::now() + Duration::from_secs(3);
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap();
    invocation.context.deadline = deadline.as_millis() as u64;
    invocation
}

#[tokio::test(start_paused = true)]
async fn the_deadline() {
    let (exporter, queue, instrumentation) = watched(FlushPolicy::AfterResponse);
    let runtime = service_fn(async |event: LambdaInvocation| {
        let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
        let slow = async |_: SqsMessage| {
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok::<_, Error>(())
        };
        records::sqs(event, slow).await;
        Ok::<_, Error>(())
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    let running = tokio::spawn(stack.oneshot(soon()));
    tokio::time::sleep(Duration::from_secs(4)).await;
    let spans = exporter.get_finished_spans().unwrap();
    have_failed(&spans, "timeout", 0);
    let (_, _, records) = split(&spans);
    assert_eq!(error_type(records[0]).as_deref(), Some("timeout"));

    // The handler goes on, and what has ended does not end again.
    running.await.unwrap().unwrap();
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 4);
    assert_eq!(exporter.get_finished_spans().unwrap().len(), 4);
}

#[tokio::test]
async fn the_end_of_the_environment() {
    let (exporter, _, instrumentation) = watched(FlushPolicy::AfterResponse);
    let runtime =
        service_fn(async |_: LambdaInvocation| std::future::pending::<Result<(), Error>>().await);
    let stack = instrumentation.invocation_layer().layer(runtime);
    let hanging = tokio::spawn(stack.oneshot(invocation(&event(&["a", "b"]))));
    tokio::task::yield_now().await;
    instrumentation.shutdown(Duration::from_secs(5)).await;
    have_failed(&exporter.get_finished_spans().unwrap(), "sigterm", 0);
    hanging.abort();
    hanging.await.unwrap_err();
    instrumentation.flush(Duration::from_secs(5)).await;
    assert_eq!(exporter.get_finished_spans().unwrap().len(), 2);
}

#[tokio::test]
async fn nobody_waiting_any_longer() {
    let (exporter, queue, instrumentation) = watched(FlushPolicy::AfterResponse);
    let runtime =
        service_fn(async |_: LambdaInvocation| std::future::pending::<Result<(), Error>>().await);
    let stack = instrumentation.invocation_layer().layer(runtime);
    let hanging = tokio::spawn(stack.oneshot(invocation(&event(&["a", "b"]))));
    tokio::task::yield_now().await;
    hanging.abort();
    hanging.await.unwrap_err();
    queue.flush().await;
    have_failed(&exporter.get_finished_spans().unwrap(), "cancelled", 0);
}

/// A span delivered before the response has the outcome too.
#[tokio::test]
async fn a_flush_before_the_response() {
    let function = Function::with(|builder| {
        let builder = builder.with_event_span(true);
        builder.with_flush_policy(FlushPolicy::BeforeResponse)
    });
    let handler = service_fn(async |_: LambdaEvent<Json>| Err::<(), Error>("no stock".into()));
    let answer = function.invoke(&event(&["a", "b"]), handler).await;
    answer.unwrap_err();
    have_failed(&function.spans(), "_OTHER", 1);
    assert_eq!(function.queue.snapshot().delivered, 2);
}
