//! A call that records and writes nothing costs nothing, however large its messages.

use std::{future::Future, pin::Pin};

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use lamplight_aws_sdk::{Carrier, LamplightInterceptor};
use opentelemetry::Context;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use crate::{Nowhere, config, cost, cost_within};

/// Bytes that a call may add where there is nothing to record or nothing to write: the span that a
/// sampler looks at. What the messages hold does not count.
const NOTHING: u64 = 4 * 1024;

/// Bytes that a call allocates in the worst of a few ways to have nothing to do, beyond those of a
/// call without an interceptor, by the settings that make it so.
fn idle<F: Future>(
    carrier: Carrier,
    call: impl Fn(Option<LamplightInterceptor>) -> Box<dyn Fn() -> F>,
) -> [(&'static str, i64); 4] {
    let recording = SdkTracerProvider::builder()
        .with_simple_exporter(Nowhere)
        .build();
    let unsampled = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .build();
    // Without a caller, a call without a provider has no context to write.
    let nobody = Context::new();
    let bytes = |lamplight| {
        cost_within(&nobody, call(lamplight))
            .bytes_total
            .cast_signed()
    };
    let bare = bytes(None);
    [
        ("no provider", LamplightInterceptor::new()),
        (
            "unsampled",
            LamplightInterceptor::new()
                .with_tracer_provider(&unsampled)
                .without_carrier(carrier),
        ),
        (
            "carrier off",
            LamplightInterceptor::new()
                .with_tracer_provider(&recording)
                .without_carrier(carrier),
        ),
        (
            "filtered",
            LamplightInterceptor::new()
                .with_tracer_provider(&recording)
                .with_destination_filter(|_| false),
        ),
    ]
    .map(|(name, lamplight)| (name, bytes(Some(lamplight)) - bare))
}

fn check_idle(what: &str, added: [(&'static str, i64); 4]) {
    println!("{what}: {added:?}");
    for (name, bytes) in added {
        assert!(bytes <= NOTHING.cast_signed(), "{what}, {name}: {bytes}");
    }
}

/// A JSON object of about this many bytes, with as many quotes as an event has.
fn large(bytes: usize) -> String {
    let members = (0..bytes / 17).map(|n| format!(r#""k{n:05}":"v{n:05}""#));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn receiving(body: &str) -> impl Fn(Option<LamplightInterceptor>) -> Box<dyn Fn() -> CallOf> {
    let messages = (0..10).map(
        |n| serde_json::json!({"MessageId": n.to_string(), "Body": body, "ReceiptHandle": "r"}),
    );
    let messages: Vec<_> = messages.collect();
    let reply = serde_json::json!({"Messages": messages}).to_string();
    // Replies are leaked once a shape, which is all that a test needs.
    let reply: &'static str = reply.leak();
    move |lamplight| {
        let mut builder = aws_sdk_sqs::config::Builder::from(&config(reply));
        if let Some(lamplight) = lamplight {
            builder = builder.interceptor(lamplight);
        }
        let client = aws_sdk_sqs::Client::from_conf(builder.build());
        Box::new(move || {
            let receive = client.receive_message().queue_url("https://q/1/o");
            Box::pin(async move { receive.send().await.map(drop).unwrap() })
        })
    }
}

type CallOf = Pin<Box<dyn Future<Output = ()>>>;

#[test]
fn receiving_ten_large_messages_costs_nothing_where_there_is_nothing_to_record() {
    let body = large(190_000);
    check_idle("receive", idle(Carrier::SqsAttributes, receiving(&body)));
    // And with the carrier on, whether or not anything is recorded: messages without context are
    // searched, not copied.
    let call = receiving(&body);
    let bare = cost(call(None)).bytes_total;
    for sampler in [Sampler::AlwaysOn, Sampler::AlwaysOff] {
        let provider = SdkTracerProvider::builder()
            .with_sampler(sampler.clone())
            .with_simple_exporter(Nowhere)
            .build();
        let lamplight = LamplightInterceptor::new().with_tracer_provider(&provider);
        let added = cost(call(Some(lamplight))).bytes_total - bare;
        println!("receive, {sampler:?}: +{added}");
        assert!(added <= NOTHING, "{sampler:?}: {added}");
    }
}

/// cargo test -p lamplight-aws-sdk --test cost -- --ignored
#[test]
#[ignore = "ten messages of a megabyte in six shapes: a minute"]
fn receiving_ten_messages_of_any_shape_costs_nothing_where_there_is_nothing_to_record() {
    const MIB: usize = 1 << 20;
    for body in [
        large(MIB),
        "x".repeat(MIB),
        format!("{{{}", "x".repeat(MIB)),
        r#"{"a":"#.repeat(200_000),
        format!(
            r#"{{"detail-type":"a","source":"b","detail":{{"a":"{}"}}}}"#,
            r#"\""#.repeat(MIB / 2)
        ),
        format!("{{{}}}", [r#""k":{"traceparent":1}"#; 40_000].join(",")),
    ] {
        let name: String = body.chars().take(20).collect();
        check_idle(&name, idle(Carrier::SqsAttributes, receiving(&body)));
    }
}

#[test]
fn sending_a_large_event_costs_nothing_where_there_is_nothing_to_write() {
    let reply = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}"#;
    let detail = large(180_000);
    check_idle(
        "put",
        idle(Carrier::EventBridgeDetail, |lamplight| {
            let mut builder = aws_sdk_eventbridge::config::Builder::from(&config(reply));
            if let Some(lamplight) = lamplight {
                builder = builder.interceptor(lamplight);
            }
            let client = aws_sdk_eventbridge::Client::from_conf(builder.build());
            let entry = PutEventsRequestEntry::builder().source("s").detail(&detail);
            let entry = entry.build();
            Box::new(move || {
                let put = client.put_events().entries(entry.clone());
                async move { put.send().await.map(drop).unwrap() }
            })
        }),
    );
}
