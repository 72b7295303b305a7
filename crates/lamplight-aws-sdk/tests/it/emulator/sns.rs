//! SNS to SQS: raw delivery has message attributes, wrapped delivery has them in the body.

use aws_sdk_sns::types::PublishBatchRequestEntry;
use lamplight_aws_sdk::sqs::message_context;
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry::trace::{FutureExt as _, SpanKind};
use serde_json::Value;

use super::*;
use crate::common::*;

/// A new topic and the URLs of two queues that subscribe to it: raw, and wrapped.
async fn topic(
    config: &SdkConfig,
    client: &aws_sdk_sns::Client,
    name: &str,
) -> (String, [String; 2]) {
    let topic = client.create_topic().name(name).send().await.unwrap();
    let topic = topic.topic_arn().unwrap().to_owned();
    let mut queues = [String::new(), String::new()];
    for (raw, queue_url) in ["true", "false"].into_iter().zip(&mut queues) {
        let (url, arn) = queue(config, &format!("{name}-raw-{raw}")).await;
        let subscribe = client.subscribe().topic_arn(&topic).protocol("sqs");
        let subscribe = subscribe
            .attributes("RawMessageDelivery", raw)
            .endpoint(arn);
        subscribe.send().await.unwrap();
        *queue_url = url;
    }
    (topic, queues)
}

#[tokio::test]
async fn messages_raw_and_wrapped() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let builder = aws_sdk_sns::config::Builder::from(&config).interceptor(spans.lamplight());
    let client = aws_sdk_sns::Client::from_conf(builder.build());
    let (topic, [raw, wrapped]) = topic(&config, &client, "sns-single").await;

    let publish = client.publish().topic_arn(topic).message("hello").send();
    let published = publish.with_context(caller()).await.unwrap();
    let span = spans.named("SNS.Publish");
    assert_eq!(span.span_kind, SpanKind::Producer);
    let id = published.message_id().unwrap();
    assert_eq!(attributes(&span)["messaging.message.id"], id);

    let poll_spans = Spans::new();
    let consumer = sqs(&config, poll_spans.lamplight());
    let message = receive(&consumer, &raw, 1).await.remove(0);
    assert_eq!(message.body(), Some("hello"));
    check(&message_context(&EventExtractor::new(), &message), &span);
    let message = receive(&consumer, &wrapped, 1).await.remove(0);
    let envelope: Value = serde_json::from_str(message.body().unwrap()).unwrap();
    assert_eq!(envelope["Message"], "hello");
    assert_eq!(envelope["MessageId"], id, "the id joins both sides");
    check(&message_context(&EventExtractor::new(), &message), &span);
    // The poller's own spans are linked with it, however it was delivered.
    for poll in poll_spans.ended() {
        let link = &poll.links.links[0];
        assert_eq!(link.span_context.span_id(), span.span_context.span_id());
    }
}

#[tokio::test]
async fn batches_raw_and_wrapped() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let builder = aws_sdk_sns::config::Builder::from(&config).interceptor(spans.lamplight());
    let client = aws_sdk_sns::Client::from_conf(builder.build());
    let (topic, queues) = topic(&config, &client, "sns-batch").await;

    let entry = |id: &str| {
        let entry = PublishBatchRequestEntry::builder().id(id).message(id);
        entry.build().unwrap()
    };
    let publish = client.publish_batch().topic_arn(topic);
    let publish = publish.publish_batch_request_entries(entry("a"));
    let publish = publish.publish_batch_request_entries(entry("b"));
    publish.send().with_context(caller()).await.unwrap();
    let span = spans.named("SNS.PublishBatch");
    assert_eq!(span.span_kind, SpanKind::Producer);
    assert_eq!(attributes(&span)["messaging.batch.message_count"], "2");
    for queue in queues {
        for message in receive(&sqs(&config, LamplightInterceptor::new()), &queue, 2).await {
            check(&message_context(&EventExtractor::new(), &message), &span);
        }
    }
}
