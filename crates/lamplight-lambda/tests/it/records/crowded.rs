//! More spans in one invocation than the queue holds.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{
    FlushPolicy, Instrumentation,
    records::{self, Batch},
};
use lamplight_semconv as semconv;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::json;
use tower::{Layer, ServiceExt, service_fn};

use super::{SqsEvent, message, split};
use crate::common::{get, invocation};

/// A destination of a few milliseconds.
#[derive(Debug, Clone, Default)]
struct Healthy(Arc<Mutex<Vec<SpanData>>>);

impl SpanSink for Healthy {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let count = batch.len();
            self.0.lock().unwrap().extend(batch);
            Delivery::all(count)
        })
    }
}

fn instrumented(policy: FlushPolicy) -> (Healthy, SpanQueue, SdkTracerProvider, Instrumentation) {
    let sink = Healthy::default();
    let queue = SpanQueue::new(sink.clone());
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_policy(policy)
        .build();
    (sink, queue, provider, instrumentation)
}

/// The most that Lambda sends, handled without ever waiting for anything.
#[tokio::test(start_paused = true)]
async fn a_batch_of_10_000_loses_no_span_and_keeps_its_root() {
    const RECORDS: usize = 10_000;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let messages = vec![message("id", Some(trace)); RECORDS];
    let event = json!({ "Records": messages });
    for (policy, concurrency) in [
        (FlushPolicy::AfterResponse, 1),
        (FlushPolicy::AfterResponse, 16),
        (FlushPolicy::Adaptive, 1),
        (FlushPolicy::BeforeResponse, 1),
    ] {
        let (sink, queue, _provider, instrumentation) = instrumented(policy);
        let runtime = service_fn(move |event: LambdaInvocation| async move {
            let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
            let batch = Batch::new().with_concurrency(concurrency);
            batch.sqs(event, async |_| Ok::<_, Error>(())).await;
            Ok::<_, Error>(())
        });
        let stack = instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(invocation(&event)).await.unwrap();
        queue.flush().await;
        let stats = queue.snapshot();
        let seen = (stats.delivered as usize, stats.dropped(), stats.failed);
        assert_eq!(seen, (RECORDS + 1, 0, 0), "{policy:?}, {concurrency}");
        let spans = sink.0.lock().unwrap();
        let count = get(split(&spans).0, semconv::messaging::batch::MESSAGE_COUNT);
        assert_eq!(count, Some((RECORDS as i64).into()));
    }
}

/// A handler that makes many spans, and waits now and then as handlers do.
#[tokio::test(start_paused = true)]
async fn spans_go_home_beside_the_handler_when_the_queue_is_half_full() {
    let (_, queue, provider, instrumentation) = instrumented(FlushPolicy::AfterResponse);
    let tracer = provider.tracer("handler");
    let runtime = service_fn(move |_: LambdaInvocation| {
        let tracer = tracer.clone();
        async move {
            for _ in 0..20 {
                (0..500).for_each(|_| tracer.in_span("row", |_| ()));
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            Ok::<_, Error>(())
        }
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    stack.oneshot(invocation(&json!({}))).await.unwrap();
    assert_eq!(
        (queue.snapshot().delivered, queue.snapshot().dropped()),
        (10_001, 0)
    );
}

/// A destination that is away is waited for by no record.
#[tokio::test(start_paused = true)]
async fn records_are_held_up_for_the_flush_budget_at_most() {
    #[derive(Debug)]
    struct Hangs;
    impl SpanSink for Hangs {
        fn deliver(self: Arc<Self>, _: Vec<SpanData>) -> DeliveryFuture {
            Box::pin(std::future::pending())
        }
    }
    let queue = SpanQueue::new(Hangs);
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let budget = Duration::from_millis(400);
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_budget(budget)
        .build();
    let runtime = service_fn(async |event: LambdaInvocation| {
        let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
        records::sqs(event, async |_| Ok::<_, Error>(())).await;
        Ok::<_, Error>(())
    });
    let stack = instrumentation.invocation_layer().layer(runtime);
    let event = json!({ "Records": vec![message("id", None); 5_000] });
    let began = tokio::time::Instant::now();
    stack.oneshot(invocation(&event)).await.unwrap();
    // Once beside the records and once after the response.
    assert!(began.elapsed() <= 2 * budget + Duration::from_millis(5));
    let stats = queue.snapshot();
    assert_eq!(stats.pending() as u64 + stats.dropped(), 5_001);
}
