//! Budgets that a change must not exceed. Allocations are counted, so a figure means the same on
//! every machine.

// A test says what is wrong by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

use allocation_counter::measure;
use lambda_runtime::{Error, LambdaInvocation};
use lamplight_benches::{API_GATEWAY_V2, NoopExporter, invocation, resource, spans};
use lamplight_export::{ExporterSink, OtlpEncoder, SpanQueue};
use lamplight_lambda::Instrumentation;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SdkTracerProvider;
use prost::Message;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};
use tower_layer::Layer;
use tower_service::Service;

/// The runtime's stack without the runtime: it answers at once and allocates nothing.
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

#[test]
fn an_invocation_adds_at_most_twenty_allocations_its_export_included() {
    let queue = SpanQueue::new(ExporterSink::new(NoopExporter));
    let provider = SdkTracerProvider::builder()
        .with_resource(resource())
        .with_span_processor(queue.clone())
        .build();
    let layer = Instrumentation::builder(&provider, queue.clone())
        .build()
        .invocation_layer();
    let mut service = layer.layer(Runtime);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let mut cx = Context::from_waker(Waker::noop());

    let mut invoke = || {
        let event = invocation(API_GATEWAY_V2);
        measure(|| {
            let mut future = std::pin::pin!(service.call(event));
            assert!(future.as_mut().poll(&mut cx).is_ready());
        })
    };
    // The first one fills what later ones share.
    invoke();
    let counted = invoke();
    println!(
        "an invocation adds {} allocations, {} bytes",
        counted.count_total, counted.bytes_total
    );
    assert_eq!(queue.stats().delivered, 2);
    assert!(
        counted.count_total <= 20,
        "{} allocations",
        counted.count_total
    );
}

#[test]
fn a_span_costs_the_encoder_no_allocation() {
    let encoder = OtlpEncoder::new(&resource());
    let resource = ResourceAttributesWithSchema::from(&resource());
    for count in [1, 10, 100, 512] {
        let batch = spans(count);
        let ours = measure(|| drop(encoder.encode(&batch)));
        let copy = batch.clone();
        let prost = measure(|| {
            let resource_spans = group_spans_by_resource_and_scope(copy, &resource);
            drop(ExportTraceServiceRequest { resource_spans }.encode_to_vec());
        });
        println!(
            "{count} spans: {} allocations, {} bytes; prost {} allocations, {} bytes",
            ours.count_total, ours.bytes_total, prost.count_total, prost.bytes_total
        );
        assert!(
            ours.count_total <= 4,
            "{count} spans: {} allocations",
            ours.count_total
        );
    }
}
