use crate::timer::timeout;
use lamplight_export::{QueueSnapshot, SpanQueue};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How much a [`Ride`] delivers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Load {
    /// One batch.
    Batch,
    /// What is queued when it starts.
    Everything,
}

/// How long no ride is started when one was over without having got rid of a span: its destination is
/// away, or takes no more for now, and whoever starts rides does so at each step of a handler.
const REST: Duration = Duration::from_secs(1);

/// Until when no ride is started.
type Rest = Arc<Mutex<Option<Instant>>>;

/// A flush beside a handler: a task of its own, so that neither waits for the other. It ends with the
/// `Ride`, and what it leaves under way stays where it is.
#[derive(Debug)]
pub(crate) struct Ride {
    task: JoinHandle<()>,
}

impl Ride {
    /// Delivers for at most `limit`. `None` outside a runtime.
    fn start(queue: SpanQueue, load: Load, limit: Duration, rest: Rest) -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        let task = runtime.spawn(async move {
            let before = queue.snapshot();
            let done = match load {
                Load::Batch => timeout(limit, queue.flush_batch()).await,
                Load::Everything => timeout(limit, queue.flush()).await,
            };
            // What was cut off is on its way, and the next ride goes on with it. Where nothing
            // waited, because somebody else had flushed, nothing is known.
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

/// How many spans the sink has got rid of.
fn gone(queue: QueueSnapshot) -> u64 {
    queue.delivered + queue.failed
}

impl Future for Ride {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.task).poll(cx).map(|_| ())
    }
}

impl Drop for Ride {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The ride of a function: one at a time, whichever of its invocations it began beside.
#[derive(Debug, Default)]
pub(crate) struct Rides {
    running: Mutex<Option<Ride>>,
    rest: Rest,
}

impl Rides {
    /// Starts one, unless one is under way, or the last one was in vain a moment ago.
    pub(crate) fn start(&self, queue: &SpanQueue, load: Load, limit: Duration) {
        if limit.is_zero() || self.is_resting() || self.is_running() {
            return;
        }
        let ride = Ride::start(queue.clone(), load, limit, self.rest.clone());
        // Of two that start at once the second waits for nothing that the first does not do.
        let before = self.exchange(ride);
        drop(before);
    }

    /// The one under way, to wait for it or to end it.
    pub(crate) fn take(&self) -> Option<Ride> {
        self.exchange(None).filter(|ride| !ride.is_over())
    }

    fn is_resting(&self) -> bool {
        lock(&self.rest).is_some_and(|until| Instant::now() < until)
    }

    fn is_running(&self) -> bool {
        let running = lock(&self.running);
        running.as_ref().is_some_and(|ride| !ride.is_over())
    }

    fn exchange(&self, ride: Option<Ride>) -> Option<Ride> {
        std::mem::replace(&mut *lock(&self.running), ride)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lamplight_export::{Delivery, DeliveryFuture, SpanSink};
    use opentelemetry::trace::{Tracer, TracerProvider};
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Takes as many spans of each batch.
    #[derive(Clone, Debug)]
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

    /// How often the sink was asked while rides were started at each of a hundred steps of a handler.
    async fn deliveries(rides: &Rides, takes: usize) -> usize {
        let sink = Takes(takes, Arc::default());
        let queue = SpanQueue::new(sink.clone());
        let provider = SdkTracerProvider::builder()
            .with_span_processor(queue.clone())
            .build();
        for _ in 0..100 {
            provider.tracer("test").in_span("span", |_| ());
        }
        for _ in 0..100 {
            rides.start(&queue, Load::Everything, REST);
            tokio::task::yield_now().await;
        }
        sink.1.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_ride_in_vain_is_not_followed_by_another_one_at_each_step_of_a_handler() {
        let rides = Rides::default();
        let empty = SpanQueue::new(Takes(0, Arc::default()));
        rides.start(&empty, Load::Everything, REST);
        tokio::task::yield_now().await;
        assert_eq!(
            deliveries(&rides, 0).await,
            1,
            "nothing was to be done before"
        );
        tokio::time::sleep(REST / 2).await;
        assert_eq!(deliveries(&rides, 0).await, 0, "a moment later");
        tokio::time::sleep(REST).await;
        assert!(deliveries(&rides, 1).await > 30, "it gets somewhere");
    }
}
