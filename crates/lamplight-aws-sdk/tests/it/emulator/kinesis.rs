//! Kinesis: data of a record, as the event of a function has it.

use aws_sdk_kinesis::{
    Client,
    primitives::Blob,
    types::{PutRecordsRequestEntry, Record, ShardIteratorType},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::Carrier;
use lamplight_propagation::inbound::{EventExtractor, RawInvocation};
use opentelemetry::trace::FutureExt as _;
use serde_json::json;

use super::*;
use crate::common::*;

const SHARD: &str = "shardId-000000000000";

/// A client that may write into records, and a new stream.
async fn client(config: &SdkConfig, lamplight: LamplightInterceptor, stream: &str) -> Client {
    let lamplight = lamplight.with_carrier(Carrier::KinesisData);
    let builder = aws_sdk_kinesis::config::Builder::from(config).interceptor(lamplight);
    let client = Client::from_conf(builder.build());
    let create = client.create_stream().stream_name(stream).shard_count(1);
    create.send().await.unwrap();
    // A new stream takes records once it is active.
    loop {
        let describe = client.describe_stream_summary().stream_name(stream);
        let described = describe.send().await.unwrap();
        let summary = described.stream_description_summary().unwrap();
        if summary.stream_status().as_str() == "ACTIVE" {
            return client;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// All records of a stream.
async fn records(client: &Client, stream: &str) -> Vec<Record> {
    let iterator = client.get_shard_iterator().stream_name(stream);
    let iterator = iterator.shard_id(SHARD);
    let iterator = iterator.shard_iterator_type(ShardIteratorType::TrimHorizon);
    let iterator = iterator.send().await.unwrap().shard_iterator;
    let read = client.get_records().set_shard_iterator(iterator);
    read.send().await.unwrap().records
}

/// The context a function finds in its event with this record.
fn context(record: &Record) -> Context {
    let event = json!({"Records": [{
        "eventSource": "aws:kinesis",
        "eventID": format!("{SHARD}:{}", record.sequence_number()),
        "kinesis": {"data": BASE64.encode(record.data()), "partitionKey": "k"},
    }]});
    let body = event.to_string();
    let incoming = EventExtractor::new().extract(&RawInvocation::new(body.as_bytes(), "consumer"));
    incoming.parent
}

#[tokio::test]
async fn a_record() {
    let aws = LocalAws::shared();
    let spans = Spans::new();
    let client = client(&local(&aws), spans.lamplight(), "single").await;
    let put = client.put_record().stream_name("single").partition_key("k");
    let put = put.data(Blob::new(r#"{"n":1}"#)).send();
    let stored = put.with_context(caller()).await.unwrap();
    let span = spans.named("Kinesis.PutRecord");
    let record = records(&client, "single").await.remove(0);
    check(&context(&record), &span);
    let id = format!("{}:{}", stored.shard_id(), record.sequence_number());
    assert_eq!(attributes(&span)["messaging.message.id"], id, "joins both");
}

#[tokio::test]
async fn records_of_one_request() {
    let aws = LocalAws::shared();
    let spans = Spans::new();
    let client = client(&local(&aws), spans.lamplight(), "several").await;
    let entry = |data: &str| {
        let entry = PutRecordsRequestEntry::builder().partition_key("k");
        entry.data(Blob::new(data)).build().unwrap()
    };
    let put = client.put_records().stream_name("several");
    let put = put.records(entry(r#"{"n":1}"#)).records(entry("not JSON"));
    let put = put.records(entry(r#"{"n":2}"#)).send();
    put.with_context(caller()).await.unwrap();
    let span = spans.named("Kinesis.PutRecords");
    let records = records(&client, "several").await;
    assert_eq!(records.len(), 3);
    check(&context(&records[0]), &span);
    assert_eq!(records[1].data().as_ref(), b"not JSON");
    check(&context(&records[2]), &span);
}
