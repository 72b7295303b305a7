//! Batches: each record with its own span, in its own trace.

use lamplight_tests::{Span, events};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use crate::lifecycle::function_with_kinesis;

const FIRST: &str = "00-11111111111111111111111111111111-1111111111111111-01";
const SECOND: &str = "00-22222222222222222222222222222222-2222222222222222-01";

fn only(spans: &[Span], wanted: impl Fn(&Span) -> bool) -> &Span {
    let found: Vec<&Span> = spans.iter().filter(|span| wanted(span)).collect();
    assert_eq!(found.len(), 1, "{spans:#?}");
    found[0]
}

fn record<'a>(spans: &'a [Span], id: &str) -> &'a Span {
    only(spans, |span| {
        span.kind == SpanKind::Consumer && span.attribute("messaging.message.id") == id
    })
}

#[tokio::test]
async fn a_batch_that_fails_in_part_gives_each_record_its_span_and_names_the_failed() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let batch = [("good", Some(FIRST)), ("bad", Some(SECOND)), ("good", None)];
    let answer = lambda.invoke(events::sqs(&batch)).await;
    assert_eq!(
        answer.json(),
        json!({"batchItemFailures": [{"itemIdentifier": "message-1"}]})
    );

    // The invocation, three records, and one span below each of them.
    let spans = kinesis.spans(7).await;
    assert_eq!(spans.len(), 7);
    let invocation = only(&spans, |span| span.kind == SpanKind::Server);
    assert_eq!(
        invocation.error, None,
        "one record's failure is not the batch's"
    );
    assert_eq!(invocation.attribute("messaging.batch.message_count"), 3);
    assert_eq!(invocation.parent_span_id, "");
    let linked: Vec<_> = invocation
        .links
        .iter()
        .map(|link| link.span_id.as_str())
        .collect();
    assert_eq!(linked, ["1111111111111111", "2222222222222222"]);

    let good = record(&spans, "message-0");
    assert_eq!(good.trace_id, "1".repeat(32));
    assert_eq!(good.parent_span_id, "1".repeat(16));
    assert_eq!(good.error, None);
    assert_eq!(good.links[0].span_id, invocation.span_id);
    assert_eq!(good.links[0].trace_id, invocation.trace_id);

    let bad = record(&spans, "message-1");
    assert_eq!(bad.trace_id, "2".repeat(32));
    assert_eq!(bad.parent_span_id, "2".repeat(16));
    assert!(bad.error.is_some());
    assert_ne!(bad.attribute("error.type"), &Value::Null);
    assert_eq!(bad.events[0].name, "exception");

    let alone = record(&spans, "message-2");
    assert_eq!(alone.trace_id, invocation.trace_id);
    assert_eq!(alone.parent_span_id, invocation.span_id);

    for record in [good, bad, alone] {
        let child = only(&spans, |span| {
            span.parent_span_id == record.span_id && span.name == "deliver"
        });
        assert_eq!(child.trace_id, record.trace_id);
        assert_eq!(record.attribute("messaging.operation.type"), "process");
        assert_eq!(record.attribute("messaging.destination.name"), "orders");
    }
}

#[tokio::test]
async fn a_batch_that_fails_as_a_whole_is_an_error() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let batch = [("bad", Some(FIRST)), ("bad", None)];
    let answer = lambda.invoke(events::sqs(&batch)).await.json();
    let failed = answer["batchItemFailures"].as_array().unwrap();
    assert_eq!(failed.len(), 2);
    let spans = kinesis.spans(5).await;
    let invocation = only(&spans, |span| span.kind == SpanKind::Server);
    assert!(invocation.error.is_some());
    assert_eq!(spans.iter().filter(|span| span.error.is_some()).count(), 3);
}

#[tokio::test]
async fn a_batch_of_one_stays_in_the_trace_of_its_record() {
    let (mut lambda, kinesis) = function_with_kinesis().await;
    let answer = lambda.invoke(events::sqs(&[("good", Some(FIRST))])).await;
    assert_eq!(answer.json(), json!({"batchItemFailures": []}));
    let spans = kinesis.spans(3).await;
    let invocation = only(&spans, |span| span.kind == SpanKind::Server);
    let record = record(&spans, "message-0");
    assert_eq!(invocation.parent_span_id, "1".repeat(16));
    assert_eq!(record.parent_span_id, invocation.span_id);
    for span in &spans {
        assert_eq!(span.trace_id, "1".repeat(32), "{span:#?}");
    }
}
