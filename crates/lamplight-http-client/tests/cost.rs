//! What the layer adds to a request, counted in allocations and, where valgrind is installed, in
//! instructions: figures that are the same on every machine. A test program of its own: what runs beside a
//! request counts too. Run it with `--nocapture` to see the figures.

#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    future::{Ready, ready},
    process::Command,
    task::{Context as TaskContext, Poll, Waker},
};

use allocation_counter::measure;
use http::{Request, Response};
use lamplight_http_client::HttpClientLayer;
use lamplight_test_rig::callgrind;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{Sampler, SdkTracerProvider, SpanData, SpanExporter},
};
use tower::{Layer, Service};

/// Names the variable with the case that a process of its own repeats, and how often.
const REPEAT: &str = "LAMPLIGHT_COST_OF";

#[derive(Debug)]
struct Nowhere;

impl SpanExporter for Nowhere {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// A client that answers at once.
#[derive(Clone)]
struct Bare;

impl Service<Request<()>> for Bare {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

const CASES: [&str; 4] = ["bare", "recording", "unsampled", "no provider"];

fn layer(case: &str) -> Option<HttpClientLayer> {
    let provider = |sampler| {
        SdkTracerProvider::builder()
            .with_sampler(sampler)
            .with_simple_exporter(Nowhere)
            .build()
    };
    let layer = HttpClientLayer::new();
    match case {
        "bare" => None,
        "recording" => Some(layer.with_tracer_provider(&provider(Sampler::AlwaysOn))),
        "unsampled" => Some(layer.with_tracer_provider(&provider(Sampler::AlwaysOff))),
        _ => Some(layer),
    }
}

fn request() -> Request<()> {
    let request = Request::get("https://shop.example/orders/42?color=blue");
    request.body(()).unwrap()
}

fn send(client: &mut impl Service<Request<()>, Response = Response<()>, Error = Infallible>) {
    let future = std::pin::pin!(client.call(request()));
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(future.poll(&mut cx).is_ready());
}

/// Sends this many requests below a caller without state or baggage: what these add is theirs.
fn repeat(case: &str, times: u64, mut each: impl FnMut(&mut dyn FnMut())) {
    let caller = SpanContext::new(
        TraceId::from(1),
        SpanId::from(2),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    let _caller = Context::new().with_remote_span_context(caller).attach();
    let mut client = layer(case).map(|layer| layer.layer(Bare));
    for _ in 0..times {
        each(&mut || match &mut client {
            Some(client) => send(client),
            None => send(&mut Bare),
        });
    }
}

#[test]
fn a_request_adds_a_bounded_number_of_allocations() {
    let [bare, recording, unsampled, none] = CASES.map(|case| {
        let mut counted = 0;
        // The first ones fill what later ones share.
        repeat(case, 3, |send| counted = measure(send).count_total);
        counted
    });
    let [recording, unsampled, none] = [recording, unsampled, none].map(|it| it - bare);
    println!(
        "{bare} allocations bare; recording +{recording}, unsampled +{unsampled}, no provider +{none}"
    );
    assert!(recording <= 11, "{recording}");
    assert!(unsampled <= 10 && none <= 10, "{unsampled}, {none}");
}

/// Is no test, but the process that is counted.
#[test]
fn program() {
    if let Ok(of) = std::env::var(REPEAT) {
        let (case, times) = of.split_once('=').unwrap();
        repeat(case, times.parse().unwrap(), |send| send());
    }
}

/// Of a build without optimization, which takes several times as many.
#[test]
fn a_request_adds_a_bounded_number_of_instructions() {
    if !callgrind::is_installed() {
        println!("valgrind is not installed");
        return;
    }
    let [bare, recording, unsampled, none] = CASES.map(|case| {
        let command = |times: u64| {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "program", "--test-threads", "1"]);
            command.env(REPEAT, format!("{case}={times}"));
            command
        };
        callgrind::difference(command, 100, 300).unwrap()
    });
    println!(
        "{bare:.0} instructions bare; recording {recording:.0}, unsampled {unsampled:.0}, no provider {none:.0}"
    );
    assert!(recording - bare <= 100_000., "{recording}");
}
