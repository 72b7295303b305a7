//! Limits that the user sets, on carriers and on single destinations.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lamplight_aws_sdk::Carrier;
use opentelemetry::trace::{FutureExt as _, SpanKind};

use crate::{
    common::*,
    limits::{block_on, caller_with, checked_size, sqs},
    sns::{carried, form},
};

/// An event of 300 000 bytes: more than EventBridge has always taken, and less than it takes today.
#[test]
fn a_limit_is_raised_up_to_what_the_service_takes_today() {
    let carries = |limit: Option<usize>, detail: usize| {
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"FailedEntryCount":0,"Entries":[]}"#)]);
        let mut lamplight = spans.lamplight();
        if let Some(limit) = limit {
            lamplight = lamplight.with_size_limit(Carrier::EventBridgeDetail, limit);
        }
        let config = aws_sdk_eventbridge::config::Builder::from(&config(http.clone()));
        let client = aws_sdk_eventbridge::Client::from_conf(config.interceptor(lamplight).build());
        let entry = PutEventsRequestEntry::builder()
            .source("s")
            .detail_type("d")
            .detail(format!(r#"{{"a":"{}"}}"#, "a".repeat(detail)))
            .build();
        block_on(client.put_events().entries(entry).send()).unwrap();
        let sent = body(&http, 0);
        sent["Entries"][0]["Detail"]
            .as_str()
            .unwrap()
            .contains("traceparent")
    };
    assert!(!carries(None, 300_000));
    assert!(carries(Some(1_048_576), 300_000));
    assert!(
        !carries(Some(usize::MAX), 1_048_500),
        "the service would refuse it"
    );
}

/// `MaximumMessageSize` of a queue: "The limit of how many bytes a message can contain before Amazon SQS
/// rejects it. Valid values: An integer from 1,024 bytes (1 KiB) up to 1,048,576 bytes" (SQS,
/// `SetQueueAttributes`).
#[test]
fn a_queue_that_takes_less_has_a_limit_of_its_own() {
    let sent = |queue: &str, text: usize| {
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"MessageId":"m1"}"#)]);
        let lamplight = spans
            .lamplight()
            .with_destination_limit(|to| to.name().ends_with("/small").then_some(1024));
        let send = sqs(&http, lamplight).send_message().queue_url(queue);
        let send = send.message_body("x".repeat(text)).send();
        block_on(send.with_context(caller_with(2))).unwrap();
        let attributes = body(&http, 0)["MessageAttributes"].clone();
        (
            checked_size(&"x".repeat(text), &attributes),
            spans.one().span_kind,
        )
    };
    let (small, large) = ("https://q/1/small", "https://q/1/large");
    assert_eq!(sent(small, 1000), (1000, SpanKind::Client));
    assert!(sent(large, 1000).0 > 1024);
    let (size, kind) = sent(small, 900);
    assert_eq!(kind, SpanKind::Producer);
    assert!((972..=1024).contains(&size), "{size}");
}

/// "The maximum allowed individual message size and the maximum total payload size (the sum of the
/// individual lengths of all of the batched messages) are both 1 MiB" (SQS, `SendMessageBatch`): a
/// queue's own limit is on each message, not on all of them.
#[test]
fn each_message_of_a_batch_has_the_limit_of_its_queue() {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"Successful":[],"Failed":[]}"#)]);
    let lamplight = spans.lamplight();
    let lamplight = lamplight.with_destination_limit(|_| Some(1024));
    let texts = [1000, 900, 900].map(|size| "x".repeat(size));
    let entries = texts.iter().enumerate().map(|(n, text)| {
        let entry = SendMessageBatchRequestEntry::builder().id(n.to_string());
        entry.message_body(text).build().unwrap()
    });
    let batch = sqs(&http, lamplight).send_message_batch();
    let batch = batch
        .queue_url("https://q/1/small")
        .set_entries(Some(entries.collect()));
    block_on(batch.send().with_context(caller_with(3))).unwrap();
    let sent = body(&http, 0);
    let carries = |n: usize| {
        let attributes = &sent["Entries"][n]["MessageAttributes"];
        assert!(checked_size(&texts[n], attributes) <= 1024, "{n}");
        attributes["traceparent"].is_object()
    };
    assert_eq!([0, 1, 2].map(carries), [false, true, true]);
}

#[test]
fn topics_buses_streams_and_functions_have_limits_of_their_own_too() {
    let spans = Spans::new();
    let lamplight = || {
        let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
        let lamplight = lamplight.with_carrier(Carrier::LambdaPayload);
        lamplight.with_destination_limit(|to| to.name().ends_with("small").then_some(20))
    };
    for (name, expected) in [("small", false), ("large", true)] {
        let published = "<PublishResponse><PublishResult/></PublishResponse>";
        let http = replay([reply(200, published)]);
        let config = config(http.clone());
        let sns = aws_sdk_sns::config::Builder::from(&config).interceptor(lamplight());
        let sns = aws_sdk_sns::Client::from_conf(sns.build());
        let arn = format!("arn:aws:sns:eu-west-1:123456789012:{name}");
        block_on(sns.publish().topic_arn(arn).message("m").send()).unwrap();
        assert_eq!(carried(&form(&http), "").is_empty(), !expected, "{name}");

        let http = replay([reply(200, r#"{"FailedEntryCount":0,"Entries":[]}"#)]);
        let config = crate::common::config(http.clone());
        let bus = aws_sdk_eventbridge::config::Builder::from(&config).interceptor(lamplight());
        let bus = aws_sdk_eventbridge::Client::from_conf(bus.build());
        let entry = PutEventsRequestEntry::builder().event_bus_name(name);
        let entry = entry.source("s").detail_type("d").detail("{}").build();
        block_on(bus.put_events().entries(entry).send()).unwrap();
        let detail = body(&http, 0)["Entries"][0]["Detail"].clone();
        assert_eq!(detail != "{}", expected, "{name}");

        let http = replay([reply(200, r#"{"ShardId":"s","SequenceNumber":"1"}"#)]);
        let config = crate::common::config(http.clone());
        let kinesis = aws_sdk_kinesis::config::Builder::from(&config).interceptor(lamplight());
        let kinesis = aws_sdk_kinesis::Client::from_conf(kinesis.build());
        let put = kinesis.put_record().stream_name(name).partition_key("k");
        block_on(put.data(aws_smithy_types::Blob::new("{}")).send()).unwrap();
        let data = BASE64
            .decode(body(&http, 0)["Data"].as_str().unwrap())
            .unwrap();
        assert_eq!(data != b"{}", expected, "{name}");

        let http = replay([reply(200, "{}")]);
        let config = crate::common::config(http.clone());
        let lambda = aws_sdk_lambda::config::Builder::from(&config).interceptor(lamplight());
        let lambda = aws_sdk_lambda::Client::from_conf(lambda.build());
        let invoke = lambda.invoke().function_name(name);
        block_on(invoke.payload(aws_smithy_types::Blob::new("{}")).send()).unwrap();
        let request = http.actual_requests().next().unwrap();
        assert_eq!(request.body().bytes() != Some(b"{}"), expected, "{name}");
        let context = request.headers().get("x-amz-client-context");
        assert_eq!(context.is_some(), expected, "{name}");
    }
}

/// "Payload: 6 MB each for request and response (synchronous), 1 MB (asynchronous)" (Lambda quotas).
#[test]
fn a_payload_has_the_limit_of_its_kind_of_invocation() {
    use aws_sdk_lambda::types::InvocationType::{Event, RequestResponse};
    let carries = |kind, size: usize, limit: Option<usize>| {
        let spans = Spans::new();
        let http = replay([reply(200, "{}")]);
        let mut lamplight = spans.lamplight().with_carrier(Carrier::LambdaPayload);
        if let Some(limit) = limit {
            lamplight = lamplight.with_size_limit(Carrier::LambdaPayload, limit);
        }
        let config = aws_sdk_lambda::config::Builder::from(&config(http.clone()));
        let client = aws_sdk_lambda::Client::from_conf(config.interceptor(lamplight).build());
        let payload = format!(r#"{{"a":"{}"}}"#, "x".repeat(size));
        let payload = aws_smithy_types::Blob::new(payload);
        let invoke = client.invoke().function_name("f").invocation_type(kind);
        block_on(invoke.payload(payload).send()).unwrap();
        let request = http.actual_requests().next().unwrap();
        request.body().bytes().unwrap().len() > size + 8
    };
    assert!(carries(RequestResponse, 2_000_000, None));
    assert!(!carries(RequestResponse, 6_291_440, None));
    assert!(!carries(Event, 300_000, None));
    assert!(carries(Event, 300_000, Some(1_048_576)));
    assert!(!carries(Event, 1_100_000, Some(6_000_000)));
    assert!(!carries(RequestResponse, 2_000_000, Some(1_048_576)));
}
