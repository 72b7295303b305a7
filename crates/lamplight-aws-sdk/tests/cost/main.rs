//! The cost that the interceptor adds to a call, in allocations, which are the same on every machine. It is a
//! separate test program, because concurrent work, such as a subscriber of another test, would be counted
//! too. Run it with `--nocapture` to see the figures.

#![allow(clippy::unwrap_used)]

mod idle;

use std::future::Future;

use allocation_counter::{AllocationInfo, measure};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use aws_types::{SdkConfig, region::Region};
use lamplight_aws_sdk::LamplightInterceptor;
use opentelemetry::{
    Context,
    trace::{
        FutureExt as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    },
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};

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
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .region(Region::new("eu-west-1"))
        .retry_config(RetryConfig::disabled())
        .sleep_impl(TokioSleep::new())
        .build()
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

/// Returns the allocations of one warm call, made with this context as the current one.
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
    call: impl Fn(Option<LamplightInterceptor>) -> Box<dyn Fn() -> F>,
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
        of(LamplightInterceptor::new().with_tracer_provider(&recording)),
        of(LamplightInterceptor::new().with_tracer_provider(&unsampled)),
        of(LamplightInterceptor::new()),
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
    let get_item = added("GetItem", |lamplight| {
        let mut builder = aws_sdk_dynamodb::config::Builder::from(&config("{}"));
        if let Some(lamplight) = lamplight {
            builder = builder.interceptor(lamplight);
        }
        let client = aws_sdk_dynamodb::Client::from_conf(builder.build());
        Box::new(move || {
            let client = client.clone();
            async move {
                let key = aws_sdk_dynamodb::types::AttributeValue::S("1".to_owned());
                let get = client.get_item().table_name("orders").key("id", key);
                get.send().await.map(drop).unwrap();
            }
        })
    });
    for (name, [recording, unsampled, none], bound) in [
        ("any operation", generic, 10),
        ("SendMessage", sqs, 20),
        ("PutEvents", eventbridge, 16),
        ("GetItem", get_item, 14),
    ] {
        assert!(recording <= bound, "{name}: {recording}");
        assert!(
            unsampled <= bound && none <= bound,
            "{name}: {unsampled}, {none}"
        );
    }
}
