//! SNS, whose requests are forms and whose replies are XML.

use std::collections::BTreeMap;

use aws_sdk_sns::{Client, types::PublishBatchRequestEntry};
use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::LamplightInterceptor;
use opentelemetry::{
    Context,
    baggage::{BaggageExt as _, BaggageMetadata, KeyValueMetadata},
    trace::{FutureExt as _, SpanContext, SpanKind, TraceContextExt as _, TraceState},
};

use crate::common::*;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:orders";
const PUBLISHED: &str = "<PublishResponse><PublishResult><MessageId>m1</MessageId></PublishResult>\
     <ResponseMetadata><RequestId>r1</RequestId></ResponseMetadata></PublishResponse>";

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_sns::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

/// Text as a form has it, decoded.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(rest.bytes());
    }
    String::from_utf8(bytes).unwrap()
}

/// The fields of the form that was sent.
pub(crate) fn form(http: &StaticReplayClient) -> BTreeMap<String, String> {
    let request = http.actual_requests().next().unwrap();
    let text = std::str::from_utf8(request.body().bytes().unwrap()).unwrap();
    text.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), decoded(value))
        })
        .collect()
}

/// Message attributes by name, of the message whose fields start with `prefix`.
pub(crate) fn carried(form: &BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    (1..=10)
        .filter_map(|n| {
            let of =
                |field: &str| form.get(&format!("{prefix}MessageAttributes.entry.{n}.{field}"));
            Some((of("Name")?.clone(), of("Value.StringValue")?.clone()))
        })
        .collect()
}

#[tokio::test]
async fn a_published_message_carries_the_spans_context() {
    let spans = Spans::new();
    let http = replay([reply(200, PUBLISHED)]);
    client(spans.lamplight(), &http)
        .publish()
        .topic_arn(TOPIC)
        .message("hello")
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let span = spans.one();
    let carried = carried(&form(&http), "");
    assert_eq!(carried["traceparent"], traceparent(&span));
    assert_eq!(carried["tracestate"], "vendor=a");
    assert_eq!(carried["baggage"], "app.event.producer.application=iot");
    assert_eq!(span.span_kind, SpanKind::Producer);
    let attributes = attributes(&span);
    assert_eq!(attributes["messaging.system"], "aws.sns");
    assert_eq!(attributes["messaging.operation.name"], "publish");
    assert_eq!(attributes["messaging.operation.type"], "send");
    assert_eq!(attributes["messaging.destination.name"], "orders");
    assert_eq!(attributes["aws.sns.topic.arn"], TOPIC);
    assert_eq!(attributes["messaging.message.id"], "m1");
}

/// A caller whose `tracestate` has what SNS takes, and its subscriptions' filters do not.
fn caller_with_quotes() -> Context {
    let span = caller().span().span_context().clone();
    let state =
        TraceState::from_key_value([("a", r#"x"y"#), ("b", "1"), ("c", r"x\y"), ("d", "2")]);
    let span = SpanContext::new(
        span.trace_id(),
        span.span_id(),
        span.trace_flags(),
        true,
        state.unwrap(),
    );
    let metadata = BaggageMetadata::from("p=1;\tq=2");
    let entry = KeyValueMetadata::new("k", r#"x"y"#, metadata);
    Context::new()
        .with_remote_span_context(span)
        .with_baggage([entry])
}

/// A filter policy sees no message with a `"` in an attribute of type `String`, as if the values were put
/// into JSON as they are.
fn filterable(carried: &BTreeMap<String, String>) {
    assert_eq!(carried["tracestate"], "b=1,d=2");
    assert_eq!(carried["baggage"], "k=x%22y;p=1; q=2");
    for (name, value) in carried {
        let json = format!(r#"{{"kind":"paid","{name}":"{value}"}}"#);
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
    }
}

#[tokio::test]
async fn a_subscription_with_a_filter_gets_the_message_whatever_the_tracestate_has() {
    let spans = Spans::new();
    let http = replay([reply(200, PUBLISHED)]);
    client(spans.lamplight(), &http)
        .publish()
        .topic_arn(TOPIC)
        .message("hello")
        .send()
        .with_context(caller_with_quotes())
        .await
        .unwrap();
    filterable(&carried(&form(&http), ""));

    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<PublishBatchResponse><PublishBatchResult/></PublishBatchResponse>",
    )]);
    let entry = PublishBatchRequestEntry::builder().id("a").message("m");
    client(spans.lamplight(), &http)
        .publish_batch()
        .topic_arn(TOPIC)
        .publish_batch_request_entries(entry.build().unwrap())
        .send()
        .with_context(caller_with_quotes())
        .await
        .unwrap();
    let prefix = "PublishBatchRequestEntries.member.1.";
    filterable(&carried(&form(&http), prefix));
}

#[tokio::test]
async fn every_message_of_a_batch_carries_it() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<PublishBatchResponse><PublishBatchResult><Successful><member><Id>a</Id>\
         <MessageId>m1</MessageId></member></Successful><Failed><member><Id>b</Id>\
         <Code>InvalidParameter</Code><SenderFault>true</SenderFault></member></Failed>\
         </PublishBatchResult></PublishBatchResponse>",
    )]);
    let entry = |id: &str| {
        PublishBatchRequestEntry::builder()
            .id(id)
            .message("m")
            .build()
            .unwrap()
    };
    client(spans.lamplight(), &http)
        .publish_batch()
        .topic_arn(TOPIC)
        .publish_batch_request_entries(entry("a"))
        .publish_batch_request_entries(entry("b"))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let span = spans.one();
    let form = form(&http);
    for n in 1..=2 {
        let prefix = format!("PublishBatchRequestEntries.member.{n}.");
        assert_eq!(carried(&form, &prefix)["traceparent"], traceparent(&span));
    }
    let attributes = attributes(&span);
    assert_eq!(attributes["messaging.batch.message_count"], "2");
    assert_eq!(attributes["lamplight.aws.failed_entries"], "1");
    let event = &events(&span)[0].1;
    assert_eq!(event["error.type"], "InvalidParameter");
    assert_eq!(event["lamplight.aws.entry.id"], "b");
}

#[tokio::test]
async fn a_phone_number_is_neither_recorded_nor_given_context() {
    let spans = Spans::new();
    let number = "+31600000000";
    let http = replay([reply(
        400,
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code>\
         <Message>Invalid parameter: PhoneNumber Reason: +31600000000 is not valid</Message>\
         </Error><RequestId>r1</RequestId></ErrorResponse>",
    )]);
    client(spans.lamplight(), &http)
        .publish()
        .phone_number(number)
        .message("secret")
        .send()
        .with_context(caller())
        .await
        .unwrap_err();
    let span = spans.one();
    assert_eq!(attributes(&span)["error.type"], "InvalidParameter");
    assert_eq!(span.span_kind, SpanKind::Client);
    let everything = format!("{span:?}");
    assert!(!everything.contains("31600000000"), "{everything}");
    assert!(!everything.contains("secret"));
    assert!(carried(&form(&http), "").is_empty());
}

pub(crate) fn refused(code: &str, message: &str) -> StaticReplayClient {
    replay([reply(
        400,
        &format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error></ErrorResponse>"
        ),
    )])
}

/// Phones and addresses of people: a service that refuses them quotes them.
#[tokio::test]
async fn the_words_about_an_operation_on_a_phone_are_not_recorded() {
    let refused = || refused("AuthorizationError", "No SMS to +31600000000");
    let number = "+31600000000";
    let check = |spans: Spans| {
        let span = spans.one();
        assert_eq!(attributes(&span)["error.type"], "AuthorizationError");
        assert_eq!(description(&span), "");
        assert!(!format!("{span:?}").contains("31600000000"), "{span:?}");
    };
    let spans = Spans::new();
    let subscribe = client(spans.lamplight(), &refused()).subscribe();
    let subscribe = subscribe.topic_arn(TOPIC).protocol("sms").endpoint(number);
    subscribe.send().await.unwrap_err();
    check(spans);

    let spans = Spans::new();
    let opt_in = client(spans.lamplight(), &refused()).opt_in_phone_number();
    opt_in.phone_number(number).send().await.unwrap_err();
    check(spans);

    let spans = Spans::new();
    let verify = client(spans.lamplight(), &refused()).verify_sms_sandbox_phone_number();
    let verify = verify.phone_number(number).one_time_password("12345");
    verify.send().await.unwrap_err();
    check(spans);

    // Messages without personal data are recorded.
    let spans = Spans::new();
    let create = client(spans.lamplight(), &refused()).create_topic();
    create.name("orders").send().await.unwrap_err();
    assert!(description(&spans.one()).starts_with("No SMS"));
}

/// SNS delivers no attributes with a message that has a text for each protocol.
#[tokio::test]
async fn a_message_with_a_text_for_each_protocol_carries_nothing() {
    let spans = Spans::new();
    let http = replay([reply(200, PUBLISHED)]);
    client(spans.lamplight(), &http)
        .publish()
        .topic_arn(TOPIC)
        .message(r#"{"default":"hello"}"#)
        .message_structure("json")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(attributes(&span)["messaging.destination.name"], "orders");
    assert!(carried(&form(&http), "").is_empty());

    // In a batch, the others carry it.
    let spans = Spans::new();
    let http = replay([reply(
        200,
        "<PublishBatchResponse><PublishBatchResult/></PublishBatchResponse>",
    )]);
    let entry = |id: &str, structure: Option<&str>| {
        let entry = PublishBatchRequestEntry::builder().id(id);
        let entry = entry.message(r#"{"default":"hello"}"#);
        let entry = entry.set_message_structure(structure.map(str::to_owned));
        entry.build().unwrap()
    };
    client(spans.lamplight(), &http)
        .publish_batch()
        .topic_arn(TOPIC)
        .publish_batch_request_entries(entry("a", Some("json")))
        .publish_batch_request_entries(entry("b", None))
        .send()
        .await
        .unwrap();
    let form = form(&http);
    assert!(carried(&form, "PublishBatchRequestEntries.member.1.").is_empty());
    let second = carried(&form, "PublishBatchRequestEntries.member.2.");
    assert_eq!(second["traceparent"], traceparent(&spans.one()));
    assert_eq!(spans.one().span_kind, SpanKind::Producer);
}
