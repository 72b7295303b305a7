//! Spans that are open in a handler: which of them are remembered, to be delivered at a deadline.
#![cfg(feature = "records-sqs")]

use std::{sync::Arc, time::Duration};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{Instrumentation, OpenSpanProcessor, records};
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, Span as _, SpanKind, TraceContextExt, TraceId, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{
        InMemorySpanExporter, Sampler, SamplingResult, SdkTracer, SdkTracerProvider, ShouldSample,
        Span, SpanData, SpanProcessor,
    },
};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use crate::common::invocation;

/// The processor of open spans, which a test can ask how many there are.
#[derive(Debug, Clone)]
struct Open(Arc<OpenSpanProcessor<SpanQueue>>);

impl Open {
    fn count(&self) -> usize {
        let text = format!("{:?}", self.0);
        let (_, count) = text.rsplit_once("open: ").unwrap();
        count.trim_end_matches(" }").parse().unwrap()
    }
}

impl SpanProcessor for Open {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.0.on_start(span, cx);
    }

    fn on_end(&self, span: SpanData) {
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }
}

/// Handles a batch of two messages, each of a trace of its own, and starts a span in each. Returns how
/// many open spans there were: before it started, while it was open, and when it had ended.
async fn run(sampler: impl ShouldSample + 'static, batches: usize) -> Vec<[usize; 3]> {
    let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
    let open = Open(Arc::new(OpenSpanProcessor::new(queue.clone())));
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampler)
        .with_span_processor(open.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_inferred_spans(true)
        .with_event_span(true)
        .build();
    let tracer: SdkTracer = provider.tracer("handler");
    let (say, said) = std::sync::mpsc::channel();
    let runtime = service_fn(move |event: LambdaInvocation| {
        let (open, tracer, say) = (open.clone(), tracer.clone(), say.clone());
        async move {
            let event: SqsEvent = serde_json::from_slice(&event.body)?;
            let deliver = |_: SqsMessage| {
                let before = open.count();
                let mut query = tracer.start("query");
                let during = open.count();
                query.end();
                say.send([before, during, open.count()]).unwrap();
                async { Ok::<_, Error>(()) }
            };
            records::sqs(event, deliver).await;
            Ok::<_, Error>(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    let message = |id: &str| {
        json!({
            "messageId": id, "body": "", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
            "attributes": {"SentTimestamp": "1793697302000"},
            "messageAttributes": {"traceparent": {
                "dataType": "String",
                "stringValue": format!("00-{id}af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            }},
        })
    };
    for _ in 0..batches {
        let event = json!({"Records": [message("0"), message("1")]});
        stack.clone().oneshot(invocation(&event)).await.unwrap();
    }
    drop(stack);
    said.into_iter().collect()
}

#[tokio::test]
async fn of_a_record_the_functions_own_spans_are_remembered_and_no_others() {
    assert_eq!(run(Sampler::AlwaysOn, 1).await, [[0, 1, 0]; 2]);
}

/// Panics where a record's span starts.
#[derive(Debug, Clone)]
struct PanicsAtRecords;

impl ShouldSample for PanicsAtRecords {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let is_of_record = *kind == SpanKind::Consumer && Context::current().has_active_span();
        assert!(!is_of_record, "told to panic");
        Sampler::AlwaysOn.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}

#[tokio::test]
async fn a_sampler_that_panics_in_the_start_of_a_record_does_not_hide_the_spans_after_it() {
    assert_eq!(run(PanicsAtRecords, 2).await, [[0, 1, 0]; 4]);
}
