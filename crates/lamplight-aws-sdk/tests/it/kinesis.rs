//! Kinesis `PutRecord` and `PutRecords`.

use aws_sdk_kinesis::{Client, primitives::Blob, types::PutRecordsRequestEntry};
use aws_smithy_http_client::test_util::StaticReplayClient;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::trace::{FutureExt as _, SpanKind};
use serde_json::Value;

use crate::common::*;

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_kinesis::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

fn data(record: &Value) -> Vec<u8> {
    BASE64.decode(record["Data"].as_str().unwrap()).unwrap()
}

/// Puts records and returns their data as it was sent.
async fn put(lamplight: LamplightInterceptor, records: &[&[u8]]) -> Vec<Vec<u8>> {
    let http = replay([reply(
        200,
        r#"{"FailedRecordCount":1,"Records":[
            {"ShardId":"shardId-0","SequenceNumber":"7"},
            {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow down"}]}"#,
    )]);
    let entry = |data: &&[u8]| {
        PutRecordsRequestEntry::builder()
            .data(Blob::new(*data))
            .partition_key("k")
            .build()
            .unwrap()
    };
    client(lamplight, &http)
        .put_records()
        .stream_arn("arn:aws:kinesis:eu-west-1:123456789012:stream/orders")
        .set_records(Some(records.iter().map(entry).collect()))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    body(&http, 0)["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(data)
        .collect()
}

#[tokio::test]
async fn records_are_left_alone_unless_their_data_may_be_used() {
    let spans = Spans::new();
    assert_eq!(put(spans.lamplight(), &[b"{}"]).await, [b"{}"]);
    assert_eq!(spans.one().span_kind, SpanKind::Client);
}

#[tokio::test]
async fn json_objects_carry_context_and_nothing_else_does() {
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
    // The second as an aggregating producer writes it, the last two JSON that is no object.
    let records: [&[u8]; 4] = [b"{\"n\":1.10}\n", b"\xf3\x89\x9a\xc2{}", b"[{}]", b"7"];
    let sent = put(lamplight, &records).await;
    let span = spans.one();
    let first = String::from_utf8(sent[0].clone()).unwrap();
    assert!(first.starts_with(&format!(
        r#"{{"_otel":{{"traceparent":"{}""#,
        traceparent(&span)
    )));
    assert!(first.ends_with(",\"n\":1.10}\n"), "{first}");
    assert_eq!(sent[1..], records[1..]);
    assert_eq!(span.span_kind, SpanKind::Producer);
    let attributes = attributes(&span);
    assert_eq!(attributes["aws.kinesis.stream_name"], "orders");
    assert_eq!(attributes["messaging.destination.name"], "orders");
    assert_eq!(attributes["messaging.system"], "aws.kinesis");
    assert_eq!(attributes["messaging.batch.message_count"], "4");
    assert_eq!(attributes["lamplight.aws.failed_entries"], "1");
    assert_eq!(
        events(&span)[0].1["error.type"],
        "ProvisionedThroughputExceededException"
    );
    assert_eq!(events(&span)[0].1["lamplight.aws.entry.index"], "1");
}

/// A JSON object of this many bytes.
fn object(length: usize) -> Vec<u8> {
    format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8)).into_bytes()
}

/// The number of bytes that a `traceparent` adds to an object with members.
const ADDED: usize = 82;

#[tokio::test]
async fn the_limit_of_a_record_is_on_data_and_key_after_injection() {
    let limit = 1024 * 1024 - "k".len();
    for (length, carries) in [(limit - ADDED, true), (limit - ADDED + 1, false)] {
        let spans = Spans::new();
        let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
        let data = object(length);
        let sent = put(lamplight, &[&data]).await.remove(0);
        assert!(sent.len() <= limit);
        assert_eq!(sent != data, carries);
        let producer = spans.one().span_kind == SpanKind::Producer;
        assert_eq!(producer, carries);
    }
}

#[tokio::test]
async fn the_limit_of_a_request_is_on_all_records_after_injection() {
    let limit = 5 * 1024 * 1024;
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
    // Room for one `traceparent` and the caller's state, not for two.
    let length = limit / 6 - "k".len();
    let mut records = vec![object(length); 6];
    records[5] = object(length - 2 * ADDED + 10);
    let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    let sent = put(lamplight, &records).await;
    let total: usize = sent.iter().map(|data| data.len() + 1).sum();
    assert!(total <= limit, "{total}");
    assert_ne!(sent[0], records[0]);
    assert_eq!(sent[1..], records[1..]);
}

#[tokio::test]
async fn a_record_is_named_as_its_consumer_will_see_it() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"ShardId":"shardId-0","SequenceNumber":"7"}"#,
    )]);
    client(spans.lamplight(), &http)
        .put_record()
        .stream_name("orders")
        .partition_key("k")
        .data(Blob::new("x"))
        .send()
        .await
        .unwrap();
    let attributes = attributes(&spans.one());
    assert_eq!(attributes["messaging.message.id"], "shardId-0:7");
    assert_eq!(
        attributes["messaging.destination.partition.id"],
        "shardId-0"
    );
}

/// A request has always been allowed 5 MiB; a larger limit for records also raises that of the request.
#[tokio::test]
async fn a_raised_limit_is_one_on_the_request_too() {
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(5 * 1024 * 1024));
    for (limit, carries) in [(None, false), (Some(10 * 1024 * 1024), true)] {
        let spans = Spans::new();
        let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
        let lamplight = match limit {
            Some(limit) => lamplight.with_size_limit(Carrier::KinesisData, limit),
            None => lamplight,
        };
        let sent = put(lamplight, &[large.as_bytes(), b"{}"]).await;
        assert_eq!(sent[0].len() > large.len(), carries);
        assert_eq!(sent[1].len() > 2, carries);
        assert!(sent.iter().map(Vec::len).sum::<usize>() <= limit.unwrap_or(large.len() + 2));
    }
}
