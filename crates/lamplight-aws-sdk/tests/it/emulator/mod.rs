//! Messages sent through real services, read back as their consumer sees them: the context that
//! Lamplight put in is the context that Lamplight finds.

mod eventbridge;
mod faults;
mod kinesis;
mod others;
mod sfn;
mod sns;
mod sqs;

use aws_sdk_sqs::types::{Message, QueueAttributeName};
use aws_types::{SdkConfig, region::Region};
use lamplight_aws_sdk::LamplightInterceptor;
use lamplight_local_aws::LocalAws;
use opentelemetry::{
    Context,
    baggage::BaggageExt as _,
    trace::{SpanId, TraceContextExt as _},
};
use opentelemetry_sdk::trace::SpanData;

/// A configuration whose clients talk to the local AWS, over the HTTP client Lamplight gives.
fn local(aws: &LocalAws) -> SdkConfig {
    lamplight_aws_config::sdk_config()
        .into_builder()
        .credentials_provider(crate::common::credentials())
        .endpoint_url(aws.endpoint())
        .region(Region::new("us-east-1"))
        .build()
}

/// The context is the sending span's, with the caller's state and baggage.
fn check(received: &Context, sent: &SpanData) {
    let received_span = received.span().span_context().clone();
    assert_eq!(received_span.trace_id(), sent.span_context.trace_id());
    assert_eq!(received_span.span_id(), sent.span_context.span_id());
    assert_eq!(received_span.trace_state().header(), "vendor=a");
    assert!(received_span.is_sampled());
    let producer = received
        .baggage()
        .get("app.event.producer.application")
        .unwrap();
    assert_eq!(producer.as_str(), "iot");
    assert_eq!(sent.parent_span_id, SpanId::from(0xb7ad_6b71_6920_3331));
}

/// A client whose calls are spans of `lamplight`'s tracer.
fn sqs(config: &SdkConfig, lamplight: LamplightInterceptor) -> aws_sdk_sqs::Client {
    let builder = aws_sdk_sqs::config::Builder::from(config).interceptor(lamplight);
    aws_sdk_sqs::Client::from_conf(builder.build())
}

/// A new queue: URL and ARN.
async fn queue(config: &SdkConfig, name: &str) -> (String, String) {
    let client = aws_sdk_sqs::Client::new(config);
    let created = client.create_queue().queue_name(name).send().await.unwrap();
    let url = created.queue_url().unwrap().to_owned();
    let attributes = client
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .unwrap();
    let arn = attributes.attributes().unwrap()[&QueueAttributeName::QueueArn].clone();
    (url, arn)
}

/// Everything in a queue, until it has had `count` messages.
async fn receive(client: &aws_sdk_sqs::Client, url: &str, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    for _ in 0..5 {
        let output = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .wait_time_seconds(5)
            .send()
            .await
            .unwrap();
        messages.extend(output.messages.unwrap_or_default());
        if messages.len() >= count {
            break;
        }
    }
    assert_eq!(messages.len(), count);
    messages
}
