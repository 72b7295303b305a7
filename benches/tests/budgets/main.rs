//! Budgets that a change must not exceed. Allocations are counted, so that a figure has the same meaning on
//! every machine.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic)]

mod memory;

use std::{
    future::{Ready, ready},
    process::Command,
    task::{Context, Poll, Waker},
};

use allocation_counter::{AllocationInfo, measure};
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaInvocation};
use lamplight_benches::{API_GATEWAY_V2, DIRECT, NoopExporter, SQS, invocation, resource, spans};
use lamplight_export::{ExporterSink, OtlpEncoder, SpanQueue};
use lamplight_lambda::{Instrumentation, records};
use lamplight_propagation::inbound::EventExtractor;
use lamplight_test_rig::callgrind;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use prost::Message;
use tower_layer::Layer;
use tower_service::Service;

/// The runtime's services without the runtime: it completes immediately.
#[derive(Clone)]
struct Runtime<F>(F);

impl<F: FnMut()> Service<LambdaInvocation> for Runtime<F> {
    type Response = ();
    type Error = Error;
    type Future = Ready<Result<(), Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: LambdaInvocation) -> Self::Future {
        (self.0)();
        ready(Ok(()))
    }
}

/// Returns the allocations of a warm invocation with `body`, including its export, if the handler does
/// `work`, and the spans it delivers.
fn invocation_allocates(body: &'static str, work: impl FnMut()) -> (AllocationInfo, u64) {
    let queue = SpanQueue::new(ExporterSink::new(NoopExporter));
    let provider = SdkTracerProvider::builder()
        .with_resource(resource())
        .with_span_processor(queue.clone())
        .build();
    let layer = Instrumentation::builder(&provider, queue.clone())
        .build()
        .invocation_layer();
    let mut service = layer.layer(Runtime(work));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let mut cx = Context::from_waker(Waker::noop());

    let mut invoke = || {
        let event = invocation(body);
        measure(|| {
            let mut future = std::pin::pin!(service.call(event));
            assert!(future.as_mut().poll(&mut cx).is_ready());
        })
    };
    // The first one fills caches that later ones share.
    invoke();
    let before = queue.snapshot().delivered;
    let counted = invoke();
    let spans = queue.snapshot().delivered - before;
    println!(
        "{spans} spans: {} allocations, {} bytes",
        counted.count_total, counted.bytes_total
    );
    (counted, spans)
}

#[test]
fn an_invocation_adds_at_most_nineteen_allocations_its_export_included() {
    let (counted, spans) = invocation_allocates(API_GATEWAY_V2, || {});
    assert_eq!(spans, 1);
    assert!(counted.count_total <= 19, "{counted:?}");
}

/// Counts the allocations of a warm invocation of a function that is off and passes the caller's context on.
#[test]
fn off_takes_less_than_half_of_the_allocations() {
    let instrumentation = Instrumentation::off(EventExtractor::new());
    let mut found = false;
    let look = || {
        let context = opentelemetry::Context::current();
        found = context.span().span_context().is_valid();
    };
    let mut service = instrumentation.invocation_layer().layer(Runtime(look));
    let mut cx = Context::from_waker(Waker::noop());
    let event = invocation(API_GATEWAY_V2);
    let counted = measure(|| {
        let mut future = std::pin::pin!(service.call(event));
        assert!(future.as_mut().poll(&mut cx).is_ready());
    });
    drop(service);
    assert!(found, "the caller's span is not current");
    println!("off: {} allocations", counted.count_total);
    assert!(counted.count_total * 2 < 19, "{counted:?}");
}

/// The budget applies with optimization; without it, three quarters is the limit.
#[test]
fn off_takes_less_than_half_of_the_instructions() {
    let share = if cfg!(debug_assertions) { 0.75 } else { 0.5 };
    if !callgrind::is_installed() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let invoke = |mode| instructions(env!("CARGO_BIN_EXE_invocation"), &[mode], 10, 60);
    let event = invoke("event");
    let (on, off) = (invoke("on") - event, invoke("off") - event);
    println!("on: {on:.0} instructions, off {off:.0}");
    assert!(off < on * share, "on: {on:.0}, off {off:.0}");
}

#[test]
fn a_direct_invoke_adds_at_most_thirteen_allocations() {
    let (counted, spans) = invocation_allocates(DIRECT, || {});
    assert_eq!(spans, 1);
    assert!(counted.count_total <= 13, "{counted:?}");
}

#[test]
fn a_batch_adds_at_most_two_allocations_a_message_and_sixteen() {
    let (counted, spans) = invocation_allocates(SQS, || {});
    assert_eq!(spans, 1);
    assert!(counted.count_total <= 16 + 2 * 10, "{counted:?}");
}

#[test]
fn a_record_in_a_span_of_its_own_adds_at_most_sixteen_allocations() {
    let (without, _) = invocation_allocates(SQS, || {});
    let mut events = vec![serde_json::from_str::<SqsEvent>(SQS).unwrap(); 2];
    let (with, spans) = invocation_allocates(SQS, || {
        let deliver = async |message: SqsMessage| {
            std::hint::black_box(&message.body);
            Ok::<_, Error>(())
        };
        let mut future = std::pin::pin!(records::sqs(events.pop().unwrap(), deliver));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_ready());
    });
    assert_eq!(spans, 11);
    let added = with.count_total - without.count_total;
    assert!(added <= 10 * 16, "{added} allocations");
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

/// The budget, a fifth, applies with optimization; without it, a quarter is the limit, so that a plain `cargo
/// test` checks it too.
#[test]
fn a_batch_takes_at_most_a_fifth_of_the_instructions_of_prost() {
    let share = if cfg!(debug_assertions) { 4.0 } else { 5.0 };
    if !callgrind::is_installed() {
        println!("skipped: valgrind is not installed");
        return;
    }
    let program = env!("CARGO_BIN_EXE_encoder");
    let encode = |what| instructions(program, &[what, "100", "encode"], 1, 3);
    let copy = encode("copy");
    let (ours, prost) = (encode("lamplight") - copy, encode("prost") - copy);
    println!("100 spans: {ours:.0} instructions, prost {prost:.0}");
    assert!(ours * share <= prost, "{ours:.0}, prost {prost:.0}");
}

/// Returns the instructions of one repetition of `program` with these arguments.
fn instructions(program: &str, args: &[&str], few: u64, more: u64) -> f64 {
    let command = |times: u64| {
        let mut command = Command::new(program);
        command.args(args).arg(times.to_string());
        command
    };
    callgrind::difference(command, few, more).unwrap()
}
