//! Invocations of a function that records, or of one that is off and only passes its callers' context on, or
//! only the creation of their events: `invocation on|off|event TIMES`. To be run under a profiler that counts
//! instructions.

// Benchmark programs fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    future::{Ready, ready},
    hint::black_box,
    task::{Context, Poll},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_benches::{API_GATEWAY_V2, NoopExporter, invocation, resource};
use lamplight_export::{ExporterSink, SpanQueue};
use lamplight_lambda::Instrumentation;
use lamplight_propagation::inbound::EventExtractor;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tower_layer::Layer;
use tower_service::Service;

/// The runtime's services without the runtime.
#[derive(Clone)]
struct Runtime;

impl Service<LambdaInvocation> for Runtime {
    type Response = ();
    type Error = Error;
    type Future = Ready<Result<(), Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: LambdaInvocation) -> Self::Future {
        ready(Ok(()))
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap();
    let times: u64 = arguments.next().unwrap().parse().unwrap();
    if mode == "event" {
        for _ in 0..times {
            black_box(invocation(API_GATEWAY_V2));
        }
        return;
    }
    let instrumentation = match mode.as_str() {
        "on" => {
            let queue = SpanQueue::new(ExporterSink::new(NoopExporter));
            let provider = SdkTracerProvider::builder()
                .with_resource(resource())
                .with_span_processor(queue.clone())
                .build();
            Instrumentation::builder(&provider, queue).build()
        }
        "off" => Instrumentation::off(EventExtractor::new()),
        other => panic!("neither on nor off: {other}"),
    };
    let mut service = instrumentation.invocation_layer().layer(Runtime);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for _ in 0..times {
        let event = invocation(API_GATEWAY_V2);
        runtime.block_on(service.call(event)).unwrap();
    }
}
