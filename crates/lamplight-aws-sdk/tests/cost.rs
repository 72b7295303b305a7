//! What the interceptor adds to a call, counted in allocations: a figure that is the same on every
//! machine. Run it alone with `--nocapture` to see the figures.

#![allow(clippy::unwrap_used)]

#[path = "it/common.rs"]
mod common;

use std::future::Future;

use allocation_counter::{AllocationInfo, measure};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use lamplight_aws_sdk::{Carrier, Lamplight};
use opentelemetry::Context;
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter};

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// A configuration whose every call is answered with `reply`, and is not tried again.
fn config(reply: &'static str) -> SdkConfig {
    let http = infallible_client_fn(move |_request| {
        http::Response::builder()
            .status(200)
            .header("x-amzn-requestid", "b5d1a2f0-0000-4000-8000-000000000000")
            .body(SdkBody::from(reply))
            .unwrap()
    });
    let config = common::config(http).into_builder();
    config.retry_config(RetryConfig::disabled()).build()
}

/// A caller without state or baggage: what these add is theirs.
fn caller() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(1),
        SpanId::from(2),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

/// What one warm call allocates, made where this is current.
fn cost_within<F: Future>(context: &Context, call: impl Fn() -> F) -> AllocationInfo {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let once = || drop(runtime.block_on(call().with_context(context.clone())));
    // The first calls fill what later ones share.
    (0..3).for_each(|_| once());
    measure(once)
}

fn cost<F: Future>(call: impl Fn() -> F) -> AllocationInfo {
    cost_within(&caller(), call)
}

/// Added allocations of a call with a recording, an unsampled and a missing tracer.
fn added<F: Future>(
    name: &str,
    call: impl Fn(Option<Lamplight>) -> Box<dyn Fn() -> F>,
) -> [u64; 3] {
    let recording = SdkTracerProvider::builder()
        .with_simple_exporter(Nowhere)
        .build();
    let unsampled = SdkTracerProvider::builder()
        .with_sampler(Sampler::AlwaysOff)
        .build();
    let bare = cost(call(None));
    let of = |lamplight| {
        let with = cost(call(Some(lamplight)));
        (
            with.count_total - bare.count_total,
            with.bytes_total - bare.bytes_total,
        )
    };
    let figures = [
        of(Lamplight::new().with_tracer_provider(&recording)),
        of(Lamplight::new().with_tracer_provider(&unsampled)),
        of(Lamplight::new()),
    ];
    println!(
        "{name}: {} allocations ({} bytes) without; recording +{} ({}), unsampled +{} ({}), no tracer +{} ({})",
        bare.count_total,
        bare.bytes_total,
        figures[0].0,
        figures[0].1,
        figures[1].0,
        figures[1].1,
        figures[2].0,
        figures[2].1,
    );
    figures.map(|(count, _)| count)
}

#[test]
fn a_call_adds_a_bounded_number_of_allocations() {
    let generic = added(
        "PurgeQueue, attributes of every service only",
        |lamplight| {
            let mut builder = aws_sdk_sqs::config::Builder::from(&config("{}"));
            if let Some(lamplight) = lamplight {
                builder = builder.interceptor(lamplight);
            }
            let client = aws_sdk_sqs::Client::from_conf(builder.build());
            Box::new(move || {
                let client = client.clone();
                async move {
                    client
                        .purge_queue()
                        .queue_url("https://q/1/o")
                        .send()
                        .await
                        .map(drop)
                        .unwrap();
                }
            })
        },
    );
    let sqs = added("SendMessage", |lamplight| {
        let mut builder = aws_sdk_sqs::config::Builder::from(&config(r#"{"MessageId":"m"}"#));
        if let Some(lamplight) = lamplight {
            builder = builder.interceptor(lamplight);
        }
        let client = aws_sdk_sqs::Client::from_conf(builder.build());
        Box::new(move || {
            let client = client.clone();
            async move {
                let send = client
                    .send_message()
                    .queue_url("https://q/1/o")
                    .message_body("{}");
                send.send().await.map(drop).unwrap();
            }
        })
    });
    let reply = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e"}]}"#;
    let eventbridge = added("PutEvents, one entry of 2 KB", |lamplight| {
        let mut builder = aws_sdk_eventbridge::config::Builder::from(&config(reply));
        if let Some(lamplight) = lamplight {
            builder = builder.interceptor(lamplight);
        }
        let client = aws_sdk_eventbridge::Client::from_conf(builder.build());
        let detail = format!(r#"{{"data":"{}"}}"#, "x".repeat(2000));
        let entry = PutEventsRequestEntry::builder()
            .source("s")
            .detail(detail)
            .build();
        Box::new(move || {
            let client = client.clone();
            let entry = entry.clone();
            async move {
                client
                    .put_events()
                    .entries(entry)
                    .send()
                    .await
                    .map(drop)
                    .unwrap();
            }
        })
    });
    for (name, [recording, unsampled, none], bound) in [
        ("any operation", generic, 10),
        ("SendMessage", sqs, 20),
        ("PutEvents", eventbridge, 16),
    ] {
        assert!(recording <= bound, "{name}: {recording}");
        assert!(
            unsampled <= bound && none <= bound,
            "{name}: {unsampled}, {none}"
        );
    }
}

/// Bytes that a call may add where there is nothing to record or nothing to write: the span that a
/// sampler looks at. What the messages hold does not count.
const NOTHING: u64 = 4 * 1024;

/// Bytes that a call allocates in the worst of a few ways to have nothing to do, beyond those of a
/// call without an interceptor, by the settings that make it so.
fn idle<F: Future>(
    carrier: Carrier,
    call: impl Fn(Option<Lamplight>) -> Box<dyn Fn() -> F>,
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
        ("no provider", Lamplight::new()),
        (
            "unsampled",
            Lamplight::new()
                .with_tracer_provider(&unsampled)
                .without_carrier(carrier),
        ),
        (
            "carrier off",
            Lamplight::new()
                .with_tracer_provider(&recording)
                .without_carrier(carrier),
        ),
        (
            "filtered",
            Lamplight::new()
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

fn receiving(body: &str) -> impl Fn(Option<Lamplight>) -> Box<dyn Fn() -> CallOf> {
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

type CallOf = std::pin::Pin<Box<dyn Future<Output = ()>>>;

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
        let lamplight = Lamplight::new().with_tracer_provider(&provider);
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
        check_idle(&body[..20], idle(Carrier::SqsAttributes, receiving(&body)));
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
