//! Existing context of a message is kept, and the span has a link to it.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_sns::types::MessageAttributeValue as SnsValue;
use aws_sdk_sqs::types::{MessageAttributeValue as SqsValue, SendMessageBatchRequestEntry};
use lamplight_aws_sdk::Carrier;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

const OWN: &str = "00-11111111111111111111111111111111-2222222222222222-01";
const TRACE: &str = "11111111111111111111111111111111";
const SPAN: &str = "2222222222222222";

/// The span is linked to the context of the message and to nothing else.
fn check(span: &SpanData, kind: &SpanKind) {
    let links: Vec<_> = span
        .links
        .links
        .iter()
        .map(|link| {
            let context = &link.span_context;
            (
                context.trace_id().to_string(),
                context.span_id().to_string(),
            )
        })
        .collect();
    assert_eq!(links, [(TRACE.to_owned(), SPAN.to_owned())]);
    assert_eq!(&span.span_kind, kind);
}

#[tokio::test]
async fn of_an_sqs_message() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    let config = aws_sdk_sqs::config::Builder::from(&config(http));
    let own = SqsValue::builder().data_type("String").string_value(OWN);
    aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .send_message()
        .queue_url("https://q/1/orders")
        .message_body("x")
        .message_attributes("traceparent", own.build().unwrap())
        .send()
        .await
        .unwrap();
    check(&spans.one(), &SpanKind::Client);
}

/// The other messages of the batch carry the span's own context, so it is a producer's.
#[tokio::test]
async fn of_one_message_in_a_batch() {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"Successful":[],"Failed":[]}"#)]);
    let config = aws_sdk_sqs::config::Builder::from(&config(http));
    let own = SqsValue::builder().data_type("String").string_value(OWN);
    let entry = SendMessageBatchRequestEntry::builder().message_body("x");
    let with = entry
        .clone()
        .id("a")
        .message_attributes("traceparent", own.build().unwrap());
    aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .send_message_batch()
        .queue_url("https://q/1/orders")
        .entries(with.build().unwrap())
        .entries(entry.id("b").build().unwrap())
        .send()
        .await
        .unwrap();
    check(&spans.one(), &SpanKind::Producer);
}

#[tokio::test]
async fn of_an_sns_message() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<PublishResponse><PublishResult/></PublishResponse>",
    )]);
    let config = aws_sdk_sns::config::Builder::from(&config(http));
    let own = SnsValue::builder().data_type("String").string_value(OWN);
    aws_sdk_sns::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .publish()
        .topic_arn("arn:aws:sns:eu-west-1:123456789012:orders")
        .message("x")
        .message_attributes("traceparent", own.build().unwrap())
        .send()
        .await
        .unwrap();
    check(&spans.one(), &SpanKind::Client);
}

#[tokio::test]
async fn of_an_event() {
    for detail in [
        format!(r#"{{"_otel":{{"traceparent":"{OWN}"}}}}"#),
        format!(r#"{{"traceparent":"{OWN}"}}"#),
    ] {
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"Entries":[]}"#)]);
        let config = aws_sdk_eventbridge::config::Builder::from(&config(http));
        let entry = PutEventsRequestEntry::builder()
            .source("shop")
            .detail(detail);
        aws_sdk_eventbridge::Client::from_conf(config.interceptor(spans.lamplight()).build())
            .put_events()
            .entries(entry.build())
            .send()
            .await
            .unwrap();
        check(&spans.one(), &SpanKind::Client);
    }
}

#[tokio::test]
async fn of_a_record() {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"ShardId":"s","SequenceNumber":"1"}"#)]);
    let config = aws_sdk_kinesis::config::Builder::from(&config(http));
    let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
    aws_sdk_kinesis::Client::from_conf(config.interceptor(lamplight).build())
        .put_record()
        .stream_name("orders")
        .partition_key("k")
        .data(Blob::new(format!(
            r#"{{"_otel":{{"traceparent":"{OWN}"}}}}"#
        )))
        .send()
        .await
        .unwrap();
    check(&spans.one(), &SpanKind::Client);
}
