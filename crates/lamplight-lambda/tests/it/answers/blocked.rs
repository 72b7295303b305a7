//! Handlers that block their thread until their time is up.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Sender, channel},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::Instrumentation;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::{Value as Json, json};
use tower::{Layer, ServiceExt, service_fn};

use super::{function::MARGIN, real::Process};
use crate::common::invocation;

const MINUTE: Duration = Duration::from_secs(60);
/// The time of a function that is given up after a second.
const TIME: Duration = MARGIN.saturating_add(Duration::from_secs(1));

/// The function that blocks, on each flavor of runtime.
fn functions() -> [(&'static str, Process); 3] {
    ["current_thread", "multi_thread", "timeless"]
        .map(|flavor| (flavor, Process::start("block", flavor, "after-response")))
}

#[test]
fn a_handler_that_blocks_past_its_deadline_is_delivered_as_timeout() {
    let functions = functions();
    for (_, process) in &functions {
        // Its connection is one of the runtime that is blocked next.
        process.invoke(&json!({}), MINUTE);
        process.spans(1);
        process.invoke(&json!({"blocked": 600_000}), TIME);
    }
    for (flavor, process) in &functions {
        let spans = process.spans(2);
        assert_eq!(spans[0]["error.type"], Json::Null, "{flavor}");
        assert_eq!(spans[1]["error.type"], "timeout", "{flavor}");
        assert_eq!(spans[1]["name"], "orders");
        assert_eq!(process.answered(), 1, "it blocks");
    }
}

#[test]
fn a_handler_that_blocks_and_finishes_late_answers_and_the_next_is_as_ever() {
    let functions = functions();
    for (_, process) in &functions {
        process.invoke(&json!({"blocked": 5_000}), TIME);
        process.invoke(&json!({"blocked": 0}), MINUTE);
    }
    for (flavor, process) in &functions {
        let spans = process.spans(2);
        assert_eq!(spans[0]["error.type"], "timeout", "{flavor}");
        assert_eq!(spans[0]["test.late"], Json::Null, "it ends once");
        assert_eq!(spans[1]["error.type"], Json::Null, "{flavor}");
        assert_eq!(spans[1]["test.late"], "true");
        let answers = process.answers(2);
        assert!(answers.iter().all(|answer| !answer.is_error), "{answers:?}");
    }
}

#[test]
fn a_handler_that_blocks_and_is_in_time_is_no_timeout() {
    let process = Process::start("block", "current_thread", "after-response");
    for count in 1..=3 {
        process.invoke(&json!({"blocked": 100}), MINUTE);
        assert_eq!(process.spans(count)[count - 1]["error.type"], Json::Null);
    }
}

/// A destination that takes longer than a flush, by the clock of the runtime that flushes.
#[derive(Debug)]
struct Slow(Mutex<Sender<()>>);

impl SpanSink for Slow {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            self.0.lock().unwrap().send(()).unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
            Delivery::all(batch.len())
        })
    }
}

#[test]
fn a_delivery_that_is_cut_off_while_the_handler_blocks_comes_to_its_end_later() {
    const SHORT: Duration = Duration::from_millis(200);
    let (begin, begun) = channel();
    let queue = SpanQueue::new(Slow(Mutex::new(begin)));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_deadline_margin(SHORT)
        .with_flush_budget(Duration::from_millis(10))
        .build();
    let begun = Arc::new(Mutex::new(begun));
    let blocking = service_fn(move |_: LambdaInvocation| {
        let begun = begun.clone();
        async move {
            begun.lock().unwrap().recv_timeout(MINUTE).unwrap();
            Ok::<_, Error>(())
        }
    });
    let mut event = invocation(&json!({}));
    let deadline = (SystemTime::now() + 2 * SHORT).duration_since(UNIX_EPOCH);
    event.context.deadline = deadline.unwrap().as_millis() as u64;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stack = instrumentation.invocation_layer().layer(blocking);
        stack.oneshot(event).await.unwrap();
        let all = async {
            while queue.snapshot().delivered == 0 {
                queue.flush_ignoring_backoff().await;
            }
        };
        tokio::time::timeout(MINUTE, all).await.unwrap();
    });
    assert_eq!(queue.snapshot().failed, 0);
}
