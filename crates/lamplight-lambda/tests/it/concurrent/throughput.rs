//! The throughput of concurrent workers, in virtual time, which is the same on every machine.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Error, LambdaInvocation};
use lamplight_export::{Delivery, DeliveryFuture, SpanQueue, SpanSink};
use lamplight_lambda::{FlushPolicy, Instrumentation};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::common::invocation;

const WORKERS: usize = 16;
const WORK: Duration = Duration::from_millis(5);
const MEASURED: Duration = Duration::from_secs(4);

/// A destination that answers after a while.
#[derive(Debug, Clone)]
struct Destination(Duration);

impl SpanSink for Destination {
    fn deliver(self: Arc<Self>, batch: Vec<SpanData>) -> DeliveryFuture {
        Box::pin(async move {
            sleep(self.0).await;
            Delivery::all(batch.len())
        })
    }
}

fn event(left: Duration) -> LambdaInvocation {
    let mut event = invocation(&json!({}));
    let deadline = (SystemTime::now() + left).duration_since(UNIX_EPOCH);
    event.context.deadline = deadline.unwrap().as_millis() as u64;
    event
}

/// Returns the number of invocations that the workers complete. Each is a task with a clone of the stack, as
/// in `run_concurrent`.
async fn invocations<S>(stack: S) -> usize
where
    S: Service<LambdaInvocation, Response = (), Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    let end = Instant::now() + MEASURED;
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let mut stack = stack.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while Instant::now() < end {
                    let event = event(Duration::from_secs(30));
                    stack.ready().await.unwrap().call(event).await.unwrap();
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0;
    for worker in workers {
        done += worker.await.unwrap();
    }
    done
}

fn instrumented(policy: FlushPolicy, destination: Duration) -> (SpanQueue, Instrumentation) {
    let queue = SpanQueue::new(Destination(destination));
    let provider = SdkTracerProvider::builder()
        .with_span_processor(queue.clone())
        .build();
    let instrumentation = Instrumentation::builder(&provider, queue.clone())
        .with_flush_policy(policy)
        .build();
    (queue, instrumentation)
}

fn is_as_good(done: usize, bare: usize) -> bool {
    done * 20 >= bare * 19
}

#[tokio::test(start_paused = true)]
async fn workers_get_as_much_done_as_without_telemetry_however_slow_the_destination_is() {
    let runtime = service_fn(async |_: LambdaInvocation| {
        sleep(WORK).await;
        Ok::<_, Error>(())
    });
    let bare = invocations(runtime).await;
    assert!(bare >= WORKERS * 700, "{bare}");
    for policy in [FlushPolicy::AfterResponse, FlushPolicy::Adaptive] {
        for destination in [0, 50, 200].map(Duration::from_millis) {
            let (queue, instrumentation) = instrumented(policy, destination);
            let stack = instrumentation.invocation_layer().layer(runtime);
            let done = invocations(stack).await;
            assert!(
                is_as_good(done, bare),
                "{policy:?}, {destination:?}: {done} of {bare}"
            );
            queue.flush().await;
            let stats = queue.snapshot();
            assert_eq!((stats.pending(), stats.failed), (0, 0));
            assert_eq!(stats.delivered + stats.dropped(), done as u64);
            // One batch of 512 in 200 ms is less than what these workers make.
            let keeps_up = destination <= Duration::from_millis(50);
            assert!(
                !keeps_up || stats.dropped() == 0,
                "{policy:?}, {destination:?}: {stats:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_and_a_destination_that_hangs_hold_up_no_other_worker() {
    let runtime = service_fn(async |event: LambdaInvocation| {
        let hangs = event.body.as_ref() == b"\"hang\"";
        sleep(if hangs {
            Duration::from_secs(600)
        } else {
            WORK
        })
        .await;
        Ok::<_, Error>(())
    });
    let bare = invocations(runtime).await;
    let (queue, instrumentation) =
        instrumented(FlushPolicy::AfterResponse, Duration::from_secs(3_600));
    let stack = instrumentation.invocation_layer().layer(runtime);
    let mut hanging = event(Duration::from_secs(1));
    hanging.body = "\"hang\"".into();
    let hung = tokio::spawn(stack.clone().oneshot(hanging));
    let done = invocations(stack).await;
    assert!(is_as_good(done, bare), "{done} of {bare}");
    assert!(!hung.is_finished());
    let (pending, dropped) = (queue.snapshot().pending(), queue.snapshot().dropped());
    assert_eq!(pending as u64 + dropped, done as u64 + 1, "each is counted");
    hung.abort();
}
