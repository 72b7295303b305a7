//! Invocations that do not end in time, or not at all.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, ExporterSink, SpanQueue, SpanSink};
use lamplight_lambda::{
    AttributeLimitProcessor, Instrumentation, Invocation, InvocationService, OpenSpanProcessor,
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use crate::common::{Function, error_type, get, invocation};

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

/// Returns a function whose provider tracks open spans.
fn watched() -> (InMemorySpanExporter, SdkTracerProvider, Instrumentation) {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(OpenSpanProcessor::new(AttributeLimitProcessor::new(
            queue.clone(),
        )))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue).build();
    (exporter, provider, instrumentation)
}

#[tokio::test(start_paused = true)]
async fn spans_that_are_open_at_the_deadline_are_timeouts_too_and_end_once() {
    let (exporter, provider, instrumentation) = watched();
    let tracer = provider.tracer("handler");
    let runtime = service_fn(move |_: LambdaInvocation| {
        let tracer = tracer.clone();
        async move {
            tracer.in_span("quick", |_| ());
            let call = tracer
                .span_builder("query")
                .with_attributes([KeyValue::new("test.table", "orders")])
                .start(&tracer);
            let cx = Context::current_with_span(call);
            let _nested = tracer.start_with_context("connect", &cx);
            tokio::time::sleep(Duration::from_secs(10)).await;
            cx.span().set_attribute(KeyValue::new("test.late", true));
            Ok::<_, Error>(())
        }
    });
    // Another invocation at the same time keeps its open spans.
    let stack = instrumentation.invocation_layer().layer(runtime);
    let running: Vec<_> = [3, 60]
        .map(|seconds| {
            let mut event = invocation(&json!({}));
            let deadline = std::time::SystemTime::now() + Duration::from_secs(seconds);
            let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
            event.context.deadline = deadline.as_millis() as u64;
            tokio::spawn(stack.clone().oneshot(event))
        })
        .into();
    tokio::time::sleep(Duration::from_secs(4)).await;

    let spans = exporter.get_finished_spans().unwrap();
    let timed_out: Vec<_> = spans
        .iter()
        .filter(|span| error_type(span).as_deref() == Some("timeout"))
        .collect();
    let mut names: Vec<&str> = timed_out.iter().map(|span| &*span.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["connect", "orders", "query"]);
    let query = timed_out.iter().find(|span| span.name == "query").unwrap();
    assert!(matches!(query.status, Status::Error { .. }));
    assert_eq!(get(query, "test.table"), Some("orders".into()));
    let root = timed_out.iter().find(|span| span.name == "orders").unwrap();
    assert_eq!(query.parent_span_id, root.span_context.span_id());

    for handler in running {
        handler.await.unwrap().unwrap();
    }
    let spans = exporter.get_finished_spans().unwrap();
    let ids: HashSet<_> = spans
        .iter()
        .map(|span| span.span_context.span_id())
        .collect();
    assert_eq!(ids.len(), spans.len(), "none twice");
    assert_eq!(spans.len(), 8, "four of each invocation");
    let late = spans.iter().filter(|span| get(span, "test.late").is_some());
    assert_eq!(late.count(), 1, "what had time was not disturbed");
}

#[tokio::test(start_paused = true)]
async fn spans_that_never_end_do_not_take_the_place_of_those_that_are_open_at_a_deadline() {
    let (exporter, provider, instrumentation) = watched();
    let tracer = provider.tracer("handler");
    let calls = Arc::new(AtomicUsize::new(0));
    let runtime = service_fn(move |_: LambdaInvocation| {
        let (tracer, is_first) = (tracer.clone(), calls.fetch_add(1, Ordering::Relaxed) == 0);
        async move {
            if is_first {
                for _ in 0..2_000 {
                    std::mem::forget(tracer.start("forgotten"));
                }
                return Ok::<_, Error>(());
            }
            let _query = tracer.start("query");
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    for _ in 0..2 {
        let mut event = invocation(&json!({}));
        let deadline = std::time::SystemTime::now() + Duration::from_secs(3);
        let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
        event.context.deadline = deadline.as_millis() as u64;
        stack.clone().oneshot(event).await.unwrap();
    }
    let spans = exporter.get_finished_spans().unwrap();
    let query = spans.iter().find(|span| span.name == "query").unwrap();
    assert_eq!(error_type(query).as_deref(), Some("timeout"));
}

/// A destination that takes its time.
#[derive(Debug)]
struct Slow;

impl SpanSink for Slow {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(500)).await;
            Delivery::all(batch.len())
        })
    }
}

#[tokio::test(start_paused = true)]
async fn while_a_handler_goes_on_whose_time_is_up_others_do_not_wait_for_a_flush() {
    let queue = SpanQueue::new(Slow);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone()).build();
    let runtime = service_fn(async |event: LambdaInvocation| {
        let seconds: u64 = serde_json::from_slice(&event.body)?;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        Ok::<_, Error>(())
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    let mut late = invocation(&json!(10));
    let deadline = std::time::SystemTime::now() + Duration::from_secs(3);
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
    late.context.deadline = deadline.as_millis() as u64;
    let late = tokio::spawn(stack.clone().oneshot(late));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(queue.snapshot().delivered, 1, "its time is up");

    let elapsed = async |stack: InvocationService<_>| {
        let before = tokio::time::Instant::now();
        stack.oneshot(invocation(&json!(0))).await.unwrap();
        before.elapsed()
    };
    assert_eq!(elapsed(stack.clone()).await, Duration::ZERO);
    late.await.unwrap().unwrap();
    assert!(elapsed(stack).await >= Duration::from_millis(500), "alone");
    assert_eq!(queue.snapshot().delivered, 3);
}
