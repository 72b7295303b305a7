//! Interceptors that run after Lamplight: their changes cannot be undone, so they are logged.

use aws_sdk_eventbridge::{operation::put_events::PutEventsInput, types::PutEventsRequestEntry};
use aws_sdk_sqs::{
    config::ConfigBag, operation::send_message::SendMessageInput, types::MessageAttributeValue,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeSerializationInterceptorContextMut},
        runtime_components::RuntimeComponents,
    },
};
use lamplight_aws_sdk::Carrier;
use opentelemetry::trace::SpanKind;

use crate::{common::*, logs::Log};

/// The user's own interceptor.
#[derive(Debug, Clone, Copy)]
enum Users {
    AddsAttributes(usize),
    ReplacesAttributes,
    EnlargesBody(usize),
}

impl Intercept for Users {
    fn name(&self) -> &'static str {
        "Users"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context
            .input_mut()
            .downcast_mut::<SendMessageInput>()
            .unwrap();
        let text = MessageAttributeValue::builder().data_type("String");
        let text = text.string_value("v").build().unwrap();
        match *self {
            Self::AddsAttributes(count) => {
                let attributes = input.message_attributes.get_or_insert_default();
                attributes.extend((0..count).map(|n| (format!("a{n}"), text.clone())));
            }
            Self::ReplacesAttributes => {
                input.message_attributes = Some([("a".to_owned(), text)].into());
            }
            Self::EnlargesBody(bytes) => input.message_body = Some("x".repeat(bytes)),
        }
        Ok(())
    }
}

/// Sends two messages, with the user's interceptor behind Lamplight's or before it. Returns how many
/// attributes a message had, and the kind of its span.
async fn send(users: Users, is_behind: bool) -> (usize, SpanKind) {
    let spans = Spans::new();
    let http = replay((0..2).map(|_| reply(200, "{}")));
    let config = aws_sdk_sqs::config::Builder::from(&config(http.clone()));
    let ours = spans
        .lamplight()
        .with_size_limit(Carrier::SqsAttributes, 1000);
    let config = if is_behind {
        config.interceptor(ours).interceptor(users)
    } else {
        config.interceptor(users).interceptor(ours)
    };
    let client = aws_sdk_sqs::Client::from_conf(config.build());
    for _ in 0..2 {
        let send = client.send_message().queue_url("https://q/1/orders");
        send.message_body("x").send().await.unwrap();
    }
    let attributes = body(&http, 0)["MessageAttributes"].clone();
    let span = spans.ended().remove(0);
    (
        attributes.as_object().map_or(0, |map| map.len()),
        span.span_kind,
    )
}

/// One test for all faults of a carrier, because each cause is logged once per process. No other test of this
/// program has a later interceptor with such faults.
#[tokio::test]
async fn what_interceptors_behind_lamplight_do_is_said_once() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    let said = |cause: &str| {
        let lines = log.lines();
        lines.iter().filter(|line| line.contains(cause)).count()
    };

    // Before ours, everything is in order: there is room, or none is taken.
    assert_eq!(
        send(Users::AddsAttributes(9), false).await,
        (10, SpanKind::Producer)
    );
    assert_eq!(
        send(Users::AddsAttributes(10), false).await,
        (10, SpanKind::Client)
    );
    assert_eq!(
        send(Users::ReplacesAttributes, false).await,
        (2, SpanKind::Producer)
    );
    assert_eq!(
        send(Users::EnlargesBody(990), false).await,
        (0, SpanKind::Client)
    );
    // A later interceptor whose changes still fit is not a fault.
    assert_eq!(
        send(Users::AddsAttributes(9), true).await,
        (10, SpanKind::Producer)
    );
    assert_eq!(
        send(Users::EnlargesBody(900), true).await,
        (1, SpanKind::Producer)
    );
    // So is what would not fit without us either.
    assert_eq!(send(Users::AddsAttributes(11), true).await.0, 12);
    assert_eq!(send(Users::EnlargesBody(1001), true).await.0, 1);
    assert_eq!((said("overfull"), said("removed")), (0, 0));

    assert_eq!(send(Users::AddsAttributes(10), true).await.0, 11);
    assert_eq!(said("overfull"), 1);
    assert_eq!(send(Users::EnlargesBody(990), true).await.0, 1);
    assert_eq!(said("overfull"), 1);
    assert_eq!(send(Users::ReplacesAttributes, true).await.0, 1);
    assert_eq!(said("removed"), 1);
    assert!(
        log.lines().iter().all(|line| line.contains("sqs")),
        "{:?}",
        log.lines()
    );
}

/// The same with texts, whose size is all that a service limits.
#[derive(Debug)]
struct Rewrites(fn(&str) -> String);

impl Intercept for Rewrites {
    fn name(&self) -> &'static str {
        "Rewrites"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context
            .input_mut()
            .downcast_mut::<PutEventsInput>()
            .unwrap();
        for entry in input.entries.iter_mut().flatten() {
            entry.detail = entry.detail.as_deref().map(self.0);
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_they_do_to_events_is_said_too() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    let put = async |rewrite: fn(&str) -> String| {
        let spans = Spans::new();
        let http = replay([reply(200, r#"{"Entries":[]}"#)]);
        let ours = spans
            .lamplight()
            .with_size_limit(Carrier::EventBridgeDetail, 200);
        let config = aws_sdk_eventbridge::config::Builder::from(&config(http));
        let config = config.interceptor(ours).interceptor(Rewrites(rewrite));
        let entry = PutEventsRequestEntry::builder().source("s").detail("{}");
        let client = aws_sdk_eventbridge::Client::from_conf(config.build());
        let put = client.put_events().entries(entry.build());
        put.send().await.unwrap();
        log.lines().len()
    };
    assert_eq!(put(str::to_owned).await, 0);
    assert_eq!(put(|detail| format!("{detail} ")).await, 0);
    assert_eq!(
        put(|detail| format!("{detail}{}", " ".repeat(120))).await,
        1
    );
    assert_eq!(put(|_| "{}".to_owned()).await, 2);
    let lines = log.lines();
    assert!(
        lines[0].contains("overfull") && lines[1].contains("removed"),
        "{lines:?}"
    );
    assert!(
        lines.iter().all(|line| line.contains("`eventbridge`")),
        "{lines:?}"
    );
}

/// A request with several records may be larger than a record.
#[tokio::test]
async fn records_of_a_request_are_not_one_record() {
    let log = Log::default();
    let _guard = log.subscribe("lamplight=warn");
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"FailedRecordCount":0,"Records":[]}"#)]);
    let config = aws_sdk_kinesis::config::Builder::from(&config(http));
    let lamplight = spans.lamplight().with_carrier(Carrier::KinesisData);
    // Over the limit on a record with context, and not without.
    let lamplight = lamplight.with_size_limit(Carrier::KinesisData, 210);
    let record = || {
        let record = aws_sdk_kinesis::types::PutRecordsRequestEntry::builder();
        let record = record.data(aws_sdk_kinesis::primitives::Blob::new("{}"));
        record.partition_key("k").build().unwrap()
    };
    let client = aws_sdk_kinesis::Client::from_conf(config.interceptor(lamplight).build());
    let put = client.put_records().stream_name("orders");
    let put = put.set_records(Some((0..10).map(|_| record()).collect()));
    put.send().await.unwrap();
    assert_eq!(spans.one().span_kind, SpanKind::Producer);
    assert!(log.lines().is_empty(), "{:?}", log.lines());
}
