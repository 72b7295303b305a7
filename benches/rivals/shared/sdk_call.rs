//! The cost that an instrumentation adds to a call, compared with the same client without it. There is no
//! network: an HTTP client in memory responds, so that only the SDK and the instrumentation are measured.
//!
//! | arguments | effect |
//! |---|---|
//! | `subjects` | prints the names of the subjects, one per line |
//! | `count SUBJECT` | allocations and bytes of a call, and whether its message carries the caller's context |
//! | `time SUBJECT` | nanoseconds of a call, the median of many |
//! | `repeat SUBJECT CASE CALLS` | calls only, for callgrind |
//!
//! `count` and `time` print a JSON object for each case. The subject `without` is the client without
//! instrumentation.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made ends")]

use std::env;
use std::future::Future;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use allocation_counter::{AllocationInfo, measure};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use opentelemetry::Context;
use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

/// Responses of the services.
pub(crate) const GET_ITEM: &str = r#"{"Item":{"id":{"S":"1"},"total":{"N":"12.50"}}}"#;
pub(crate) const SEND_MESSAGE: &str = r#"{"MessageId":"5fea7756-0ea4-451a-a703-a558b933e274"}"#;
pub(crate) const PUT_EVENTS: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"11710aed"}]}"#;

const CASES: [&str; 3] = ["GetItem", "SendMessage", "PutEvents"];
const TIMED_CALLS: usize = 500;
/// The client without instrumentation.
const WITHOUT: &str = "without";

/// True if requests are inspected; the result for the last one.
static LOOKS: AtomicBool = AtomicBool::new(false);
static CARRIES: AtomicBool = AtomicBool::new(false);

/// One client for each case.
pub(crate) struct Clients {
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) eventbridge: aws_sdk_eventbridge::Client,
}

/// A measured instrumentation.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Sets everything up and creates clients, from configurations with a fixed response.
    pub(crate) install: fn(&dyn Fn(&'static str) -> SdkConfig) -> Clients,
}

/// Runs according to the arguments. A subject may change global state, so each has a separate process.
pub(crate) fn run(subjects: &[Subject]) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["subjects"] => subjects.iter().for_each(|it| println!("{}", it.name)),
        ["count", name] => count(&clients(subjects, name)),
        ["time", name] => time(&clients(subjects, name)),
        ["repeat", name, case, calls] => {
            let calls: u64 = calls.parse().unwrap();
            call(&clients(subjects, name), case, |once| {
                (0..calls).for_each(|_| once());
            });
        }
        _ => {
            eprintln!(
                "usage: sdk_call subjects|count SUBJECT|time SUBJECT|repeat SUBJECT CASE CALLS"
            );
            std::process::exit(2);
        }
    }
}

fn clients(subjects: &[Subject], name: &str) -> Clients {
    if name == WITHOUT {
        return without();
    }
    let subject = subjects.iter().find(|subject| subject.name == name);
    (subject.unwrap().install)(&config)
}

/// Returns a tracer provider that records every span and keeps none.
pub(crate) fn provider() -> SdkTracerProvider {
    SdkTracerProvider::builder()
        .with_simple_exporter(Nowhere)
        .build()
}

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

fn count(clients: &Clients) {
    for case in CASES {
        let counted = allocations(clients, case);
        LOOKS.store(true, Relaxed);
        call(clients, case, |once| once());
        LOOKS.store(false, Relaxed);
        println!(
            r#"{{"case":"{case}","allocations":{},"bytes":{},"carries":{}}}"#,
            counted.count_total,
            counted.bytes_total,
            CARRIES.load(Relaxed),
        );
    }
}

fn time(clients: &Clients) {
    for case in CASES {
        let nanoseconds = nanoseconds(clients, case);
        println!(r#"{{"case":"{case}","nanoseconds":{nanoseconds}}}"#);
    }
}

/// Returns the clients without instrumentation.
fn without() -> Clients {
    Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config(GET_ITEM)),
        sqs: aws_sdk_sqs::Client::new(&config(SEND_MESSAGE)),
        eventbridge: aws_sdk_eventbridge::Client::new(&config(PUT_EVENTS)),
    }
}

fn config(answer: &'static str) -> SdkConfig {
    let http = infallible_client_fn(move |request: http::Request<SdkBody>| {
        if LOOKS.load(Relaxed) {
            let body = request.body().bytes().unwrap_or_default();
            let carries = body.windows(11).any(|part| part == b"traceparent");
            CARRIES.store(carries, Relaxed);
        }
        http::Response::builder()
            .status(200)
            .header("x-amzn-requestid", "b5d1a2f0-0000-4000-8000-000000000000")
            .body(SdkBody::from(answer))
            .unwrap()
    });
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "id", "secret", None, None, "bench",
        )))
        .http_client(http)
        .region(Region::new("eu-west-1"))
        .retry_config(RetryConfig::disabled())
        .build()
}

/// Returns the context of a function that was invoked with a sampled context.
fn caller() -> Context {
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(1),
        SpanId::from(2),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    ))
}

/// Makes a call as often as `calls` requires.
fn call(clients: &Clients, case: &str, calls: impl FnOnce(&mut dyn FnMut())) {
    let detail = format!(r#"{{"data":"{}"}}"#, "x".repeat(2000));
    let entry = PutEventsRequestEntry::builder().source("s").detail(detail);
    let entry = entry.build();
    match case {
        "GetItem" => repeated(calls, async || {
            let key = AttributeValue::S("1".to_owned());
            let get = clients
                .dynamodb
                .get_item()
                .table_name("orders")
                .key("id", key);
            drop(black_box(get.send().await.unwrap()));
        }),
        "SendMessage" => repeated(calls, async || {
            let send = clients.sqs.send_message().message_body("{}");
            let send = send.queue_url("https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
            drop(black_box(send.send().await.unwrap()));
        }),
        _ => repeated(calls, async || {
            let put = clients.eventbridge.put_events().entries(entry.clone());
            drop(black_box(put.send().await.unwrap()));
        }),
    }
}

fn repeated<F: Future<Output = ()>>(calls: impl FnOnce(&mut dyn FnMut()), call: impl Fn() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_time().build().unwrap();
    let mut once = || runtime.block_on(call().with_context(caller()));
    // The first calls fill caches that later ones share.
    (0..10).for_each(|_| once());
    calls(&mut once);
}

/// Returns the allocations of one call.
fn allocations(clients: &Clients, case: &str) -> AllocationInfo {
    let mut info = AllocationInfo::default();
    call(clients, case, |once| info = measure(once));
    info
}

/// Returns the duration of one call, as the median of many.
fn nanoseconds(clients: &Clients, case: &str) -> u64 {
    let mut times = Vec::with_capacity(TIMED_CALLS);
    call(clients, case, |once| {
        for _ in 0..TIMED_CALLS {
            let start = Instant::now();
            once();
            times.push(u64::try_from(start.elapsed().as_nanos()).unwrap());
        }
    });
    times.sort_unstable();
    times.get(TIMED_CALLS / 2).copied().unwrap()
}
