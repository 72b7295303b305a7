//! Flushes in tasks that run concurrently with handlers.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use lamplight_export::{QueueSnapshot, SpanQueue};
use lamplight_internal::sync::lock;
use tokio::{runtime::Handle, task::JoinHandle, time::Instant};

use crate::timer::timeout;

/// The number of spans that a background flush delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// One batch.
    Batch,
    /// Everything that is queued when it starts.
    Everything,
}

/// The pause after a background flush that delivered no span: the destination is unreachable or overloaded,
/// and flushes are otherwise started at every step of a handler.
const REST: Duration = Duration::from_secs(1);

/// The time until which no background flush is started.
type Rest = Arc<Mutex<Option<Instant>>>;

/// A flush in a task that runs concurrently with a handler, so that neither waits for the other. Dropping it
/// ends the task; a delivery in flight continues in the next flush.
#[derive(Debug)]
pub(super) struct BackgroundFlush {
    task: JoinHandle<()>,
}

impl BackgroundFlush {
    /// Starts the task, which delivers for at most `limit`. Returns `None` outside a runtime.
    fn start(queue: SpanQueue, load: Load, limit: Duration, rest: Rest) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let task = runtime.spawn(async move {
            let before = queue.snapshot();
            let done = match load {
                Load::Batch => timeout(limit, queue.flush_batch()).await,
                Load::Everything => timeout(limit, queue.flush()).await,
            };
            // A delivery that was cut off is still in flight, and the next flush continues it. If nothing was
            // queued, because another flush was first, the destination's state is unknown.
            if done.is_some() && before.pending() > 0 && gone(before) == gone(queue.snapshot()) {
                *lock(&rest) = Some(Instant::now() + REST);
            }
        });
        Some(Self { task })
    }

    fn is_over(&self) -> bool {
        self.task.is_finished()
    }
}

/// Returns the number of spans that have left the queue through the sink.
fn gone(queue: QueueSnapshot) -> u64 {
    queue.delivered + queue.failed
}

impl Future for BackgroundFlush {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.task).poll(cx).map(|_| ())
    }
}

impl Drop for BackgroundFlush {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The background flushes of a function: at most one at a time, for all of its invocations.
#[derive(Debug, Default)]
pub(super) struct BackgroundFlushes {
    running: Mutex<Option<BackgroundFlush>>,
    rest: Rest,
}

impl BackgroundFlushes {
    /// Starts one, unless one is running, or the last one failed a moment ago.
    pub(super) fn start(&self, queue: &SpanQueue, load: Load, limit: Duration) {
        if limit.is_zero() || self.is_resting() || self.is_running() {
            return;
        }
        let flush = BackgroundFlush::start(queue.clone(), load, limit, self.rest.clone());
        // If two start at once, the second finds nothing that the first does not deliver.
        let before = self.exchange(flush);
        drop(before);
    }

    /// Takes the running one, to await or to drop it.
    pub(super) fn take(&self) -> Option<BackgroundFlush> {
        self.exchange(None).filter(|flush| !flush.is_over())
    }

    fn is_resting(&self) -> bool {
        lock(&self.rest).is_some_and(|until| Instant::now() < until)
    }

    fn is_running(&self) -> bool {
        let running = lock(&self.running);
        running.as_ref().is_some_and(|flush| !flush.is_over())
    }

    fn exchange(&self, flush: Option<BackgroundFlush>) -> Option<BackgroundFlush> {
        std::mem::replace(&mut *lock(&self.running), flush)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use lamplight_export::{Delivery, DeliveryFuture, SpanSink};
    use opentelemetry::trace::{Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};

    use super::*;

    /// Takes as many spans of each batch.
    #[derive(Debug, Clone)]
    struct Takes(usize, Arc<AtomicUsize>);

    impl SpanSink for Takes {
        fn deliver(self: Arc<Self>, mut batch: Vec<SpanData>) -> DeliveryFuture {
            self.1.fetch_add(1, Ordering::Relaxed);
            let taken = batch.drain(..self.0.min(batch.len())).len();
            let mut delivery = Delivery::all(taken);
            delivery.returned = batch;
            Box::pin(async { delivery })
        }
    }

    /// Returns how often the sink was asked while flushes were started at each of a hundred steps of a handler.
    async fn deliveries(flushes: &BackgroundFlushes, takes: usize) -> usize {
        let sink = Takes(takes, Arc::default());
        let queue = SpanQueue::new(sink.clone());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(queue.clone())
            .build();
        for _ in 0..100 {
            provider.tracer("test").in_span("span", |_| ());
        }
        for _ in 0..100 {
            flushes.start(&queue, Load::Everything, REST);
            tokio::task::yield_now().await;
        }
        sink.1.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_flush_in_vain_is_not_followed_by_another_one_at_each_step_of_a_handler() {
        let flushes = BackgroundFlushes::default();
        let empty = SpanQueue::new(Takes(0, Arc::default()));
        flushes.start(&empty, Load::Everything, REST);
        tokio::task::yield_now().await;
        assert_eq!(
            deliveries(&flushes, 0).await,
            1,
            "nothing was to be done before"
        );
        tokio::time::sleep(REST / 2).await;
        assert_eq!(deliveries(&flushes, 0).await, 0, "a moment later");
        tokio::time::sleep(REST).await;
        assert!(deliveries(&flushes, 1).await > 30, "it gets somewhere");
    }
}
