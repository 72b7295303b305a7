//! Samplers see the event when it starts, and cost at most its span.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::Instrumentation;
use lamplight_semconv as semconv;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, Sampler, SamplingDecision, SamplingResult, SdkTracerProvider,
    ShouldSample,
};
use serde_json::Value as Json;
use tower::{Layer, ServiceExt, service_fn};

use super::{event, event_with_flags, split};
use crate::common::{error_type, invocation};

/// The attributes that a span starts with, and the number of its links.
type Start = (Vec<KeyValue>, usize);

/// Decides by kind, and keeps what it is shown of consumers.
#[derive(Debug, Clone)]
struct ByKind {
    dropped: Option<SpanKind>,
    panics: bool,
    seen: Arc<Mutex<Vec<Start>>>,
}

impl ByKind {
    fn new(dropped: Option<SpanKind>, panics: bool) -> Self {
        Self {
            dropped,
            panics,
            seen: Arc::default(),
        }
    }
}

impl ShouldSample for ByKind {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: TraceId,
        _: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        if *kind == SpanKind::Consumer {
            assert!(!self.panics, "told to panic");
            let seen = (attributes.to_vec(), links.len());
            self.seen.lock().unwrap().push(seen);
        }
        let decision = match self.dropped.as_ref() == Some(kind) {
            true => SamplingDecision::Drop,
            false => SamplingDecision::RecordAndSample,
        };
        SamplingResult {
            decision,
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}

struct Rig {
    exporter: InMemorySpanExporter,
    instrumentation: Instrumentation,
}

fn rig(sampler: impl ShouldSample + 'static) -> Rig {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_event_span(true)
        .build();
    Rig {
        exporter,
        instrumentation,
    }
}

/// Runs an invocation, and returns the span context that its handler has.
async fn run(rig: &Rig, event: &Json) -> opentelemetry::trace::SpanContext {
    let seen = Arc::new(Mutex::new(None));
    let runtime = {
        let seen = seen.clone();
        service_fn(move |_: LambdaInvocation| {
            let seen = seen.clone();
            async move {
                let current = Context::current().span().span_context().clone();
                *seen.lock().unwrap() = Some(current);
                Ok::<_, Error>(())
            }
        })
    };
    let stack = rig.instrumentation.invocation_layer().layer(runtime);
    stack.oneshot(invocation(event)).await.unwrap();
    let current = seen.lock().unwrap().take();
    current.unwrap()
}

#[tokio::test]
async fn a_sampler_sees_the_messages_attributes_and_links_at_the_start() {
    let sampler = ByKind::new(None, false);
    let rig = rig(sampler.clone());
    run(&rig, &event(&["a", "b"])).await;
    let seen = sampler.seen.lock().unwrap();
    let [(attributes, links)] = seen.as_slice() else {
        panic!("one event: {seen:?}");
    };
    let queue = semconv::messaging::destination::name("orders");
    assert!(attributes.contains(&queue));
    assert_eq!(*links, 2);
}

#[tokio::test]
async fn what_is_not_sampled_has_neither_span_and_a_context_that_says_so() {
    let rig = rig(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)));
    let current = run(&rig, &event_with_flags(&["a"], "00")).await;
    assert!(rig.exporter.get_finished_spans().unwrap().is_empty());
    assert!(current.is_valid() && !current.is_sampled());
    let [trace, _] = super::SENDERS[0];
    assert_eq!(current.trace_id().to_string(), trace);
}

#[tokio::test]
async fn a_sampler_that_panics_for_the_event_costs_the_event_its_span() {
    let rig = rig(ByKind::new(None, true));
    let current = run(&rig, &event(&["a", "b"])).await;
    let [server] = rig
        .exporter
        .get_finished_spans()
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(server.span_kind, SpanKind::Server);
    assert_eq!(server.span_context.span_id(), current.span_id());
}

/// It is not polled then, and the invocation's own span is not exported.
#[tokio::test]
async fn an_event_that_alone_is_sampled_is_delivered_though_the_handler_blocks() {
    let rig = rig(ByKind::new(Some(SpanKind::Server), false));
    let exporter = rig.exporter.clone();
    let runtime = service_fn(move |_: LambdaInvocation| {
        let began = Instant::now();
        let has_none = || exporter.get_finished_spans().unwrap().is_empty();
        while has_none() && began.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(2));
        }
        std::future::ready(Ok::<_, Error>(()))
    });
    let stack = rig.instrumentation.invocation_layer().layer(runtime);
    let mut event = invocation(&event(&["a", "b"]));
    let deadline = SystemTime::now() + Duration::from_millis(300);
    let deadline = deadline.duration_since(UNIX_EPOCH).unwrap();
    event.context.deadline = deadline.as_millis() as u64;
    stack.oneshot(event).await.unwrap();
    let [span] = rig
        .exporter
        .get_finished_spans()
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(error_type(&span).as_deref(), Some("timeout"));
}

/// A sampler that decides span by span: each has the outcome, whatever became of the other.
#[tokio::test(start_paused = true)]
async fn one_of_the_two_alone_ends_as_it_should() {
    for dropped in [SpanKind::Server, SpanKind::Consumer] {
        let rig = rig(ByKind::new(Some(dropped.clone()), false));
        let runtime = service_fn(async |_: LambdaInvocation| {
            std::future::pending::<Result<(), Error>>().await
        });
        let stack = rig.instrumentation.invocation_layer().layer(runtime);
        let hanging = tokio::spawn(stack.oneshot(invocation(&event(&["a", "b"]))));
        tokio::time::sleep(Duration::from_secs(31)).await;
        let [span] = rig
            .exporter
            .get_finished_spans()
            .unwrap()
            .try_into()
            .unwrap();
        assert_ne!(span.span_kind, dropped);
        assert_eq!(error_type(&span).as_deref(), Some("timeout"));
        hanging.abort();
    }
    // Both, to see that nothing else is there.
    let rig = rig(Sampler::AlwaysOn);
    run(&rig, &event(&["a", "b"])).await;
    let spans = rig.exporter.get_finished_spans().unwrap();
    assert_eq!(spans.len(), 2);
    split(&spans);
}
