//! The times of delivery of spans, and the waiting that it causes.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaEvent, LambdaInvocation, streaming::Body};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{FlushPolicy, Instrumentation, Invocation};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, time::Instant};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::common::invocation;

/// An observed step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Handled,
    Posted,
    /// The sink has this many spans.
    Delivered(usize),
    /// The invocation is over.
    Over,
}
use Step::{Delivered, Handled, Over, Posted};

/// A function, with a sink that delivers when it is allowed to.
#[derive(Clone)]
struct Function {
    instrumentation: Instrumentation,
    queue: SpanQueue,
    steps: Arc<Mutex<Vec<Step>>>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Sink {
    steps: Arc<Mutex<Vec<Step>>>,
    permits: Arc<Semaphore>,
}

impl SpanSink for Sink {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            self.permits.acquire().await.unwrap().forget();
            self.steps.lock().unwrap().push(Delivered(batch.len()));
            Delivery::all(batch.len())
        })
    }
}

const OPEN: usize = 1_000;
const BUDGET: Duration = Duration::from_millis(700);

impl Function {
    /// Two spans are a batch.
    fn new(policy: FlushPolicy, permits: usize) -> Self {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let permits = Arc::new(Semaphore::new(permits));
        let sink = Sink {
            steps: steps.clone(),
            permits: permits.clone(),
        };
        let queue = SpanQueue::builder(sink).with_max_batch(2).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(queue.clone())
            .build();
        let instrumentation = Instrumentation::builder(&provider, queue.clone())
            .with_flush_policy(policy)
            .with_flush_budget(BUDGET)
            .build();
        Self {
            instrumentation,
            queue,
            steps,
            permits,
        }
    }

    /// With the adaptive policy and used to a steady pace, so that nothing waits.
    async fn at_a_steady_pace(permits: usize) -> Self {
        let function = Self::new(FlushPolicy::Adaptive, OPEN);
        for _ in 0..8 {
            function.echo().await;
            assert_eq!(function.take_steps(), [Handled, Posted, Delivered(1), Over]);
        }
        function.permits.forget_permits(OPEN);
        function.permits.add_permits(permits);
        function
    }

    async fn invoke(&self, event: LambdaInvocation, handler: Handler) {
        let handler = service_fn(move |_: LambdaEvent<Value>| handler());
        let layered = self
            .instrumentation
            .handler_layer::<Value, Body>()
            .layer(handler);
        let steps = self.steps.clone();
        let runtime = service_fn(move |event: LambdaInvocation| {
            let (mut layered, steps) = (layered.clone(), steps.clone());
            async move {
                let payload: Value = serde_json::from_slice(&event.body).unwrap();
                if payload == json!("not for the handler") {
                    steps.lock().unwrap().push(Posted);
                    return Ok(());
                }
                let _ = layered.call(LambdaEvent::new(payload, event.context)).await;
                steps.lock().unwrap().push(Posted);
                Ok::<_, Error>(())
            }
        });
        let stack = self.instrumentation.invocation_layer().layer(runtime);
        stack.oneshot(event).await.unwrap();
        self.steps.lock().unwrap().push(Over);
    }

    async fn echo(&self) {
        let steps = self.steps.clone();
        STEPS
            .scope(
                steps,
                self.invoke(invocation(&json!({})), || Box::pin(handle())),
            )
            .await;
    }

    fn take_steps(&self) -> Vec<Step> {
        std::mem::take(&mut *self.steps.lock().unwrap())
    }
}

type Handler = fn() -> Pin<Box<dyn Future<Output = Result<Value, Error>> + Send>>;

tokio::task_local! {
    static STEPS: Arc<Mutex<Vec<Step>>>;
}

async fn handle() -> Result<Value, Error> {
    // Lets concurrent tasks run.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    STEPS.with(|steps| steps.lock().unwrap().push(Handled));
    Ok(json!(null))
}

#[tokio::test]
async fn after_the_response_nothing_is_left() {
    let function = Function::new(FlushPolicy::AfterResponse, OPEN);
    for _ in 0..2 {
        function.echo().await;
        assert_eq!(function.take_steps(), [Handled, Posted, Delivered(1), Over]);
    }
}

#[tokio::test]
async fn before_the_response_everything_is_delivered() {
    let function = Function::new(FlushPolicy::BeforeResponse, OPEN);
    for _ in 0..2 {
        function.echo().await;
        assert_eq!(function.take_steps(), [Handled, Delivered(1), Posted, Over]);
    }
}

#[tokio::test]
async fn manual_is_when_the_function_says_so() {
    let function = Function::new(FlushPolicy::Manual, OPEN);
    for _ in 0..3 {
        function.echo().await;
        assert_eq!(function.take_steps(), [Handled, Posted, Over]);
    }
    function
        .invoke(invocation(&json!({})), || {
            Box::pin(async {
                Invocation::current().flush().await;
                Ok(json!(null))
            })
        })
        .await;
    assert_eq!(
        function.take_steps(),
        [Delivered(2), Delivered(1), Posted, Over]
    );
}

#[tokio::test]
async fn at_a_steady_pace_spans_wait_for_a_batch_that_goes_beside_a_handler() {
    let function = Function::at_a_steady_pace(OPEN).await;
    for _ in 0..2 {
        function.echo().await;
        assert_eq!(function.take_steps(), [Handled, Posted, Over]);
    }
    function.echo().await;
    assert_eq!(function.take_steps(), [Delivered(2), Handled, Posted, Over]);
}

#[tokio::test]
async fn the_response_does_not_wait_for_what_goes_beside_the_handler() {
    let test = async {
        let function = Function::at_a_steady_pace(0).await;
        function.echo().await;
        function.echo().await;
        function.take_steps();
        let (running, permits) = (function.clone(), function.permits.clone());
        let invoked = tokio::task::spawn_local(async move { running.echo().await });
        while !function.steps.lock().unwrap().contains(&Posted) {
            tokio::task::yield_now().await;
        }
        // A delivery that has begun is completed, after which the environment may be frozen.
        assert!(!invoked.is_finished());
        permits.add_permits(1);
        invoked.await.unwrap();
        assert_eq!(function.take_steps(), [Handled, Posted, Delivered(2), Over]);
    };
    tokio::task::LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_failure_is_delivered_at_once() {
    let function = Function::at_a_steady_pace(OPEN).await;
    function.echo().await;
    assert_eq!(function.take_steps(), [Handled, Posted, Over]);
    function
        .invoke(invocation(&json!({})), || {
            Box::pin(async {
                Invocation::current().set_status(Status::error("of its own"));
                Ok(json!(null))
            })
        })
        .await;
    assert_eq!(function.take_steps(), [Posted, Delivered(2), Over]);
    function
        .invoke(invocation(&json!({})), || {
            Box::pin(async { Err("failed".into()) })
        })
        .await;
    assert_eq!(function.take_steps(), [Posted, Delivered(1), Over]);
}

/// However an invocation is flushed, it is over after the budget, or before its deadline.
#[tokio::test(start_paused = true)]
async fn a_sink_that_hangs_costs_the_budget_or_what_the_deadline_leaves_and_no_span() {
    for (policy, given) in [
        (FlushPolicy::AfterResponse, 0),
        (FlushPolicy::Adaptive, 0),
        (FlushPolicy::BeforeResponse, 0),
        (FlushPolicy::Adaptive, 9),
        (FlushPolicy::Manual, 9),
    ] {
        for (left, longest) in [
            (Duration::from_secs(30), BUDGET),
            (Duration::from_millis(500), Duration::from_millis(400)),
        ] {
            let function = Function::new(policy, OPEN);
            for _ in 0..given {
                function.echo().await;
            }
            function.permits.forget_permits(OPEN);
            let mut event = invocation(&json!({}));
            let deadline = (SystemTime::now() + left)
                .duration_since(UNIX_EPOCH)
                .unwrap();
            event.context.deadline = deadline.as_millis() as u64;
            let started = Instant::now();
            let handler: Handler = || {
                Box::pin(async {
                    Invocation::current().set_status(Status::error(""));
                    Ok(json!(null))
                })
            };
            let flushing: Handler = || {
                Box::pin(async {
                    Invocation::current().flush().await;
                    Ok(json!(null))
                })
            };
            let is_manual = policy == FlushPolicy::Manual;
            let handler = if is_manual { flushing } else { handler };
            function.invoke(event, handler).await;
            let took = started.elapsed();
            assert!(took <= longest, "{policy:?}, {left:?} left: {took:?}");
            assert!(
                took > longest - Duration::from_millis(100),
                "{policy:?}, {left:?} left: {took:?} is no hang"
            );

            function.permits.add_permits(OPEN);
            function.queue.flush().await;
            let stats = function.queue.snapshot();
            let all = (given + 1, 0, 0);
            assert_eq!((stats.delivered, stats.pending(), stats.dropped()), all);
        }
    }
}

/// Workers of one environment finish at the same time: of those the last waits, since nothing keeps the
/// environment from being frozen after it.
#[tokio::test]
async fn one_flush_serves_all_workers_and_holds_up_no_response() {
    let test = async {
        let function = Function::new(FlushPolicy::AfterResponse, 0);
        let workers: Vec<_> = (0..16)
            .map(|_| {
                let function = function.clone();
                tokio::task::spawn_local(async move { function.echo().await })
            })
            .collect();
        let posted = || {
            let steps = function.steps.lock().unwrap();
            steps.iter().filter(|step| **step == Posted).count()
        };
        while posted() < 16 {
            tokio::task::yield_now().await;
        }
        let waiting = || {
            workers
                .iter()
                .filter(|worker| !worker.is_finished())
                .count()
        };
        while waiting() > 1 {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert_eq!(waiting(), 1);
        }
        // One that was under way with the first span or two, and batches of two.
        function.permits.add_permits(9);
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(function.queue.snapshot().delivered, 16);
    };
    tokio::task::LocalSet::new().run_until(test).await;
}

/// Returns the delay of the next event after each of these invocations, whose handler takes 100 ms.
async fn waits(policy: FlushPolicy, destination: Duration, invocations: usize) -> Vec<Duration> {
    #[derive(Debug)]
    struct Slow(Duration);
    impl SpanSink for Slow {
        fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
            Box::pin(async move {
                tokio::time::sleep(self.0).await;
                Delivery::all(batch.len())
            })
        }
    }
    let queue = SpanQueue::new(Slow(destination));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue)
        .with_flush_policy(policy)
        .build();
    let handler = Duration::from_millis(100);
    let runtime = service_fn(move |_: LambdaInvocation| async move {
        tokio::time::sleep(handler).await;
        Ok::<_, Error>(())
    });
    let mut stack = instrumentation.invocation_layer().layer(runtime);
    let mut waits = Vec::new();
    for _ in 0..invocations {
        let began = Instant::now();
        let event = invocation(&json!({}));
        stack.ready().await.unwrap().call(event).await.unwrap();
        waits.push(began.elapsed() - handler);
    }
    waits
}

#[tokio::test(start_paused = true)]
async fn with_the_adaptive_policy_a_slow_destination_never_delays_two_events_in_a_row() {
    for destination in [300, 700, 1_500, 10_000].map(Duration::from_millis) {
        let waits = waits(FlushPolicy::Adaptive, destination, 60).await;
        let long = Duration::from_millis(50);
        let in_a_row = waits
            .windows(2)
            .filter(|two| two.iter().all(|it| *it >= long));
        assert_eq!(in_a_row.count(), 0, "{destination:?}: {waits:?}");
        // Once the pace is known, only what has begun is waited for.
        let later = &waits[8..];
        let longest = later.iter().max().unwrap();
        assert!(
            *longest <= Duration::from_millis(101),
            "{destination:?}: {waits:?}"
        );
    }
    let quick = waits(FlushPolicy::Adaptive, Duration::from_millis(20), 60).await;
    assert_eq!(quick[8..].iter().max(), Some(&Duration::ZERO), "{quick:?}");
}

#[tokio::test]
async fn what_the_handler_does_not_answer_is_delivered_after_the_answer() {
    let function = Function::new(FlushPolicy::BeforeResponse, OPEN);
    let event = invocation(&json!("not for the handler"));
    function
        .invoke(event, || Box::pin(async { Ok(json!(null)) }))
        .await;
    assert_eq!(function.take_steps(), [Posted, Delivered(1), Over]);
}

/// A destination that takes its time, and what it was given.
#[derive(Debug)]
struct Slow(Arc<Mutex<Vec<SpanData>>>);

impl SpanSink for Slow {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(40)).await;
            let spans = batch.len();
            self.0.lock().unwrap().extend(batch);
            Delivery::all(spans)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_tells_how_long_the_flush_before_it_held_the_environment() {
    let delivered = Arc::new(Mutex::new(Vec::new()));
    let queue = SpanQueue::new(Slow(delivered.clone()));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue).build();
    let posted = service_fn(|_: LambdaInvocation| async { Ok::<_, Error>(()) });
    let service = instrumentation.invocation_layer().layer(posted);
    for _ in 0..2 {
        let body = json!({});
        service.clone().oneshot(invocation(&body)).await.unwrap();
    }
    let delivered = delivered.lock().unwrap();
    let held: Vec<_> = delivered
        .iter()
        .map(|span| {
            let key = lamplight_semconv::lamplight::previous_flush::DURATION_MS;
            let mut attributes = span.attributes.iter();
            let found = attributes.find(|it| it.key.as_str() == key);
            found.map(|it| it.value.to_string())
        })
        .collect();
    assert!(
        matches!(&held[..], [None, Some(held)] if held.starts_with("40") || held.starts_with("41")),
        "{held:?}"
    );
}
