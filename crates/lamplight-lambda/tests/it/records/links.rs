//! The links of the spans of batches and of their records.

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::{AttributeLimitProcessor, Instrumentation};
use lamplight_propagation::inbound::{EventExtractor, RecordPolicy};
use lamplight_semconv as semconv;
use opentelemetry::trace::SpanId;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use super::{TRACES, message, run_on, split};
use crate::common::{Function, get, invocation};

/// Ids of the spans that `span` is linked with.
fn links(span: &SpanData) -> Vec<String> {
    let links = span.links.iter();
    links
        .map(|link| link.span_context.span_id().to_string())
        .collect()
}

/// Ids of the spans that the first `count` messages were sent by.
fn senders(count: usize) -> Vec<&'static str> {
    let traces = TRACES.iter().take(count);
    traces.filter_map(|it| it.split('-').nth(2)).collect()
}

async fn run_with(policy: RecordPolicy, count: usize) -> Vec<SpanData> {
    let extractor = EventExtractor::new().with_records(policy);
    let function = Function::with(|builder| builder.with_extractor(extractor));
    let messages = ["a", "b", "c"].iter().zip(TRACES).take(count);
    let messages = messages.map(|(id, trace)| message(id, Some(trace)));
    let (_, spans) = run_on(&function, messages.collect()).await;
    spans
}

/// Messaging spans, "Consumer spans": with the message as the parent, a process span has "a link to the
/// ambient context", and for each message it SHOULD have a link to the creation context.
#[tokio::test]
async fn a_record_is_linked_with_its_parent_if_asked_to() {
    let spans = run_with(RecordPolicy::ContinueAndLink, 3).await;
    let (invocation, records) = split(&spans);
    let ambient = invocation.span_context.span_id();
    assert_eq!(links(invocation), senders(3));
    for (record, sender) in records.iter().zip(senders(3)) {
        assert_eq!(record.parent_span_id.to_string(), sender);
        assert_eq!(links(record), [sender.to_owned(), ambient.to_string()]);
    }
    // A batch of one: the invocation continues the message's trace, and the record is below it.
    let spans = run_with(RecordPolicy::ContinueAndLink, 1).await;
    let (invocation, records) = split(&spans);
    assert_eq!(invocation.parent_span_id.to_string(), senders(1)[0]);
    assert_eq!(links(invocation), senders(1));
    assert_eq!(records[0].parent_span_id, invocation.span_context.span_id());
    assert_eq!(links(records[0]), senders(1));
}

/// The strict reading of the messaging conventions.
#[tokio::test]
async fn links_only_keep_the_records_in_the_invocations_trace() {
    for count in 1..=3 {
        let spans = run_with(RecordPolicy::Link, count).await;
        let (invocation, records) = split(&spans);
        assert_eq!(records.len(), count);
        assert_eq!(invocation.parent_span_id, SpanId::INVALID);
        let sent_by = senders(count);
        assert_eq!(links(invocation), sent_by);
        let ids = invocation.links.iter().flat_map(|link| &link.attributes);
        assert_eq!(ids.count(), count, "each link names its message");
        for ((record, sent_by), id) in records.iter().zip(sent_by).zip(["a", "b", "c"]) {
            assert_eq!(record.parent_span_id, invocation.span_context.span_id());
            assert_eq!(links(record), [sent_by]);
            let baggage = get(record, semconv::app::event::producer::APPLICATION);
            assert_eq!(
                baggage,
                Some(format!("shop-{id}").into()),
                "is still current"
            );
        }
    }
}

/// Trace SDK, "Span Limits", and OTLP's `dropped_links_count`: omitted links are counted where exporters
/// expect it, whether the SDK dropped them or never received them.
#[tokio::test]
async fn links_left_out_are_counted_as_dropped() {
    let exporter = InMemorySpanExporter::default();
    let queue = SpanQueue::new(ExporterSink::new(exporter.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(AttributeLimitProcessor::new(queue.clone()))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue).build();
    let runtime = service_fn(async |_: LambdaInvocation| Ok::<_, Error>(()));
    let stack = instrumentation.invocation_layer().layer(runtime);
    let records = vec![message("a", Some(TRACES[0])); 200];
    let event = invocation(&json!({ "Records": records }));
    stack.oneshot(event).await.unwrap();
    let [span] = exporter.get_finished_spans().unwrap().try_into().unwrap();
    assert_eq!(span.links.len(), 128);
    assert_eq!(span.links.dropped_count, 72);
    let key = semconv::lamplight::links::DROPPED;
    let said = span.attributes.iter().filter(|it| it.key.as_str() == key);
    assert_eq!(said.count(), 1);
    assert_eq!(get(&span, key), Some(72.into()));
    assert_eq!(span.dropped_attributes_count, 0);
}
