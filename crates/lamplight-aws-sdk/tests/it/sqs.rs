//! SQS.

use std::collections::HashMap;

use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue,
        SendMessageBatchRequestEntry,
    },
};
use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry::{
    baggage::BaggageExt as _,
    trace::{FutureExt as _, SpanKind, TraceContextExt as _},
};
use serde_json::{Value, json};

use crate::common::*;

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
const SENT: &str = r#"{"MessageId":"m1","MD5OfMessageBody":"x"}"#;

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

fn named(count: usize) -> HashMap<String, MessageAttributeValue> {
    (0..count).map(|n| (format!("own{n}"), text("v"))).collect()
}

/// Sends one message and returns its attributes as they were sent.
async fn send(
    lamplight: LamplightInterceptor,
    attributes: HashMap<String, MessageAttributeValue>,
) -> Value {
    let http = replay([reply(200, SENT)]);
    client(lamplight, &http)
        .send_message()
        .queue_url(QUEUE)
        .message_body("body")
        .set_message_attributes(Some(attributes))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    body(&http, 0)["MessageAttributes"].clone()
}

#[tokio::test]
async fn a_message_carries_the_spans_context_in_its_attributes() {
    let spans = Spans::new();
    let attributes = send(spans.lamplight(), named(1)).await;
    let span = spans.one();
    let string = |value: &str| json!({"DataType": "String", "StringValue": value});
    assert_eq!(
        attributes,
        json!({
            "own0": string("v"),
            "traceparent": string(&traceparent(&span)),
            "tracestate": string("vendor=a"),
            "baggage": string("app.event.producer.application=iot"),
        })
    );
    assert_eq!(span.span_kind, SpanKind::Producer);
    assert_eq!(span.name, "SQS.SendMessage");
    expect(
        &span,
        &[
            ("aws.sqs.queue.url", QUEUE),
            ("cloud.region", "eu-west-1"),
            ("http.response.status_code", "200"),
            ("lamplight.aws.attempts", "1"),
            ("messaging.destination.name", "orders"),
            ("messaging.message.id", "m1"),
            ("messaging.operation.name", "send"),
            ("messaging.operation.type", "send"),
            ("messaging.system", "aws_sqs"),
            ("rpc.method", "SendMessage"),
            ("rpc.service", "SQS"),
            ("rpc.system", "aws-api"),
            ("rpc.system.name", "aws-api"),
            ("server.address", "sqs.eu-west-1.amazonaws.com"),
            ("server.port", "443"),
        ],
    );
}

#[tokio::test]
async fn slots_go_to_traceparent_first_and_never_exceed_ten() {
    for (own, expected) in [
        (7, vec!["baggage", "traceparent", "tracestate"]),
        (8, vec!["traceparent", "tracestate"]),
        (9, vec!["traceparent"]),
        (10, vec![]),
    ] {
        let spans = Spans::new();
        let attributes = send(spans.lamplight(), named(own)).await;
        let mut added: Vec<&str> = attributes
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|name| !name.starts_with("own"))
            .collect();
        added.sort_unstable();
        assert_eq!(added, expected, "{own} of the user's");
        let kind = if own == 10 {
            SpanKind::Client
        } else {
            SpanKind::Producer
        };
        assert_eq!(spans.one().span_kind, kind);
    }
}

#[tokio::test]
async fn the_users_own_traceparent_stays_alone() {
    let spans = Spans::new();
    let own = HashMap::from([("traceparent".to_owned(), text("mine"))]);
    let attributes = send(spans.lamplight(), own).await;
    let expected = json!({"traceparent": {"DataType": "String", "StringValue": "mine"}});
    assert_eq!(attributes, expected);
    assert_eq!(spans.one().span_kind, SpanKind::Client);
}

#[tokio::test]
async fn a_batch_shares_one_limit_and_tells_what_was_refused() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Successful":[{"Id":"a","MessageId":"m1","MD5OfMessageBody":"x"}],
            "Failed":[{"Id":"b","Code":"InternalError","SenderFault":false}]}"#,
    )]);
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body("12345")
            .build()
            .unwrap()
    };
    // Two bodies, and room for one traceparent: name, type and 55 characters.
    let lamplight = spans
        .lamplight()
        .with_size_limit(Carrier::SqsAttributes, 10 + 11 + 6 + 55);
    let output = client(lamplight, &http)
        .send_message_batch()
        .queue_url(QUEUE)
        .entries(entry("a"))
        .entries(entry("b"))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    assert_eq!(output.failed().len(), 1);
    let span = spans.one();
    let body = body(&http, 0);
    let first = &body["Entries"][0]["MessageAttributes"];
    assert_eq!(first["traceparent"]["StringValue"], traceparent(&span));
    assert_eq!(first.as_object().unwrap().len(), 1);
    assert!(
        body["Entries"][1]
            .get("MessageAttributes")
            .is_none_or(Value::is_null)
    );
    let attributes = attributes(&span);
    assert_eq!(attributes["messaging.batch.message_count"], "2");
    assert_eq!(attributes["lamplight.aws.failed_entries"], "1");
    let event = &events(&span)[0].1;
    assert_eq!(event["error.type"], "InternalError");
    assert_eq!(event["lamplight.aws.entry.id"], "b");
}

fn received(traceparent: &str) -> String {
    json!({"Messages": [
        {"MessageId": "m1", "Body": "x", "ReceiptHandle": "r",
         "MessageAttributes": {
            "traceparent": {"DataType": "String", "StringValue": traceparent},
            "baggage": {"DataType": "String", "StringValue": "k=v"}}},
        {"MessageId": "m2", "Body": "plain", "ReceiptHandle": "r"},
    ]})
    .to_string()
}

#[tokio::test]
async fn receiving_asks_for_context_and_links_to_it() {
    let spans = Spans::new();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let http = replay([reply(200, &received(parent))]);
    let output = client(spans.lamplight(), &http)
        .receive_message()
        .queue_url(QUEUE)
        .message_attribute_names("tenant")
        .send()
        .await
        .unwrap();

    let body = body(&http, 0);
    assert_eq!(
        body["MessageAttributeNames"],
        json!(["tenant", "traceparent", "tracestate", "baggage"])
    );
    assert_eq!(
        body["MessageSystemAttributeNames"],
        json!(["AWSTraceHeader"])
    );

    let span = spans.one();
    assert_eq!(span.span_kind, SpanKind::Client);
    let attributes = attributes(&span);
    assert_eq!(attributes["messaging.operation.type"], "receive");
    assert_eq!(attributes["messaging.batch.message_count"], "2");
    let [link] = span.links.links.as_slice() else {
        panic!("{:?}", span.links)
    };
    assert_eq!(link.span_context.span_id().to_string(), "b7ad6b7169203331");
    assert_eq!(texts(&link.attributes)["messaging.message.id"], "m1");

    let context =
        lamplight_aws_sdk::sqs::message_context(&EventExtractor::new(), &output.messages()[0]);
    assert_eq!(context.span().span_context(), &link.span_context);
    assert_eq!(context.baggage().get("k").unwrap().as_str(), "v");
    let without =
        lamplight_aws_sdk::sqs::message_context(&EventExtractor::new(), &output.messages()[1]);
    assert!(!without.span().span_context().is_valid());
}

/// "Receive" spans SHOULD have links to the creation contexts of the messages (messaging-spans.md,
/// "Consumer spans"), and that of an X-Ray header is one of those by the default policy.
#[tokio::test]
async fn receiving_links_to_an_x_ray_header() {
    let spans = Spans::new();
    let header = |sampled| {
        format!(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled={sampled}"
        )
    };
    let message = |id: &str, sampled| {
        json!({"MessageId": id, "Body": "{}", "ReceiptHandle": "r",
            "Attributes": {"AWSTraceHeader": header(sampled)}})
    };
    let received = json!({"Messages": [message("m1", 1), message("m2", 0)]}).to_string();
    let http = replay([reply(200, &received)]);
    let receive = client(spans.lamplight(), &http).receive_message();
    let output = receive.queue_url(QUEUE).send().await.unwrap();
    let span = spans.one();
    // One that is not sampled is recorded nowhere.
    let [link] = span.links.links.as_slice() else {
        panic!("{:?}", span.links)
    };
    assert_eq!(link.span_context.span_id().to_string(), "53995c3f42cd8ad8");
    assert_eq!(texts(&link.attributes)["messaging.message.id"], "m1");
    let origin = |message| lamplight_aws_sdk::sqs::message_origin(&EventExtractor::new(), message);
    assert_eq!(
        origin(&output.messages()[0]).as_ref(),
        Some(&link.span_context)
    );
    assert_eq!(origin(&output.messages()[1]), None);
}

#[tokio::test]
async fn receiving_does_not_repeat_what_the_caller_asks_for() {
    for (asked, expected) in [
        (vec!["All"], json!(["All"])),
        (vec![".*"], json!([".*"])),
        (
            vec!["traceparent"],
            json!(["traceparent", "tracestate", "baggage"]),
        ),
        (
            vec!["trace.*"],
            json!(["trace.*", "traceparent", "tracestate", "baggage"]),
        ),
    ] {
        let spans = Spans::new();
        let http = replay([reply(200, "{}")]);
        client(spans.lamplight(), &http)
            .receive_message()
            .queue_url(QUEUE)
            .set_message_attribute_names(Some(asked.iter().map(ToString::to_string).collect()))
            .message_system_attribute_names("All".into())
            .send()
            .await
            .unwrap();
        assert_eq!(body(&http, 0)["MessageAttributeNames"], expected);
        assert_eq!(
            body(&http, 0)["MessageSystemAttributeNames"],
            json!(["All"])
        );
    }
}

#[tokio::test]
#[expect(deprecated, reason = "callers may use the older list")]
async fn receiving_keeps_to_the_older_list_where_the_caller_uses_it() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    client(spans.lamplight(), &http)
        .receive_message()
        .queue_url(QUEUE)
        .attribute_names("ApproximateReceiveCount".into())
        .send()
        .await
        .unwrap();
    let body = body(&http, 0);
    assert_eq!(
        body["AttributeNames"],
        json!(["ApproximateReceiveCount", "AWSTraceHeader"])
    );
    assert!(body.get("MessageSystemAttributeNames").is_none());
}

#[tokio::test]
async fn a_queue_that_is_filtered_out_is_read_as_the_caller_says() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    client(
        spans
            .lamplight()
            .with_destination_filter(|to| to.name() != QUEUE),
        &http,
    )
    .receive_message()
    .queue_url(QUEUE)
    .send()
    .await
    .unwrap();
    assert!(body(&http, 0).get("MessageAttributeNames").is_none());
}

#[tokio::test]
async fn what_could_not_be_postponed_is_told() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Successful":[],"Failed":[{"Id":"a","Code":"ReceiptHandleIsInvalid","SenderFault":true}]}"#,
    )]);
    let entry = ChangeMessageVisibilityBatchRequestEntry::builder();
    let entry = entry.id("a").receipt_handle("r").visibility_timeout(60);
    let postpone = client(spans.lamplight(), &http).change_message_visibility_batch();
    let postpone = postpone.queue_url(QUEUE).entries(entry.build().unwrap());
    postpone.send().await.unwrap();
    let span = spans.one();
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "1");
    let event = &events(&span)[0].1;
    assert_eq!(event["error.type"], "ReceiptHandleIsInvalid");
    assert_eq!(event["lamplight.aws.entry.id"], "a");
}

#[tokio::test]
async fn deleting_settles() {
    let spans = Spans::new();
    let http = replay([reply(200, "{}")]);
    let client = client(spans.lamplight(), &http);
    client
        .delete_message()
        .queue_url(QUEUE)
        .receipt_handle("r")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(attributes(&span)["messaging.operation.type"], "settle");
}
