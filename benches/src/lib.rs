//! The work that budgets and benches measure.
//!
//! Budgets are counts of allocations, which repeat on any machine; `tests/budgets` asserts them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lambda_runtime::{Context, LambdaInvocation};
use opentelemetry::{
    Key, KeyValue,
    trace::{Span, SpanKind, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter, SpanProcessor},
};

/// An API Gateway HTTP API event with context, as caused by a browser's request.
pub const API_GATEWAY_V2: &str = include_str!("../rivals/harness/src/events/api_gateway_v2.json");

/// Ten SQS messages, each with the context of a trace of its own.
pub const SQS: &str = include_str!("../rivals/harness/src/events/sqs_10.json");

/// The payload of a direct invoke, with a caller's context.
pub const DIRECT: &str = include_str!("../rivals/harness/src/events/direct.json");

/// Returns an invocation with `body`, as the runtime passes it to a layer.
pub fn invocation(body: &'static str) -> LambdaInvocation {
    let (parts, ()) = http::Response::new(()).into_parts();
    let mut context = Context::default();
    context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
    context.invoked_function_arn =
        "arn:aws:lambda:eu-west-1:123456789012:function:orders:live".to_owned();
    context.env_config = Arc::new(lambda_runtime::Config {
        function_name: "orders".to_owned(),
        version: "7".to_owned(),
        ..Default::default()
    });
    LambdaInvocation {
        parts,
        body: body.as_bytes().into(),
        context,
    }
}

/// An exporter that drops everything at once.
#[derive(Debug)]
pub struct NoopExporter;

impl SpanExporter for NoopExporter {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// The resource of a function.
pub fn resource() -> Resource {
    Resource::builder_empty()
        .with_service_name("orders")
        .with_attributes([
            KeyValue::new("cloud.provider", "aws"),
            KeyValue::new("cloud.platform", "aws_lambda"),
            KeyValue::new("cloud.region", "eu-west-1"),
            KeyValue::new("faas.name", "orders"),
            KeyValue::new("faas.version", "7"),
        ])
        .build()
}

/// Returns spans like those of a function: 15 attributes, nine of them with static strings, three with
/// allocated strings, and numbers.
pub fn spans(count: usize) -> Vec<SpanData> {
    let keep = Keep::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(keep.clone())
        .build();
    let tracer = provider.tracer("benches");
    for index in 0..count {
        let texts = (0..9).map(|n| KeyValue::new(key(n), "a text of usual length"));
        let made = (9..12).map(|n| KeyValue::new(key(n), format!("/orders/{index}")));
        let attributes = texts.chain(made).chain([
            KeyValue::new(key(12), 200_i64),
            KeyValue::new(key(13), true),
            KeyValue::new(key(14), 12.5),
        ]);
        let builder = tracer
            .span_builder("POST /orders")
            .with_kind(SpanKind::Server);
        builder.with_attributes(attributes).start(&tracer).end();
    }
    std::mem::take(&mut *keep.0.lock().unwrap_or_else(PoisonError::into_inner))
}

fn key(index: usize) -> Key {
    const KEYS: [&str; 15] = [
        "faas.trigger",
        "faas.invocation_id",
        "cloud.resource_id",
        "cloud.account.id",
        "url.path",
        "url.scheme",
        "http.request.method",
        "http.route",
        "client.address",
        "server.address",
        "user_agent.original",
        "network.protocol.version",
        "http.response.status_code",
        "faas.coldstart",
        "app.event.eventbroker_latency_ms",
    ];
    Key::from_static_str(KEYS.get(index).copied().unwrap_or("other"))
}

#[derive(Debug, Clone, Default)]
struct Keep(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Keep {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
