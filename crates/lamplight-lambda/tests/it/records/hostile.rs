//! Records, errors, samplers and processors that behave badly: each costs itself.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{
    Instrumentation, OpenSpanProcessor,
    records::{self, Batch},
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceId, TraceState, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{
        InMemorySpanExporter, Sampler, SamplingDecision, SamplingResult, SdkTracerProvider,
        ShouldSample, Span, SpanData, SpanProcessor,
    },
};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use super::{SqsEvent, SqsMessage, TRACES, message, split};
use crate::common::{error_type, invocation};

fn event() -> Json {
    let messages = ["a", "bad", "c"].iter().zip(TRACES);
    let messages = messages.map(|(id, trace)| message(id, Some(trace)));
    json!({ "Records": messages.collect::<Vec<_>>() })
}

fn is_bad(message: &SqsMessage) -> bool {
    message.message_id.as_deref() == Some("bad")
}

struct Rig {
    exporter: InMemorySpanExporter,
    queue: SpanQueue,
    provider: SdkTracerProvider,
    instrumentation: Instrumentation,
}

fn rig(sampler: impl ShouldSample + 'static, first: impl SpanProcessor + 'static) -> Rig {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(first)
        .with_span_processor(OpenSpanProcessor::new(queue.clone()))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone()).build();
    Rig {
        exporter,
        queue,
        provider,
        instrumentation,
    }
}

/// Handles the event's records, and gives the ids of those that failed.
async fn run<F, E>(rig: &Rig, handler: fn(SqsMessage) -> F) -> Vec<String>
where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: fmt::Display + Send + 'static,
{
    let failed = Arc::new(Mutex::new(Vec::new()));
    let kept = failed.clone();
    let runtime = service_fn(move |event: LambdaInvocation| {
        let kept = kept.clone();
        async move {
            let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
            let answer = records::sqs(event, handler).await;
            let ids = answer.batch_item_failures.into_iter();
            *kept.lock().unwrap() = ids.map(|item| item.item_identifier).collect();
            Ok::<_, Error>(())
        }
    });
    let stack = rig.instrumentation.invocation_layer().layer(runtime);
    stack.oneshot(invocation(&event())).await.unwrap();
    rig.queue.flush().await;
    let failed = failed.lock().unwrap();
    failed.clone()
}

/// Does nothing, or panics at the end of spans of this kind and name.
#[derive(Debug)]
struct Panics(Option<(SpanKind, AtomicUsize)>);

impl SpanProcessor for Panics {
    fn on_start(&self, _: &mut Span, _: &Context) {}
    fn on_end(&self, span: SpanData) {
        if let Some((kind, which)) = &self.0
            && span.span_kind == *kind
        {
            assert_ne!(which.fetch_sub(1, Ordering::Relaxed), 1, "told to panic");
        }
    }
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[tokio::test]
async fn an_error_whose_display_panics_fails_its_record_only() {
    struct Unspeakable;
    impl fmt::Display for Unspeakable {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("told to panic")
        }
    }
    let rig = rig(Sampler::AlwaysOn, Panics(None));
    let failed = run(&rig, |message| async move {
        match is_bad(&message) {
            true => Err(Unspeakable),
            false => Ok(()),
        }
    });
    assert_eq!(failed.await, ["bad"]);
    let spans = rig.exporter.get_finished_spans().unwrap();
    let (_, records) = split(&spans);
    let types: Vec<_> = records.iter().map(|record| error_type(record)).collect();
    let name = std::any::type_name::<Unspeakable>();
    assert_eq!(types, [None, Some(name.to_owned()), None]);
}

#[tokio::test]
async fn a_future_that_panics_when_it_is_dropped_fails_its_record_only() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "told to panic");
        }
    }
    let rig = rig(Sampler::AlwaysOn, Panics(None));
    let failed = run(&rig, |message| {
        let bomb = Bomb(is_bad(&message));
        std::future::poll_fn(move |_| {
            let _ = &bomb;
            std::task::Poll::Ready(Ok::<_, Error>(()))
        })
    });
    assert_eq!(failed.await, ["bad"]);
    assert_eq!(rig.queue.snapshot().delivered, 4);
}

#[tokio::test]
async fn a_sampler_that_panics_for_a_record_costs_that_record_its_span() {
    #[derive(Debug, Clone)]
    struct PanicsOnce(Arc<AtomicUsize>);
    impl ShouldSample for PanicsOnce {
        fn should_sample(
            &self,
            _: Option<&Context>,
            _: TraceId,
            name: &str,
            _: &SpanKind,
            _: &[KeyValue],
            _: &[Link],
        ) -> SamplingResult {
            if name.starts_with("process ") {
                assert_ne!(self.0.fetch_add(1, Ordering::Relaxed), 1, "told to panic");
            }
            SamplingResult {
                decision: SamplingDecision::RecordAndSample,
                attributes: Vec::new(),
                trace_state: TraceState::default(),
            }
        }
    }
    let rig = rig(PanicsOnce(Arc::default()), Panics(None));
    let failed = run(&rig, |_| async { Ok::<_, Error>(()) });
    assert_eq!(failed.await, <[String; 0]>::default());
    assert_eq!(
        rig.queue.snapshot().delivered,
        3,
        "the invocation and two records"
    );

    // Spans of others are watched afterwards as before.
    let tracer = rig.provider.tracer("handler");
    let runtime = service_fn(move |_: LambdaInvocation| {
        let tracer = tracer.clone();
        async move {
            let _call = tracer.start("hanging call");
            std::future::pending::<Result<(), Error>>().await
        }
    });
    let stack = rig.instrumentation.invocation_layer().layer(runtime);
    let hanging = tokio::spawn(stack.oneshot(invocation(&json!({}))));
    tokio::task::yield_now().await;
    rig.instrumentation.shutdown(Duration::from_secs(5)).await;
    let spans = rig.exporter.get_finished_spans().unwrap();
    let call = spans.iter().find(|span| span.name == "hanging call");
    assert_eq!(error_type(call.unwrap()).as_deref(), Some("sigterm"));
    hanging.abort();
}

/// The processor runs under the lock of the span, which its panic poisons.
#[tokio::test]
async fn a_processor_that_panics_does_not_reach_the_function() {
    for (kind, which) in [(SpanKind::Consumer, 2), (SpanKind::Server, 1)] {
        let rig = rig(Sampler::AlwaysOn, Panics(Some((kind, which.into()))));
        let failed = run(&rig, |_| async { Ok::<_, Error>(()) });
        assert_eq!(failed.await, <[String; 0]>::default());
        assert_eq!(rig.queue.snapshot().delivered, 3, "all but one");
    }
}

#[tokio::test]
async fn a_batch_that_is_dropped_ends_its_spans_as_cancelled() {
    for concurrency in [1, 3] {
        let rig = rig(Sampler::AlwaysOn, Panics(None));
        let runtime = service_fn(move |event: LambdaInvocation| async move {
            let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
            let stuck = async |_| std::future::pending::<Result<(), Error>>().await;
            let batch = Batch::new().with_concurrency(concurrency);
            let batch = batch.sqs(event, stuck);
            tokio::select! {
                biased;
                _ = batch => panic!("it has no end"),
                () = tokio::task::yield_now() => Ok::<_, Error>(()),
            }
        });
        let stack = rig.instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(invocation(&event())).await.unwrap();
        let spans = rig.exporter.get_finished_spans().unwrap();
        let (invocation, records) = split(&spans);
        assert_eq!(error_type(invocation), None);
        assert_eq!(records.len(), concurrency);
        for record in records {
            assert_eq!(error_type(record).as_deref(), Some("cancelled"));
        }
    }
}
