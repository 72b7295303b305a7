//! SQS: sent, received, settled.

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageSystemAttributeName, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    SendMessageBatchRequestEntry,
};
use lamplight_aws_sdk::sqs::message_context;
use lamplight_propagation::inbound::{EventExtractor, XRayPolicy};
use opentelemetry::{
    KeyValue,
    trace::{FutureExt as _, SpanKind, Status},
};

use super::*;
use crate::common::*;

fn entry(id: &str) -> SendMessageBatchRequestEntry {
    let entry = SendMessageBatchRequestEntry::builder();
    entry.id(id).message_body(id).build().unwrap()
}

#[tokio::test]
async fn messages_one_by_one_and_in_batches() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let (url, _) = queue(&config, "sqs-direct").await;
    let spans = Spans::new();
    let client = sqs(&config, spans.lamplight());

    let send = client.send_message().queue_url(&url).message_body("one");
    let sent = send.send().with_context(caller()).await.unwrap();
    let received = receive(&client, &url, 1).await;
    let span = spans.named("SQS.SendMessage");
    assert_eq!(span.span_kind, SpanKind::Producer);
    check(
        &message_context(&EventExtractor::new(), &received[0]),
        &span,
    );
    assert_eq!(received[0].body(), Some("one"));
    let id = sent.message_id().unwrap();
    assert_eq!(attributes(&span)["messaging.message.id"], id);
    let poll = spans.named("SQS.ReceiveMessage");
    let link = &poll.links.links[0];
    assert_eq!(link.span_context.span_id(), span.span_context.span_id());
    assert_eq!(attributes(&poll)["messaging.message.id"], id, "joins both");

    let receipt = received[0].receipt_handle().unwrap();
    let delete = client.delete_message().queue_url(&url);
    delete.receipt_handle(receipt).send().await.unwrap();
    let batch = client.send_message_batch().queue_url(&url);
    let batch = batch.entries(entry("a")).entries(entry("b"));
    batch.send().with_context(caller()).await.unwrap();
    let span = spans.named("SQS.SendMessageBatch");
    for message in receive(&sqs(&config, LamplightInterceptor::new()), &url, 2).await {
        check(&message_context(&EventExtractor::new(), &message), &span);
    }
}

/// The life of a poller outside Lambda: what it settles is told, and what it could not settle.
#[tokio::test]
async fn messages_are_received_postponed_and_deleted() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let (url, _) = queue(&config, "sqs-settled").await;
    let spans = Spans::new();
    let client = sqs(&config, spans.lamplight());
    let send = client.send_message_batch().queue_url(&url);
    let send = send.entries(entry("a")).entries(entry("b"));
    send.send().with_context(caller()).await.unwrap();
    let consumer = sqs(&config, LamplightInterceptor::new());
    let received = receive(&consumer, &url, 2).await;
    let receipt = |n: usize| received[n].receipt_handle().unwrap().to_owned();

    let postpone = client.change_message_visibility().queue_url(&url);
    let postpone = postpone.receipt_handle(receipt(0)).visibility_timeout(60);
    postpone.send().await.unwrap();
    let span = spans.named("SQS.ChangeMessageVisibility");
    assert_eq!(
        attributes(&span)["messaging.destination.name"],
        "sqs-settled"
    );

    let postponed = |id: &str, receipt: String| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(receipt)
            .visibility_timeout(60)
            .build()
            .unwrap()
    };
    let postpone = client.change_message_visibility_batch().queue_url(&url);
    let postpone = postpone.entries(postponed("b", receipt(1)));
    postpone.send().await.unwrap();
    let span = spans.named("SQS.ChangeMessageVisibilityBatch");
    assert_eq!(attributes(&span)["messaging.batch.message_count"], "1");

    let deleted = |id: &str, receipt: String| {
        DeleteMessageBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(receipt)
            .build()
            .unwrap()
    };
    let delete = client.delete_message_batch().queue_url(&url);
    let delete = delete.entries(deleted("a", receipt(0)));
    let output = delete
        .entries(deleted("b", "no receipt".to_owned()))
        .send()
        .await
        .unwrap();
    assert_eq!(output.failed().len(), 1, "{output:?}");
    let span = spans.named("SQS.DeleteMessageBatch");
    assert_eq!(span.status, Status::Unset, "the call itself succeeded");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "1");
    let (name, event) = events(&span).remove(0);
    assert_eq!(name, "aws.failed_entry");
    assert_eq!(event["error.type"], output.failed()[0].code());
}

/// A message from a sender that supports only X-Ray: its header is requested, found, and used according to
/// the policy.
#[tokio::test]
async fn the_xray_header_of_a_message_is_received() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let (url, _) = queue(&config, "sqs-xray").await;
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let header = MessageSystemAttributeValue::builder()
        .data_type("String")
        .string_value(header);
    let bare = aws_sdk_sqs::Client::new(&config);
    let send = bare.send_message().queue_url(&url).message_body("x");
    let name = MessageSystemAttributeNameForSends::AwsTraceHeader;
    let send = send.message_system_attributes(name, header.build().unwrap());
    send.send().await.unwrap();

    let spans = Spans::new();
    let received = receive(&sqs(&config, spans.lamplight()), &url, 1).await;
    let system = received[0].attributes().unwrap();
    assert!(system.contains_key(&MessageSystemAttributeName::AwsTraceHeader));
    let parent = EventExtractor::new().with_xray(XRayPolicy::Parent);
    let context = message_context(&parent, &received[0]);
    let span = context.span().span_context().clone();
    let trace = "5759e988bd862e3fe1be46a994272793";
    assert_eq!(span.trace_id().to_string(), trace);
    assert_eq!(span.span_id().to_string(), "53995c3f42cd8ad8");
    let ignored = message_context(
        &EventExtractor::new().with_xray(XRayPolicy::Ignore),
        &received[0],
    );
    assert!(!ignored.span().span_context().is_valid());
    assert!(
        spans
            .named("SQS.ReceiveMessage")
            .attributes
            .contains(&KeyValue::new(
                "messaging.message.id",
                received[0].message_id().unwrap().to_owned()
            ))
    );
}
