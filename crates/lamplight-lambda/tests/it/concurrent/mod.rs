//! Concurrent instances: several invocations at a time, and never a span of one in another.

mod throughput;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use lambda_runtime::{Context, Error, LambdaEvent, LambdaInvocation, SnapStartResource};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{Instrumentation, Invocation, SnapStartIdGenerator};
use lamplight_semconv as semconv;
use opentelemetry::{
    KeyValue, Value,
    baggage::BaggageExt,
    context::FutureExt,
    trace::{SpanKind, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{IdGenerator, SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer, Service, ServiceExt, service_fn, util::BoxCloneService};

use crate::common::{Function, get, invocation};

const WORKERS: u64 = 16;
const EACH: u64 = 250;

/// Returns an EventBridge event with a separate trace, and baggage that identifies it.
fn event(number: u64) -> Json {
    json!({
        "detail-type": "OrderPlaced", "source": "shop", "id": number.to_string(),
        "detail": {
            "number": number,
            "_otel": {
                "traceparent": format!("00-{:032x}-{:016x}-01", number + 1, number + 1),
                "baggage": format!("number={number}"),
            },
        },
    })
}

/// Waits as long as others need to get in between, by a pattern that differs for each invocation.
async fn others(number: u64, step: u64) {
    for _ in 0..(number.wrapping_mul(2_654_435_761).wrapping_add(step * 97) % 5) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn contexts_of_4000_interleaved_invocations_16_at_a_time_never_mix() {
    let function = Function::new();
    let tracer = function.provider.tracer("handler");
    let handler = service_fn(move |event: LambdaEvent<Json>| {
        let tracer = tracer.clone();
        async move {
            let number = event.payload["detail"]["number"].as_u64().unwrap();
            others(number, 1).await;
            let said = opentelemetry::Context::current();
            let said = said.baggage().get("number").unwrap().to_string();
            assert_eq!(said, number.to_string());
            Invocation::current().set_attribute(KeyValue::new("test.number", number as i64));
            Invocation::current().add("test.sum", number as i64);
            let task = async move {
                others(number, 2).await;
                tracer.in_span("child", |cx| {
                    cx.span()
                        .set_attribute(KeyValue::new("test.number", number as i64));
                });
                Invocation::current().add("test.sum", 1);
            };
            tokio::spawn(task.with_current_context()).await.unwrap();
            others(number, 3).await;
            Ok::<_, Error>(json!({ "number": number }))
        }
    });
    let handler = function.instrumentation.handler_layer().layer(handler);
    let handler = BoxCloneService::new(handler);
    let runtime = service_fn(move |event: LambdaInvocation| {
        let handler = handler.clone();
        async move {
            let payload = serde_json::from_slice(&event.body)?;
            let event = LambdaEvent::new(payload, Context::default());
            handler.oneshot(event).await.map_err(|_| "failed")?;
            Ok::<_, Error>(())
        }
    });
    let stack = function.instrumentation.invocation_layer().layer(runtime);
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            // As `run_concurrent` does: a clone and a task each.
            let mut stack = stack.clone();
            tokio::spawn(async move {
                for index in 0..EACH {
                    let event = invocation(&event(worker * EACH + index));
                    stack.ready().await.unwrap().call(event).await.unwrap();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    function.queue.flush().await;

    let spans = function.spans();
    let (servers, children): (Vec<_>, Vec<_>) = spans
        .iter()
        .partition(|span| span.span_kind == SpanKind::Server);
    assert_eq!(servers.len() as u64, WORKERS * EACH);
    assert_eq!(children.len(), servers.len());
    let mut by_number = HashMap::new();
    for span in &servers {
        let Some(Value::I64(number)) = get(span, "test.number") else {
            panic!("no number")
        };
        let trace_id = format!("{:032x}", number + 1);
        assert_eq!(span.span_context.trace_id().to_string(), trace_id);
        assert_eq!(
            span.parent_span_id.to_string(),
            format!("{:016x}", number + 1)
        );
        assert_eq!(get(span, "test.sum"), Some((number + 1).into()));
        assert!(by_number.insert(number, span).is_none());
    }
    for span in children {
        let Some(Value::I64(number)) = get(span, "test.number") else {
            panic!("no number")
        };
        let server = by_number[&number];
        assert_eq!(span.parent_span_id, server.span_context.span_id());
        assert_eq!(span.span_context.trace_id(), server.span_context.trace_id());
    }
    let cold = |span: &&&_| get(span, semconv::faas::COLDSTART) == Some(true.into());
    assert_eq!(servers.iter().filter(cold).count(), 1);
}

/// The state of an exporter's connection.
#[derive(Debug, Default)]
struct Connection {
    deliveries: Arc<AtomicUsize>,
    dropped_after: Arc<Mutex<Vec<usize>>>,
}

impl SpanSink for Connection {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { Delivery::all(batch.len()) })
    }

    fn disconnect(&self) {
        let deliveries = self.deliveries.load(Ordering::Relaxed);
        self.dropped_after.lock().unwrap().push(deliveries);
    }
}

#[tokio::test]
async fn connections_are_dropped_before_a_snapshot_once_all_is_delivered_and_after_each_restore() {
    let connection = Connection::default();
    let dropped_after = connection.dropped_after.clone();
    let queue = SpanQueue::new(connection);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue).build();
    let of_the_function = Arc::new(AtomicUsize::new(0));
    let hook = of_the_function.clone();
    let snapstart = instrumentation.snapstart().with_hook(move || {
        hook.fetch_add(1, Ordering::Relaxed);
    });
    provider.tracer("init").in_span("init", |_| ());
    snapstart.before_snapshot().await.unwrap();
    assert_eq!(*dropped_after.lock().unwrap(), [1]);
    for restores in 1..=2 {
        snapstart.after_restore().await.unwrap();
        assert_eq!(dropped_after.lock().unwrap().len(), 1 + restores);
        assert_eq!(of_the_function.load(Ordering::Relaxed), 1 + restores);
    }
}

#[tokio::test]
async fn a_hook_that_panics_fails_neither_snapshot_nor_restore() {
    let queue = SpanQueue::new(Connection::default());
    let provider = SdkTracerProvider::builder().build();
    let instrumentation = Instrumentation::builder(&provider, queue).build();
    let snapstart = instrumentation
        .snapstart()
        .with_hook(|| panic!("a fault in a hook"));
    snapstart.before_snapshot().await.unwrap();
    snapstart.after_restore().await.unwrap();
}

#[tokio::test]
async fn a_restored_snapshot_is_a_cold_start_with_fresh_ids() {
    let ids = SnapStartIdGenerator::new();
    let function = Function::new();
    let snapstart = function.instrumentation.snapstart().with_ids(ids.clone());
    // Telemetry of the init phase, which must not wait for the restore.
    function.provider.tracer("init").in_span("init", |_| ());
    snapstart.before_snapshot().await.unwrap();
    assert_eq!(function.only_span().name, "init");

    let [frozen, restored] = [&ids, &SnapStartIdGenerator::new()].map(IdGenerator::new_trace_id);
    assert_ne!(frozen, restored);
    for _ in 0..2 {
        snapstart.after_restore().await.unwrap();
        for cold in [true, false] {
            let echo = service_fn(async |event: LambdaEvent<Json>| Ok::<_, Error>(event.payload));
            function.invoke(&json!({}), echo).await.unwrap();
            let spans = function.spans();
            let last = spans.last().unwrap();
            assert_eq!(get(last, semconv::faas::COLDSTART), Some(cold.into()));
        }
    }
}

#[tokio::test]
#[allow(deprecated)] // The obsolete name is what is tested.
async fn tenant_init_duration_and_the_obsolete_execution_id_are_recorded() {
    let function = Function::new();
    let aliased = Instrumentation::builder(&function.provider, function.queue.clone())
        .with_execution_alias(true)
        .build();
    for instrumentation in [&function.instrumentation, &aliased] {
        let runtime = service_fn(async |_: LambdaInvocation| Ok::<_, Error>(()));
        let mut stack = instrumentation.invocation_layer().layer(runtime);
        for tenant in [Some("blue"), None] {
            let mut event = invocation(&json!({}));
            event.context.tenant_id = tenant.map(str::to_owned);
            stack.ready().await.unwrap().call(event).await.unwrap();
        }
    }
    let [plain, warm, aliased, _] = function.spans().try_into().unwrap();
    assert_eq!(
        get(&plain, semconv::lamplight::tenant::ID),
        Some("blue".into())
    );
    assert_eq!(get(&warm, semconv::lamplight::tenant::ID), None);
    assert!(get(&plain, semconv::lamplight::init::DURATION_MS).is_some());
    assert_eq!(get(&warm, semconv::lamplight::init::DURATION_MS), None);
    assert_eq!(get(&plain, semconv::faas::EXECUTION), None);
    assert_eq!(
        get(&aliased, semconv::faas::EXECUTION),
        get(&aliased, semconv::faas::INVOCATION_ID)
    );
}

#[test]
fn ids_can_be_given_to_a_provider() {
    let provider = SdkTracerProvider::builder()
        .with_id_generator(SnapStartIdGenerator::new())
        .build();
    let span = opentelemetry::trace::Tracer::start(&provider.tracer("test"), "span");
    assert!(opentelemetry::trace::Span::span_context(&span).is_valid());
}
