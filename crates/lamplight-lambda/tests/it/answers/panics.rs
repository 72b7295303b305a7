//! Panics of what is neither the handler nor Lamplight.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, FunctionResponse, LambdaEvent, LambdaInvocation, streaming::Body};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{FlushPolicy, Instrumentation, OpenSpanProcessor};
use opentelemetry::{
    Context,
    trace::{Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{InMemorySpanExporter, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use serde_json::{Value as Json, json};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::common::{error_type, invocation};

/// A span processor with a fault.
#[derive(Debug)]
struct Faulty;

impl SpanProcessor for Faulty {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {
        panic!("a fault in a span processor");
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

const POLICIES: [FlushPolicy; 4] = [
    FlushPolicy::AfterResponse,
    FlushPolicy::Adaptive,
    FlushPolicy::BeforeResponse,
    FlushPolicy::Manual,
];

fn instrumented(policy: FlushPolicy) -> (SdkTracerProvider, Instrumentation) {
    let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(OpenSpanProcessor::new(Faulty))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_flush_policy(policy)
        .build();
    (provider, instrumentation)
}

#[tokio::test]
async fn a_span_processor_that_panics_changes_no_answer_under_any_policy() {
    for policy in POLICIES {
        let (_provider, instrumentation) = instrumented(policy);
        let echo = service_fn(async |event: LambdaEvent<Json>| Ok::<_, Error>(event.payload));
        let layered = instrumentation.handler_layer::<Json, Body>().layer(echo);
        let runtime = service_fn(move |event: LambdaInvocation| {
            let mut layered = layered.clone();
            async move {
                let payload = serde_json::from_slice(&event.body)?;
                let answer = layered.call(LambdaEvent::new(payload, event.context)).await;
                let Ok(FunctionResponse::BufferedResponse(answer)) = answer else {
                    panic!("{policy:?}");
                };
                assert_eq!(serde_json::to_value(answer)?, json!({"a": 1}));
                Ok::<_, Error>(())
            }
        });
        let stack = instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(invocation(&json!({"a": 1}))).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_processor_that_panics_at_the_deadline_or_at_the_end_stops_nothing() {
    let (provider, instrumentation) = instrumented(FlushPolicy::AfterResponse);
    let runtime = service_fn(move |_: LambdaInvocation| {
        let query = provider.tracer("handler").start("query");
        async move {
            tokio::time::sleep(Duration::from_secs(10)).await;
            // Its end is the function's own affair.
            std::mem::forget(query);
            Ok::<_, Error>(())
        }
    });
    let mut event = invocation(&json!({}));
    let deadline = (SystemTime::now() + Duration::from_secs(3)).duration_since(UNIX_EPOCH);
    event.context.deadline = deadline.unwrap().as_millis() as u64;
    let stack = instrumentation.invocation_layer().layer(runtime);
    let running = tokio::spawn(stack.clone().oneshot(event));
    tokio::time::sleep(Duration::from_secs(20)).await;
    running.await.unwrap().unwrap();

    let running = tokio::spawn(stack.oneshot(invocation(&json!({}))));
    tokio::task::yield_now().await;
    instrumentation.shutdown(Duration::from_secs(1)).await;
    running.await.unwrap().unwrap();
}

/// As the runtime does, which deserializes the event there and catches nothing.
#[tokio::test]
async fn an_event_type_that_panics_is_recorded_and_the_next_invocation_is_as_ever() {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone()).build();
    let runtime = service_fn(move |event: LambdaInvocation| {
        assert_eq!(&event.body[..], b"{}", "a fault in an event type");
        async { Ok::<_, Error>(()) }
    });
    let mut stack = instrumentation.invocation_layer().layer(runtime);
    let bad = AssertUnwindSafe(|| drop(stack.call(invocation(&json!(7)))));
    std::panic::catch_unwind(bad).unwrap_err();
    stack.call(invocation(&json!({}))).await.unwrap();
    let spans = exporter.get_finished_spans().unwrap();
    let types: Vec<_> = spans.iter().map(error_type).collect();
    assert_eq!(types, [Some("panic".to_owned()), None], "it was waited for");
}
