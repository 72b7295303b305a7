//! The effect of the queue's bound in bytes while the destination is unreachable: memory grows by less than
//! one and a half times the bound, whatever the spans contain, including the copy for another attempt and the
//! encoded request.

use std::{io, time::Duration};

use allocation_counter::measure;
use lamplight_benches::resource;
use lamplight_export::{DEFAULT_MAX_BYTES, ExporterSink, OtlpEncoder, SpanQueue, SpanSink};
use lamplight_lambda::{AttributeLimitProcessor, Instrumentation, Invocation, OpenSpanProcessor};
use opentelemetry::{
    Array, KeyValue, StringValue, Value,
    trace::{Link, Span, SpanContext, Status, TraceFlags, TraceState, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::{OTelSdkError, OTelSdkResult},
    trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter},
};
use tower_layer::Layer;
use tower_service::Service;

use crate::Runtime;

/// It makes its request, which is rejected or never answered.
#[derive(Debug)]
struct Away {
    encoder: OtlpEncoder,
    hangs: bool,
}

impl Away {
    fn sink(hangs: bool) -> impl SpanSink {
        let encoder = OtlpEncoder::new(&resource());
        ExporterSink::new(Self { encoder, hangs }).with_retries(1_000_000)
    }
}

impl SpanExporter for Away {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let request = self.encoder.encode(&batch);
        if self.hangs {
            std::future::pending::<()>().await;
        }
        drop(request);
        Err(OTelSdkError::InternalFailure("connection refused".into()))
    }
}

/// Returns the maximum memory of `count` invocations with `body`, and the number of dropped spans.
fn most_memory(hangs: bool, body: &str, count: usize, work: impl Fn(&SdkTracer)) -> (u64, u64) {
    let queue = SpanQueue::new(Away::sink(hangs));
    let provider = SdkTracerProvider::builder()
        .with_resource(resource())
        .with_span_processor(OpenSpanProcessor::new(AttributeLimitProcessor::new(
            queue.clone(),
        )))
        .build();
    let tracer = provider.tracer("handler");
    let layer = Instrumentation::builder(&provider, queue.clone())
        .with_flush_budget(Duration::from_millis(1))
        .build()
        .invocation_layer();
    let mut service = layer.layer(Runtime(|| work(&tracer)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let body = body.to_owned().leak();
    let counted = measure(|| {
        for _ in 0..count {
            let event = lamplight_benches::invocation(body);
            runtime.block_on(service.call(event)).unwrap();
        }
    });
    (counted.bytes_max, queue.snapshot().dropped())
}

const LONG: usize = 100_000;

fn text() -> String {
    "x".repeat(LONG)
}

/// Returns a batch with links and trace states from outside, as large as possible.
fn batch_from_outside() -> String {
    let state: Vec<_> = (0..3)
        .map(|n| format!("v{n}={}", "s".repeat(250)))
        .collect();
    let state = state.join(",");
    let message = |number: u64| {
        format!(
            r#"{{"messageId":"{number}","receiptHandle":"r","body":"{{}}","attributes":{{}},
            "messageAttributes":{{
              "traceparent":{{"stringValue":"00-{number:032x}-{number:016x}-01","dataType":"String"}},
              "tracestate":{{"stringValue":"{state}","dataType":"String"}}}},
            "md5OfBody":"x","eventSource":"aws:sqs","awsRegion":"eu-west-1",
            "eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:q"}}"#
        )
    };
    let messages: Vec<_> = (1..=128).map(message).collect();
    format!(r#"{{"Records":[{}]}}"#, messages.join(","))
}

fn assert_bounded(what: &str, body: &str, count: usize, work: impl Fn(&SdkTracer)) {
    for hangs in [false, true] {
        let (most, dropped) = most_memory(hangs, body, count, &work);
        println!("{what}, hangs: {hangs}: {most} bytes, {dropped} spans dropped");
        assert!(dropped > 0, "{what}: the queue is not full");
        let bound = DEFAULT_MAX_BYTES as u64;
        assert!(most * 2 < bound * 3, "{what}, hangs: {hangs}: {most} bytes");
    }
}

#[test]
fn long_errors_are_within_the_bound() {
    assert_bounded("errors", "{}", 300, |_| {
        Invocation::current().record_error(&io::Error::other(text()));
        Invocation::current().set_status(Status::error(text()));
    });
}

#[test]
fn links_and_trace_states_from_outside_are_within_the_bound() {
    assert_bounded("from outside", &batch_from_outside(), 300, |_| {});
}

#[test]
fn spans_of_any_shape_are_within_the_bound() {
    assert_bounded("plain", "{}", 100, |tracer| {
        for _ in 0..50 {
            drop(tracer.start("query"));
        }
    });
    assert_bounded("status", "{}", 100, |tracer| {
        let mut span = tracer.start("query");
        span.set_status(Status::error(text()));
    });
    assert_bounded("attributes", "{}", 200, |tracer| {
        let mut span = tracer.start("query");
        let texts: Vec<StringValue> = (0..10).map(|_| text().into()).collect();
        span.set_attribute(KeyValue::new("texts", Value::Array(Array::String(texts))));
    });
    assert_bounded("many attributes", "{}", 400, |tracer| {
        let mut span = tracer.start("query");
        for number in 0..128 {
            span.set_attribute(KeyValue::new(format!("key.{number}"), format!("{number}")));
        }
        for _ in 0..128 {
            span.add_event("event", vec![KeyValue::new("key", true)]);
        }
    });
    assert_bounded("links", "{}", 400, |tracer| {
        let state = TraceState::from_key_value([("vendor", "v".repeat(200))]).unwrap();
        let (trace, id) = (1_u128.into(), 2_u64.into());
        let context = SpanContext::new(trace, id, TraceFlags::SAMPLED, true, state);
        let link = Link::new(context, vec![KeyValue::new("key", "value")], 0);
        let links = vec![link; 128];
        drop(tracer.span_builder("query").with_links(links).start(tracer));
    });
}
