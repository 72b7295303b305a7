//! Every span that starts is delivered or counted as lost, whatever is dropped or panics.

use std::{
    fmt,
    future::{Future, pending},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{
    AttributeLimitProcessor, FlushPolicy, Instrumentation, OpenSpanProcessor, records::Batch,
};
use opentelemetry::{
    Context,
    trace::{Span as _, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use proptest::prelude::*;
use serde_json::json;
use tower::{Layer, Service, service_fn};

use super::{SqsEvent, SqsMessage, message};
use crate::common::invocation;

/// The action of a record's handler.
#[derive(Debug, Clone, Copy)]
enum Record {
    Succeeds,
    Fails,
    FailsUnspeakably,
    PanicsWhenCalled,
    PanicsLater,
    Waits(u8),
    Hangs,
}

/// The treatment of a batch by a sink.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Delivers,
    Returns,
    Refuses,
    Forgets,
    PanicsAtOnce,
    PanicsLater,
    Waits(u8),
}

#[derive(Debug, Clone)]
struct Plan {
    records: Vec<Record>,
    concurrency: usize,
    /// After how many polls each of the invocations is dropped.
    invocations: Vec<Option<u8>>,
    answers: Vec<Answer>,
    places: usize,
    policy: FlushPolicy,
    event_span: bool,
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        Just(Record::Succeeds),
        Just(Record::Fails),
        Just(Record::FailsUnspeakably),
        Just(Record::PanicsWhenCalled),
        Just(Record::PanicsLater),
        (0..4_u8).prop_map(Record::Waits),
        Just(Record::Hangs),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        4 => Just(Answer::Delivers),
        1 => Just(Answer::Returns),
        1 => Just(Answer::Refuses),
        1 => Just(Answer::Forgets),
        1 => Just(Answer::PanicsAtOnce),
        1 => Just(Answer::PanicsLater),
        2 => (0..4_u8).prop_map(Answer::Waits),
    ]
}

prop_compose! {
    fn plan()(
        records in prop::collection::vec(record(), 1..8),
        concurrency in 1..4_usize,
        invocations in prop::collection::vec(prop::option::of(0..12_u8), 1..4),
        answers in prop::collection::vec(answer(), 1..6),
        places in 1..24_usize,
        policy in prop::sample::select(vec![
            FlushPolicy::AfterResponse,
            FlushPolicy::Adaptive,
            FlushPolicy::BeforeResponse,
            FlushPolicy::Manual,
        ]),
        event_span: bool,
    ) -> Plan {
        Plan { records, concurrency, invocations, answers, places, policy, event_span }
    }
}

/// Counts what starts, and what ends.
#[derive(Debug, Clone, Default)]
struct Count(Arc<[AtomicU64; 2]>);

impl SpanProcessor for Count {
    fn on_start(&self, _: &mut Span, _: &Context) {
        self.0[0].fetch_add(1, Ordering::Relaxed);
    }
    fn on_end(&self, _: SpanData) {
        self.0[1].fetch_add(1, Ordering::Relaxed);
    }
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[derive(Debug)]
struct Sink {
    answers: Vec<Answer>,
    next: AtomicUsize,
}

impl SpanSink for Sink {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers[next % self.answers.len()];
        if matches!(answer, Answer::PanicsAtOnce) {
            panic!("told to panic");
        }
        Box::pin(async move {
            if let Answer::Waits(times) = answer {
                for _ in 0..times {
                    tokio::task::yield_now().await;
                }
            }
            match answer {
                Answer::PanicsLater => panic!("told to panic"),
                Answer::Delivers | Answer::Waits(_) => Delivery::all(batch.len()),
                Answer::Forgets => Delivery::default(),
                Answer::Returns => Delivery::returned(batch).with_unreachable(),
                Answer::Refuses | Answer::PanicsAtOnce => Delivery::failed(batch.len()),
            }
        })
    }
}

/// An error that can be said, or not.
struct Failure(bool);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(self.0, "told to panic");
        f.write_str("told to fail")
    }
}

type Handling = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

fn handle(record: Record, tracer: SdkTracer) -> Handling {
    if matches!(record, Record::PanicsWhenCalled) {
        panic!("told to panic");
    }
    Box::pin(async move {
        // A span of the function's own, open over all that.
        let _own = tracer.start("own");
        match record {
            Record::Waits(times) => {
                for _ in 0..times {
                    tokio::task::yield_now().await;
                }
            }
            Record::Hangs => pending().await,
            Record::PanicsLater => panic!("told to panic"),
            Record::Fails => return Err(Failure(true)),
            Record::FailsUnspeakably => return Err(Failure(false)),
            Record::Succeeds | Record::PanicsWhenCalled => {}
        }
        tracer.start("another").end();
        Ok(())
    })
}

/// Gives what started, what ended, and the queue.
async fn execute(plan: &Plan) -> (u64, u64, SpanQueue) {
    let sink = Sink {
        answers: plan.answers.clone(),
        next: AtomicUsize::new(0),
    };
    let queue = SpanQueue::builder(sink)
        .with_max_spans(plan.places)
        .with_max_batch(3)
        .build();
    let count = Count::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(count.clone())
        .with_span_processor(OpenSpanProcessor::new(AttributeLimitProcessor::new(
            queue.clone(),
        )))
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_policy(plan.policy)
        .with_event_span(plan.event_span)
        .build();
    let tracer = provider.tracer("handler");
    let (records, concurrency) = (plan.records.clone(), plan.concurrency);
    let runtime = service_fn(move |event: LambdaInvocation| {
        let (records, tracer) = (records.clone(), tracer.clone());
        async move {
            let event: SqsEvent = serde_json::from_slice(&event.body).unwrap();
            let handler = |message: SqsMessage| {
                let position: usize = message.message_id.unwrap().parse().unwrap();
                handle(records[position], tracer.clone())
            };
            let batch = Batch::new().with_concurrency(concurrency);
            batch.sqs(event, handler).await;
            Ok::<_, Error>(())
        }
    });
    let mut stack = instrumentation.invocation_layer().layer(runtime);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let messages: Vec<_> = (0..plan.records.len())
        .map(|position| message(&position.to_string(), (position % 2 == 0).then_some(trace)))
        .collect();
    let event = json!({ "Records": messages });
    for polls in &plan.invocations {
        let call = stack.call(invocation(&event));
        // An hour is over at once here, and long after the deadline.
        let limit = Duration::from_secs(3_600);
        match polls {
            None => drop(tokio::time::timeout(limit, call).await),
            Some(polls) => {
                let mut call = Box::pin(call);
                for _ in 0..*polls {
                    tokio::select! {
                        biased;
                        _ = &mut call => break,
                        () = tokio::task::yield_now() => {}
                    }
                }
            }
        }
    }
    drop(stack);
    let [started, ended] = count.0.each_ref().map(|it| it.load(Ordering::Relaxed));
    queue.flush_ignoring_backoff().await;
    (started, ended, queue)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_span_that_starts_is_delivered_or_counted(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let (started, ended, queue) = runtime.block_on(execute(&plan));
        prop_assert_eq!(started, ended, "a span that never ends is lost and not counted");
        let stats = queue.snapshot();
        let settled = stats.delivered + stats.dropped() + stats.failed + stats.pending() as u64;
        prop_assert_eq!(settled, started, "{:?}", stats);
        prop_assert!(stats.pending() <= plan.places);
    }
}
