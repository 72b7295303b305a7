//! If a service accepts a request without context, it accepts it with context.

use std::collections::HashMap;

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sns::types::MessageAttributeValue as SnsValue;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use aws_smithy_http_client::test_util::StaticReplayClient;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::{
    Context, KeyValue,
    baggage::BaggageExt as _,
    trace::{FutureExt as _, SpanKind},
};
use proptest::prelude::*;
use serde_json::Value;

use crate::{
    common::*,
    sns::{carried, form},
};

/// The largest SQS message and EventBridge request in these tests: small, to be hit often.
const LIMIT: usize = 600;

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// A caller with baggage of any length.
pub(crate) fn caller_with(baggage: usize) -> Context {
    let entries = (0..baggage).map(|n| KeyValue::new(format!("key{n}"), "value".repeat(n + 1)));
    caller().with_baggage(entries)
}

/// User attributes: any number up to ten, any names and sizes, `traceparent` among them at times.
fn attributes() -> impl Strategy<Value = HashMap<String, String>> {
    let name = prop_oneof![
        4 => "[a-zA-Z0-9_-]{1,20}",
        1 => Just("traceparent".to_owned()),
        1 => Just("baggage".to_owned()),
        1 => Just("Traceparent".to_owned()),
    ];
    prop::collection::hash_map(name, "[ -~]{1,60}", 0..=10)
}

fn typed(attributes: &HashMap<String, String>) -> HashMap<String, MessageAttributeValue> {
    let value = |value: &String| {
        MessageAttributeValue::builder()
            .data_type("String")
            .string_value(value)
            .build()
            .unwrap()
    };
    attributes
        .iter()
        .map(|(name, text)| (name.clone(), value(text)))
        .collect()
}

/// Size of a message as SQS counts it, and a check of everything else it asks for.
pub(crate) fn checked_size(body: &str, attributes: &Value) -> usize {
    let none = serde_json::Map::new();
    let attributes = attributes.as_object().unwrap_or(&none);
    assert!(attributes.len() <= 10, "{attributes:?}");
    let sizes = attributes.iter().map(|(name, value)| {
        let kind = value["DataType"].as_str().unwrap();
        let text = value["StringValue"].as_str().unwrap();
        assert!(!text.is_empty(), "an empty value is refused: {name}");
        assert!(!name.starts_with("AWS.") && !name.starts_with("Amazon."));
        name.len() + kind.len() + text.len()
    });
    body.len() + sizes.sum::<usize>()
}

/// Asserts that the user's own attributes are unchanged.
fn kept(own: &HashMap<String, String>, sent: &Value) {
    for (name, text) in own {
        assert_eq!(sent[name]["StringValue"], *text, "{name}");
    }
}

pub(crate) fn sqs(
    http: &StaticReplayClient,
    lamplight: LamplightInterceptor,
) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
    aws_sdk_sqs::Client::from_conf(config.interceptor(lamplight).build())
}

fn user_size(body: &str, attributes: &HashMap<String, String>) -> usize {
    let sizes = attributes
        .iter()
        .map(|(name, value)| name.len() + 6 + value.len());
    body.len() + sizes.sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sqs_takes_a_message_as_before(
        own in attributes(),
        text in "[a-z]{1,300}",
        baggage in 0usize..8,
    ) {
        prop_assume!(user_size(&text, &own) <= LIMIT);
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"MessageId":"m1"}"#)]);
        let lamplight = spans.lamplight().with_size_limit(Carrier::SqsAttributes, LIMIT);
        block_on(
            sqs(&http, lamplight)
                .send_message()
                .queue_url("https://q/1/orders")
                .message_body(&text)
                .set_message_attributes(Some(typed(&own)))
                .send()
                .with_context(caller_with(baggage)),
        )
        .unwrap();
        let sent = &body(&http, 0)["MessageAttributes"];
        prop_assert!(checked_size(&text, sent) <= LIMIT);
        kept(&own, sent);
        let room = own.len() < 10 && LIMIT - user_size(&text, &own) >= 72;
        if !own.contains_key("traceparent") && room {
            prop_assert_eq!(&sent["traceparent"]["StringValue"], &traceparent(&spans.one()));
        }
    }

    #[test]
    fn sqs_takes_a_batch_as_before(
        messages in prop::collection::vec((attributes(), "[a-z]{1,60}"), 1..=10),
        baggage in 0usize..4,
    ) {
        let limit = 4 * LIMIT;
        let before: usize = messages.iter().map(|(own, text)| user_size(text, own)).sum();
        prop_assume!(before <= limit);
        let entries = messages.iter().enumerate().map(|(n, (own, text))| {
            SendMessageBatchRequestEntry::builder()
                .id(n.to_string())
                .message_body(text)
                .set_message_attributes(Some(typed(own)))
                .build()
                .unwrap()
        });
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"Successful":[],"Failed":[]}"#)]);
        let lamplight = spans.lamplight().with_size_limit(Carrier::SqsAttributes, limit);
        block_on(
            sqs(&http, lamplight)
                .send_message_batch()
                .queue_url("https://q/1/orders")
                .set_entries(Some(entries.collect()))
                .send()
                .with_context(caller_with(baggage)),
        )
        .unwrap();
        let sent = body(&http, 0);
        let mut after = 0;
        for (n, (own, text)) in messages.iter().enumerate() {
            let sent = &sent["Entries"][n]["MessageAttributes"];
            after += checked_size(text, sent);
            kept(own, sent);
        }
        prop_assert!(after <= limit);
    }

    #[test]
    fn sns_takes_a_message_as_before(
        own in attributes(),
        text in "[a-z]{1,300}",
        subject in prop::option::of("[a-z]{1,100}"),
        baggage in 0usize..8,
    ) {
        let outside = subject.as_deref().map_or(0, str::len);
        prop_assume!(user_size(&text, &own) + outside <= LIMIT);
        let value = |value: &String| {
            let value = SnsValue::builder().data_type("String").string_value(value);
            value.build().unwrap()
        };
        let typed = own.iter().map(|(name, text)| (name.clone(), value(text))).collect();
        let spans = Spans::new();
        let http = replay([reply(200, "<PublishResponse><PublishResult/></PublishResponse>")]);
        let lamplight = spans.lamplight().with_size_limit(Carrier::SnsAttributes, LIMIT);
        let config = aws_sdk_sns::config::Builder::from(&config(http.clone()));
        let client = aws_sdk_sns::Client::from_conf(config.interceptor(lamplight).build());
        block_on(
            client
                .publish()
                .topic_arn("arn:aws:sns:eu-west-1:123456789012:orders")
                .message(&text)
                .set_subject(subject)
                .set_message_attributes(Some(typed))
                .send()
                .with_context(caller_with(baggage)),
        )
        .unwrap();
        let sent = carried(&form(&http), "").into_iter().collect::<HashMap<_, _>>();
        prop_assert!(sent.len() <= 10, "{:?}", sent);
        prop_assert!(sent.values().all(|value| !value.is_empty()));
        prop_assert!(user_size(&text, &sent) + outside <= LIMIT);
        for (name, text) in &own {
            prop_assert_eq!(&sent[name], text);
        }
        let room = own.len() < 10 && LIMIT - user_size(&text, &own) - outside >= 72;
        if !own.contains_key("traceparent") && room {
            prop_assert_eq!(&sent["traceparent"], &traceparent(&spans.one()));
        }
    }

    #[test]
    fn eventbridge_takes_a_request_as_before(
        details in prop::collection::vec(
            prop_oneof![
                3 => "\\{\"a\":\"[a-z]{0,80}\"\\}",
                1 => "\\{\"_otel\":(\\{\\}|7|\\{\"traceparent\":\"x\"\\})\\}",
                1 => "[ -~]{0,40}",
            ],
            1..=10,
        ),
        baggage in 0usize..8,
    ) {
        let size = |details: &[String]| details.iter().map(|d| d.len() + 4 + 5).sum::<usize>();
        prop_assume!(size(&details) <= LIMIT);
        let entry = |detail: &String| {
            PutEventsRequestEntry::builder().source("shop").detail_type("Order").detail(detail).build()
        };
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"FailedEntryCount":0,"Entries":[]}"#)]);
        let config = aws_sdk_eventbridge::config::Builder::from(&config(http.clone()));
        let lamplight = spans.lamplight().with_size_limit(Carrier::EventBridgeDetail, LIMIT);
        let client = aws_sdk_eventbridge::Client::from_conf(config.interceptor(lamplight).build());
        block_on(
            client
                .put_events()
                .set_entries(Some(details.iter().map(entry).collect()))
                .send()
                .with_context(caller_with(baggage)),
        )
        .unwrap();
        let sent: Vec<String> = body(&http, 0)["Entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["Detail"].as_str().unwrap().to_owned())
            .collect();
        prop_assert!(size(&sent) <= LIMIT);
        let kind = if sent == details { SpanKind::Client } else { SpanKind::Producer };
        prop_assert_eq!(spans.one().span_kind, kind);
        for (before, after) in details.iter().zip(&sent) {
            let Ok(Value::Object(mut expected)) = serde_json::from_str(before) else {
                prop_assert_eq!(before, after);
                continue;
            };
            let mut object: serde_json::Map<_, _> = serde_json::from_str(after).unwrap();
            // All that differs is the member that carries the context.
            if before != after {
                let written = object.remove("_otel").unwrap();
                prop_assert_eq!(&written["traceparent"], &traceparent(&spans.one()));
                expected.remove("_otel");
            }
            prop_assert_eq!(object, expected);
        }
    }

    #[test]
    fn lambda_takes_a_client_context_as_before(own in "[ -~]{0,2700}", baggage in 0usize..20) {
        let context = BASE64.encode(serde_json::json!({"custom": {"own": own}}).to_string());
        prop_assume!(context.len() <= 3583);
        let spans = Spans::new();
        let http = replay([reply(200, "{}")]);
        let config = aws_sdk_lambda::config::Builder::from(&config(http.clone()));
        let client = aws_sdk_lambda::Client::from_conf(config.interceptor(spans.lamplight()).build());
        block_on(
            client
                .invoke()
                .function_name("f")
                .client_context(&context)
                .send()
                .with_context(caller_with(baggage)),
        )
        .unwrap();
        let request = http.actual_requests().next().unwrap();
        let sent = request.headers().get("x-amz-client-context").unwrap();
        prop_assert!(sent.len() <= 3583);
        let decoded: Value = serde_json::from_slice(&BASE64.decode(sent).unwrap()).unwrap();
        // A runtime reads these as a map of strings.
        let custom: HashMap<String, String> =
            serde_json::from_value(decoded["custom"].clone()).unwrap();
        prop_assert_eq!(&custom["own"], &own);
    }
}
