use crate::{Invocation, outcome};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use lamplight_propagation::inbound::{Record, RecordContext};
use lamplight_semconv as semconv;
use opentelemetry::Context;
use opentelemetry::context::FutureExt;
use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceContextExt, Tracer};
use std::collections::HashSet;
use std::fmt::Display;
use std::future::Future;
use std::time::SystemTime;

/// Runs `handler` for each message of an SQS batch, one after the other, and answers with the
/// messages that failed.
///
/// Each message has its own `process` span of kind `CONSUMER`. The span continues the trace of the
/// message, whatever the message was wrapped in (SNS, EventBridge), and is linked with the
/// invocation's span; its context, with the message's baggage, is current while the handler runs.
/// A message without context becomes a child of the invocation's span.
///
/// The event source mapping needs `ReportBatchItemFailures`, or else Lambda deletes every message
/// of the batch, failed or not.
///
/// In a FIFO queue the messages of a group that follow a failed one are not handled but reported as
/// failed too, so that their order is kept.
///
/// ```
/// use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
/// use lambda_runtime::{Error, LambdaEvent};
///
/// async fn handler(event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
///     Ok(lamplight_lambda::records::sqs(event.payload, deliver).await)
/// }
///
/// async fn deliver(message: SqsMessage) -> Result<(), Error> {
///     let body = message.body.ok_or("a message without a body")?;
///     println!("{body}");
///     Ok(())
/// }
/// ```
pub async fn sqs<H, F, E>(event: SqsEvent, mut handler: H) -> SqsBatchResponse
where
    H: FnMut(SqsMessage) -> F,
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    let invocation = Invocation::current();
    let single = event.records.len() == 1;
    let mut response = SqsBatchResponse::default();
    let mut failed_groups = HashSet::new();
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        let group = message.attributes.get("MessageGroupId").cloned();
        if group
            .as_ref()
            .is_some_and(|group| failed_groups.contains(group))
        {
            response.add_failure(id);
            continue;
        }
        let cx = process_context(&invocation, &message, single);
        invocation.open_record(&cx);
        let result = handler(message).with_context(cx.clone()).await;
        let span = cx.span();
        if let Err(error) = result {
            outcome::fail(&span, outcome::BATCH_ITEM_FAILURE, &error.to_string());
            response.add_failure(id);
            failed_groups.extend(group);
        }
        invocation.close_record(&cx);
    }
    response
}

/// The context to handle a record in: its `process` span, and its baggage.
fn process_context(invocation: &Invocation, record: &impl Record, single: bool) -> Context {
    let (Some(shared), Some(ambient)) = (invocation.shared(), invocation.span_context()) else {
        return Context::current();
    };
    let RecordContext {
        parent,
        mut links,
        span_name,
        mut attributes,
        sent_at,
        receive_count,
        ..
    } = shared.extractor.record(record);
    let latency = sent_at.and_then(|sent| SystemTime::now().duration_since(sent).ok());
    attributes
        .extend(latency.map(|d| semconv::lamplight::queue::latency_ms(d.as_secs_f64() * 1e3)));
    attributes.extend(receive_count.map(|count| semconv::lamplight::receive_count(count.into())));
    shared.add_baggage(&mut attributes, &parent);

    let creation = parent.span().span_context().clone();
    // What the parent is not, a link is: between the message's own span and the invocation's, both
    // ways lead to the other. A batch of one has made the invocation a child of the message.
    let continued = Context::current().with_remote_span_context(creation.clone());
    let (base, other) = match creation.is_valid() {
        true if !(single && creation.trace_id() == ambient.trace_id()) => (continued, ambient),
        _ => (Context::current(), creation),
    };
    if other.is_valid() {
        links.push(Link::with_context(other));
    }
    let base = with_baggage_of(&base, &parent);
    let mut builder = SpanBuilder::from_name(span_name)
        .with_kind(SpanKind::Consumer)
        .with_attributes(attributes);
    if !links.is_empty() {
        builder = builder.with_links(links);
    }
    let span = shared.tracer.build_with_context(builder, &base);
    base.with_span(span)
}

/// `cx` with the baggage of the record: that of one record must not reach another.
fn with_baggage_of(cx: &Context, record: &Context) -> Context {
    use opentelemetry::baggage::{BaggageExt, KeyValueMetadata};
    let entries = record.baggage().iter().map(|(key, (value, metadata))| {
        KeyValueMetadata::new(key.clone(), value.clone(), metadata.as_str())
    });
    cx.with_cleared_baggage().with_baggage(entries)
}
