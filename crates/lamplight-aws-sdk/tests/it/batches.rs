//! Division of a batch's room: the `traceparent` of every message comes first.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_kinesis::{primitives::Blob, types::PutRecordsRequestEntry};
use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::{Context, KeyValue, baggage::BaggageExt as _, trace::FutureExt as _};
use serde_json::Value;

use crate::{
    common::*,
    sns::{carried, form},
};

const MESSAGES: usize = 10;
/// Bytes of a message's text, with what EventBridge and Kinesis count beside it.
const TEXT: usize = 100;

/// A caller with baggage of 1.5 KB in entries of 104 bytes each, and a state.
fn caller_with_baggage() -> Context {
    let entries = (0..15).map(|n| KeyValue::new(format!("k{n:02}"), "v".repeat(100)));
    caller().with_baggage(entries)
}

/// The context of one message, as far as this test needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Carried {
    traceparent: bool,
    tracestate: bool,
    baggage: usize,
}

impl Carried {
    fn of_json(fields: &Value) -> Self {
        let text = |name: &str| {
            let value = fields.get(name)?;
            value.as_str().or_else(|| value["StringValue"].as_str())
        };
        Self {
            traceparent: text("traceparent").is_some(),
            tracestate: text("tracestate").is_some(),
            baggage: text("baggage").map_or(0, str::len),
        }
    }
}

fn lamplight(spans: &Spans, carrier: Carrier, free: usize) -> LamplightInterceptor {
    let lamplight = spans.lamplight().with_carrier(carrier);
    lamplight.with_size_limit(carrier, MESSAGES * TEXT + free)
}

async fn sqs(free: usize) -> Vec<Carried> {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"Successful":[],"Failed":[]}"#)]);
    let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
    let config = config.interceptor(lamplight(&spans, Carrier::SqsAttributes, free));
    let entry = |n: usize| {
        let entry = SendMessageBatchRequestEntry::builder().id(n.to_string());
        entry.message_body("x".repeat(TEXT)).build().unwrap()
    };
    aws_sdk_sqs::Client::from_conf(config.build())
        .send_message_batch()
        .queue_url("https://q/1/orders")
        .set_entries(Some((0..MESSAGES).map(entry).collect()))
        .send()
        .with_context(caller_with_baggage())
        .await
        .unwrap();
    let entries = body(&http, 0)["Entries"].as_array().unwrap().clone();
    entries
        .iter()
        .map(|entry| Carried::of_json(&entry["MessageAttributes"]))
        .collect()
}

async fn sns(free: usize) -> Vec<Carried> {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<PublishBatchResponse><PublishBatchResult/></PublishBatchResponse>",
    )]);
    let config = aws_sdk_sns::config::Builder::from(&config(http.clone()));
    let config = config.interceptor(lamplight(&spans, Carrier::SnsAttributes, free));
    let entry = |n: usize| {
        let entry = PublishBatchRequestEntry::builder().id(n.to_string());
        entry.message("x".repeat(TEXT)).build().unwrap()
    };
    aws_sdk_sns::Client::from_conf(config.build())
        .publish_batch()
        .topic_arn("arn:aws:sns:eu-west-1:123456789012:orders")
        .set_publish_batch_request_entries(Some((0..MESSAGES).map(entry).collect()))
        .send()
        .with_context(caller_with_baggage())
        .await
        .unwrap();
    let form = form(&http);
    let entry = |n: usize| format!("PublishBatchRequestEntries.member.{}.", n + 1);
    (0..MESSAGES)
        .map(|n| {
            let carried = carried(&form, &entry(n));
            Carried {
                traceparent: carried.contains_key("traceparent"),
                tracestate: carried.contains_key("tracestate"),
                baggage: carried.get("baggage").map_or(0, String::len),
            }
        })
        .collect()
}

/// An object of this many bytes.
fn object(bytes: usize) -> String {
    format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8))
}

async fn eventbridge(free: usize) -> Vec<Carried> {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"FailedEntryCount":0,"Entries":[]}"#)]);
    let config = aws_sdk_eventbridge::config::Builder::from(&config(http.clone()));
    let config = config.interceptor(lamplight(&spans, Carrier::EventBridgeDetail, free));
    let entry = |_| {
        let entry = PutEventsRequestEntry::builder().source("s");
        entry.detail(object(TEXT - 1)).build()
    };
    aws_sdk_eventbridge::Client::from_conf(config.build())
        .put_events()
        .set_entries(Some((0..MESSAGES).map(entry).collect()))
        .send()
        .with_context(caller_with_baggage())
        .await
        .unwrap();
    let entries = body(&http, 0)["Entries"].as_array().unwrap().clone();
    let details = entries
        .iter()
        .map(|entry| entry["Detail"].as_str().unwrap());
    details
        .map(|detail| serde_json::from_str::<Value>(detail).unwrap())
        .map(|detail| Carried::of_json(&detail["_otel"]))
        .collect()
}

/// The limit on a request is not ours to lower: large records stand before those that are looked
/// at.
async fn kinesis(free: usize) -> Vec<Carried> {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"FailedRecordCount":0,"Records":[]}"#)]);
    let config = aws_sdk_kinesis::config::Builder::from(&config(http.clone()));
    let config = config.interceptor(spans.lamplight().with_carrier(Carrier::KinesisData));
    let entry = |text: String| {
        let entry = PutRecordsRequestEntry::builder().partition_key("k");
        entry.data(Blob::new(text)).build().unwrap()
    };
    let mut filler = 5 * 1024 * 1024 - MESSAGES * TEXT - free;
    let mut records = Vec::new();
    while filler > 0 {
        let bytes = filler.min(1024 * 1024);
        records.push(entry("x".repeat(bytes - 1)));
        filler -= bytes;
    }
    records.extend((0..MESSAGES).map(|_| entry(object(TEXT - 1))));
    aws_sdk_kinesis::Client::from_conf(config.build())
        .put_records()
        .stream_name("orders")
        .set_records(Some(records))
        .send()
        .with_context(caller_with_baggage())
        .await
        .unwrap();
    let records = body(&http, 0)["Records"].as_array().unwrap().clone();
    let data = records.iter().rev().take(MESSAGES).rev();
    data.map(|record| BASE64.decode(record["Data"].as_str().unwrap()).unwrap())
        .map(|data| serde_json::from_slice::<Value>(&data).unwrap())
        .map(|record| Carried::of_json(&record["_otel"]))
        .collect()
}

/// Checks the carriers with this much room, in bytes.
async fn check(free: usize, right: impl Fn(&[Carried])) {
    let mut all = vec![sqs(free).await, sns(free).await, eventbridge(free).await];
    // Megabytes are slow to look at, and the rule is the same.
    if [300, 4000, 8000].contains(&free) {
        all.push(kinesis(free).await);
    }
    for carried in all {
        assert_eq!(carried.len(), MESSAGES);
        right(&carried);
    }
}

#[tokio::test]
async fn with_little_room_the_first_messages_have_a_traceparent_and_none_has_more() {
    check(300, |carried| {
        let parents = carried.iter().filter(|of| of.traceparent).count();
        // 72 bytes as an attribute, 82 as a member.
        assert!([300 / 72, 300 / 82].contains(&parents), "{carried:?}");
        assert!(carried[..parents].iter().all(|of| of.traceparent));
        assert!(carried.iter().all(|of| of.baggage == 0), "{carried:?}");
    })
    .await;
}

#[tokio::test]
async fn every_message_has_a_traceparent_before_any_has_baggage() {
    for free in [1000, 2500, 4000, 12_000] {
        check(free, |carried| {
            assert!(
                carried.iter().all(|of| of.traceparent),
                "{free}: {carried:?}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn what_is_left_is_shared_for_states_and_then_for_baggage() {
    // A `traceparent` and a state for every message, and no baggage.
    check(1150, |carried| {
        assert!(
            carried.iter().all(|of| of.tracestate && of.baggage == 0),
            "{carried:?}"
        );
    })
    .await;
    check(8000, |carried| {
        let least = carried.iter().map(|of| of.baggage).min().unwrap();
        let most = carried.iter().map(|of| of.baggage).max().unwrap();
        assert!(carried.iter().all(|of| of.tracestate), "{carried:?}");
        assert!(least > 500 && most - least <= 105, "{carried:?}");
    })
    .await;
    check(100_000, |carried| {
        assert!(carried.iter().all(|of| of.baggage > 1500), "{carried:?}");
    })
    .await;
}
