//! EventBridge `PutEvents`.

use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use lamplight_propagation::outbound::Pointer;
use opentelemetry::{
    Context, KeyValue,
    trace::{FutureExt as _, Link, SpanId, SpanKind, Status, TraceId},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample};
use serde_json::{Value, json};

use crate::common::*;

const TWO_ACCEPTED: &str =
    r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"},{"EventId":"e2"}]}"#;
const ONE_ACCEPTED: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}"#;

fn client(lamplight: LamplightInterceptor, http: &StaticReplayClient) -> Client {
    let config = aws_sdk_eventbridge::config::Builder::from(&config(http.clone()));
    Client::from_conf(config.interceptor(lamplight).build())
}

fn entry(detail: &str) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source("shop")
        .detail_type("Order")
        .event_bus_name("orders")
        .detail(detail)
        .build()
}

/// Puts entries with a lamplight and returns the details that were sent.
async fn details(
    lamplight: LamplightInterceptor,
    entries: Vec<PutEventsRequestEntry>,
) -> Vec<String> {
    let http = replay([reply(200, ONE_ACCEPTED)]);
    client(lamplight, &http)
        .put_events()
        .set_entries(Some(entries))
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let body = body(&http, 0);
    let entries = body["Entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["Detail"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_detail_carries_the_spans_context() {
    let spans = Spans::new();
    let http = replay([reply_with(
        200,
        &[
            ("x-amzn-requestid", "r-1"),
            ("content-type", "application/x-amz-json-1.1"),
        ],
        TWO_ACCEPTED,
    )]);
    client(spans.lamplight(), &http)
        .put_events()
        .entries(entry(r#"{"price": 1.10}"#))
        .entries(entry("{}"))
        .send()
        .with_context(caller())
        .await
        .unwrap();

    let span = spans.one();
    assert_eq!(span.name, "EventBridge.PutEvents");
    assert_eq!(span.span_kind, SpanKind::Producer);
    assert_eq!(span.parent_span_id, SpanId::from(0xb7ad_6b71_6920_3331));
    assert_eq!(span.status, Status::Unset);
    expect(
        &span,
        &[
            ("aws.request_id", "r-1"),
            ("cloud.region", "eu-west-1"),
            ("http.response.status_code", "200"),
            ("lamplight.aws.attempts", "1"),
            ("messaging.batch.message_count", "2"),
            ("messaging.destination.name", "orders"),
            ("messaging.operation.name", "send"),
            ("messaging.operation.type", "send"),
            ("messaging.system", "aws.eventbridge"),
            ("rpc.method", "PutEvents"),
            ("rpc.service", "EventBridge"),
            ("rpc.system", "aws-api"),
            ("rpc.system.name", "aws-api"),
            ("server.address", "events.eu-west-1.amazonaws.com"),
            ("server.port", "443"),
        ],
    );
    let carried = format!(
        r#""_otel":{{"traceparent":"{}","tracestate":"vendor=a","baggage":"app.event.producer.application=iot"}}"#,
        traceparent(&span)
    );
    let body = body(&http, 0);
    assert_eq!(
        body["Entries"][0]["Detail"],
        format!(r#"{{{carried},"price": 1.10}}"#)
    );
    assert_eq!(body["Entries"][1]["Detail"], format!("{{{carried}}}"));
    assert!(body["Entries"][0].get("TraceHeader").is_none());
}

#[tokio::test]
async fn a_single_event_tells_its_id() {
    let spans = Spans::new();
    details(spans.lamplight(), vec![entry("{}")]).await;
    assert_eq!(attributes(&spans.one())["messaging.message.id"], "e1");
}

#[tokio::test]
async fn the_envelope_says_where() {
    let spans = Spans::new();
    let lamplight = spans
        .lamplight()
        .with_envelope(Pointer::new("/metadata/otel"));
    let sent = details(lamplight, vec![entry(r#"{"metadata":{"a":1},"data":{}}"#)]).await;
    let expected = format!(
        r#"{{"metadata":{{"otel":{{"traceparent":"{}""#,
        traceparent(&spans.one())
    );
    assert!(sent[0].starts_with(&expected), "{}", sent[0]);
    assert!(sent[0].ends_with(r#""a":1},"data":{}}"#), "{}", sent[0]);
}

/// The content of a detail belongs to the user, even if it looks like a context.
#[tokio::test]
async fn all_that_is_added_is_the_context() {
    let text = "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01";
    let otherwise = |name: &str| format!(r#"{{"a":"{text}",{name},"c":"{text}"}}"#);
    for (before, at) in [
        (otherwise(r#""metadata":{}"#), "/metadata/otel"),
        (
            otherwise(&format!(r#""metadata":{{"otel":{{"b":"{text}"}}}}"#)),
            "/metadata/otel",
        ),
        (otherwise(r#""d":0"#), "/_otel"),
        (format!(r#"{{"_otelx":"{text}"}}"#), "/_otel"),
        (format!(r#"{{"_otel":{{"tracex":"{text}"}}}}"#), "/_otel"),
    ] {
        let spans = Spans::new();
        let lamplight = spans
            .lamplight()
            .with_envelope(Pointer::new("/metadata/otel"));
        let after = details(lamplight, vec![entry(&before)]).await.remove(0);
        let before: Value = serde_json::from_str(&before).unwrap();
        let mut after: Value = serde_json::from_str(&after).unwrap();
        let slot = after.pointer_mut(at).unwrap().as_object_mut().unwrap();
        assert_eq!(
            slot.remove("traceparent").unwrap(),
            traceparent(&spans.one())
        );
        assert!(slot.remove("tracestate").is_some() && slot.remove("baggage").is_some());
        let (parent, name) = at.rsplit_once('/').unwrap();
        if before.pointer(at).is_none() {
            let parent = after.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            assert_eq!(parent.remove(name), Some(json!({})));
        }
        assert_eq!(after, before);
    }
}

/// A sampler may give the span a `tracestate` longer than its parent's.
#[tokio::test]
async fn the_state_that_a_sampler_gives_is_written_and_counted() {
    #[derive(Debug, Clone)]
    struct Stateful;
    impl ShouldSample for Stateful {
        fn should_sample(
            &self,
            _: Option<&Context>,
            _: TraceId,
            _: &str,
            _: &SpanKind,
            _: &[KeyValue],
            _: &[Link],
        ) -> SamplingResult {
            SamplingResult {
                decision: SamplingDecision::RecordAndSample,
                attributes: Vec::new(),
                trace_state: "sampler=0123456789,vendor=a".parse().unwrap(),
            }
        }
    }
    let provider = SdkTracerProvider::builder().with_sampler(Stateful).build();
    let lamplight = || LamplightInterceptor::new().with_tracer_provider(&provider);
    let sent = details(lamplight(), vec![entry("{}")]).await.remove(0);
    assert!(
        sent.contains(r#""tracestate":"sampler=0123456789,vendor=a""#),
        "{sent}"
    );

    // One byte less than that takes.
    let limit = sent.len() + "shop".len() + "Order".len() - 1;
    let bounded = lamplight().with_size_limit(Carrier::EventBridgeDetail, limit);
    let sent = details(bounded, vec![entry("{}")]).await.remove(0);
    assert!(sent.contains("sampler=0123456789,vendor=a"), "{sent}");
    assert!(!sent.contains("baggage"), "{sent}");
}

#[tokio::test]
async fn what_is_no_object_is_left_alone_and_the_span_is_a_clients() {
    for detail in ["", "[1]", "\"text\"", "{\"a\":", "7", "{\"a\":1} trailing"] {
        let spans = Spans::new();
        assert_eq!(
            details(spans.lamplight(), vec![entry(detail)]).await,
            [detail]
        );
        assert_eq!(spans.one().span_kind, SpanKind::Client, "{detail}");
    }
}

/// Of two members with one name, some parsers take the first and others the last.
#[tokio::test]
async fn what_is_there_twice_is_left_alone() {
    let spans = Spans::new();
    let twice = r#"{"_otel":{"x":1},"_otel":{"y":1}}"#;
    assert_eq!(
        details(spans.lamplight(), vec![entry(twice)]).await,
        [twice]
    );
    assert_eq!(spans.one().span_kind, SpanKind::Client);
}

#[tokio::test]
async fn a_bus_has_one_name_however_it_is_written() {
    let arn = "arn:aws:events:eu-west-1:123456789012:event-bus/aws.partner/shop/orders";
    for written in ["aws.partner/shop/orders", arn] {
        let spans = Spans::new();
        let put = client(
            spans.lamplight(),
            &replay([reply(200, r#"{"Entries":[]}"#)]),
        )
        .put_events();
        let entry = PutEventsRequestEntry::builder().source("shop").detail("{}");
        let both = [
            entry.clone().event_bus_name(written).build(),
            entry.event_bus_name(arn).build(),
        ];
        put.set_entries(Some(both.into())).send().await.unwrap();
        let name = &attributes(&spans.one())["messaging.destination.name"];
        assert_eq!(name, "aws.partner/shop/orders");
    }
}

#[tokio::test]
async fn the_users_own_context_stays() {
    let own =
        r#"{"_otel":{"traceparent":"00-11111111111111111111111111111111-2222222222222222-01"}}"#;
    let spans = Spans::new();
    assert_eq!(details(spans.lamplight(), vec![entry(own)]).await, [own]);
    assert_eq!(spans.one().span_kind, SpanKind::Client);
}

#[tokio::test]
async fn the_limit_is_on_the_whole_request_after_injection() {
    let spans = Spans::new();
    let padding = "x".repeat(1000);
    let detail = format!(r#"{{"a":"{padding}"}}"#);
    let entries = vec![entry(&detail), entry(&detail)];
    // Two entries as EventBridge counts them, and room for one traceparent but not for two.
    let without = 2 * (detail.len() + "shop".len() + "Order".len());
    let lamplight = spans
        .lamplight()
        .with_size_limit(Carrier::EventBridgeDetail, without + 100);
    let sent = details(lamplight, entries).await;
    assert!(sent[0].contains("traceparent"));
    assert_eq!(sent[1], detail);
    let after: usize = sent.iter().map(|detail| detail.len() + 9).sum();
    assert!(after <= without + 100);
    assert_eq!(spans.one().span_kind, SpanKind::Producer);
}

#[tokio::test]
async fn without_room_nothing_is_written() {
    let spans = Spans::new();
    let lamplight = spans
        .lamplight()
        .with_size_limit(Carrier::EventBridgeDetail, 50);
    assert_eq!(details(lamplight, vec![entry("{}")]).await, ["{}"]);
    assert_eq!(spans.one().span_kind, SpanKind::Client);
}

#[tokio::test]
async fn carriers_and_destinations_can_be_switched_off() {
    let spans = Spans::new();
    let off = spans
        .lamplight()
        .without_carrier(Carrier::EventBridgeDetail);
    assert_eq!(details(off, vec![entry("{}")]).await, ["{}"]);

    let filtered = spans.lamplight().with_destination_filter(|to| {
        assert_eq!(to.carrier(), Carrier::EventBridgeDetail);
        to.name() == "orders"
    });
    let elsewhere = PutEventsRequestEntry::builder().detail("{}").build();
    let sent = details(filtered, vec![entry("{}"), elsewhere]).await;
    assert!(sent[0].contains("traceparent"));
    assert_eq!(sent[1], "{}");
    let last = spans.ended().pop().unwrap();
    assert!(
        !attributes(&last).contains_key("messaging.destination.name"),
        "two buses"
    );
}

#[tokio::test]
async fn an_x_ray_header_is_added_on_request_and_never_replaced() {
    let spans = Spans::new();
    let http = replay([reply(200, TWO_ACCEPTED)]);
    let own = "Root=1-00000001-000000000000000000000002";
    let mut with_own = entry("{}");
    with_own.trace_header = Some(own.to_owned());
    client(spans.lamplight().with_xray_header(), &http)
        .put_events()
        .entries(entry("{}"))
        .entries(with_own)
        .send()
        .with_context(caller())
        .await
        .unwrap();
    let span = spans.one();
    let expected = format!(
        "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent={};Sampled=1",
        span.span_context.span_id()
    );
    let body = body(&http, 0);
    assert_eq!(body["Entries"][0]["TraceHeader"], expected);
    assert_eq!(body["Entries"][1]["TraceHeader"], own);
    let request = http.actual_requests().next().unwrap();
    assert_eq!(
        request.headers().get("x-amzn-trace-id"),
        Some(expected.as_str())
    );
}

#[tokio::test]
async fn refused_entries_are_counted_and_told() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"FailedEntryCount":2,"Entries":[{"EventId":"e1"},
            {"ErrorCode":"ThrottlingException","ErrorMessage":"slow down"},
            {"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}]}"#,
    )]);
    let output = client(spans.lamplight(), &http)
        .put_events()
        .set_entries(Some(vec![entry("{}"), entry("{}"), entry("{")]))
        .send()
        .await
        .unwrap();
    assert_eq!(output.failed_entry_count(), 2);
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "2");
    let told: Vec<_> = events(&span)
        .into_iter()
        .map(|(name, attributes)| {
            let index = attributes["lamplight.aws.entry.index"].clone();
            (name, attributes["error.type"].clone(), index)
        })
        .collect();
    let name = "aws.failed_entry".to_owned();
    assert_eq!(
        told,
        [
            (
                name.clone(),
                "ThrottlingException".to_owned(),
                "1".to_owned()
            ),
            (name, "MalformedDetail".to_owned(), "2".to_owned())
        ]
    );
}
