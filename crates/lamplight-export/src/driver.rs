//! Runs one delivery at a time and keeps it across interrupted flushes.

use crate::notice::Notice;
use crate::queue::Batch;
use crate::sink::{Delivery, DeliveryFuture, SpanSink};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// A delivery is given up when so many flushes have waited for it in vain, this long in all. With the
/// pauses after the third that is more than half a minute, and more than the 10 s that an OTLP exporter
/// gives a request, of which the last begins after a second and whose answer takes another. It counts
/// them as [`within`](crate::within) does, while somebody waits, and so can still answer.
pub(crate) const VAIN_WAITS: u32 = 8;
pub(crate) const VAIN_TIME: Duration = Duration::from_secs(15);

/// No step of an asynchronous delivery takes as long, even on a fraction of a processor.
const BLOCKING_STEP: Duration = Duration::from_secs(1);

thread_local! {
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is inside a sink. Whoever waits there for a flush waits for itself.
pub(crate) fn is_delivering() -> bool {
    DELIVERING.try_with(Cell::get).unwrap_or(false)
}

pub(crate) struct Driver {
    sink: Arc<dyn SpanSink>,
    running: Option<Running>,
    /// What there is to say, for when nobody holds the driver.
    pub(crate) notices: Vec<Notice>,
}

struct Running {
    delivery: DeliveryFuture,
    /// The size of the batch, to account for it whatever the sink answers.
    spans: usize,
    bytes: usize,
    /// How many flushes have waited for it in vain, and for how long.
    waits: u32,
    waited: Duration,
}

/// What became of a batch of so many bytes.
pub(crate) struct Settled {
    pub(crate) delivery: Delivery,
    pub(crate) bytes: usize,
    /// Whether a flush has waited for it in vain, and counted that as a failure.
    pub(crate) counted: bool,
}

impl Driver {
    pub(crate) fn new(sink: Arc<dyn SpanSink>) -> Self {
        Self {
            sink,
            running: None,
            notices: Vec::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_none()
    }

    /// Nothing else has the sink before the first delivery. A panic goes to whoever sets telemetry up.
    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        if let Some(sink) = Arc::get_mut(&mut self.sink) {
            sink.set_resource(resource);
        }
    }

    pub(crate) fn disconnect(&self) {
        guarded(|| self.sink.disconnect());
    }

    /// Begins to deliver `batch`. Only when idle.
    pub(crate) fn start(&mut self, batch: Batch) {
        let Batch { spans, bytes } = batch;
        let (sink, count) = (self.sink.clone(), spans.len());
        // A delivery that did not begin ends with the first poll, as one that panics there.
        let delivery = guarded(|| sink.deliver(spans)).unwrap_or_else(|| {
            Box::pin(async { resume_unwind(Box::new("the delivery did not begin")) })
        });
        self.running = Some(Running {
            delivery,
            spans: count,
            bytes,
            waits: 0,
            waited: Duration::ZERO,
        });
    }

    /// The answer of the delivery under way, if it is there by now.
    pub(crate) fn look(&mut self) -> Option<Settled> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(settled) => settled,
            Poll::Pending => None,
        }
    }

    /// Goes on with the delivery under way; `None` where there is none. It stays where it is, whoever
    /// polls next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Settled>> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(None);
        };
        let began = Instant::now();
        let polled = guarded(|| running.delivery.as_mut().poll(cx));
        if began.elapsed() >= BLOCKING_STEP {
            self.notices.push(Notice::Blocked);
        }
        let answer = match polled {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(delivery)) => delivery,
            None => self.panicked(),
        };
        Poll::Ready(self.settle(answer))
    }

    /// Notes that a flush has waited for the running delivery in vain. Returns what became of it if
    /// that was once too often.
    pub(crate) fn waited(&mut self, waited: Duration) -> Option<Settled> {
        let running = self.running.as_mut()?;
        running.waits += 1;
        running.waited += waited;
        if running.waits < VAIN_WAITS || running.waited < VAIN_TIME {
            return None;
        }
        self.notices.push(Notice::Abandoned);
        self.settle(UNREACHABLE)
    }

    /// Ends the running delivery with what is said of its spans.
    fn settle(&mut self, answer: Delivery) -> Option<Settled> {
        let running = self.running.take()?;
        // Its end can be as bad as the rest of it.
        let _ = guarded(|| drop(running.delivery));
        Some(Settled {
            delivery: self.complete(answer, running.spans),
            bytes: running.bytes,
            counted: running.waits > 0,
        })
    }

    /// What the sink does with `batch` without its destination.
    pub(crate) fn divert(&mut self, batch: Vec<SpanData>) -> Delivery {
        let count = batch.len();
        let answer = match guarded(|| self.sink.divert(batch)) {
            Some(delivery) => delivery,
            None => self.panicked(),
        };
        self.complete(answer, count)
    }

    /// The sink has panicked and answers for no span. That another delivery would do no better is not
    /// known, so it counts as one that did not reach its destination.
    fn panicked(&mut self) -> Delivery {
        self.notices.push(Notice::Panicked);
        UNREACHABLE
    }

    /// An answer for all `count` spans of a batch, also where the sink has forgotten some or made some
    /// up: what is neither delivered nor returned has failed.
    fn complete(&mut self, mut answer: Delivery, count: usize) -> Delivery {
        let open = count.saturating_sub(answer.returned.len());
        let delivered = answer.delivered.min(open);
        let failed = open - delivered;
        let is_wrong = (delivered, failed) != (answer.delivered, answer.failed);
        if is_wrong && !answer.unreachable {
            self.notices.push(Notice::Miscounted);
        }
        (answer.delivered, answer.failed) = (delivered, failed);
        answer
    }
}

/// The answer of a sink that gave none: of all spans, since [`Driver::complete`] counts them.
const UNREACHABLE: Delivery = Delivery {
    delivered: 0,
    failed: 0,
    returned: Vec::new(),
    unreachable: true,
    retry_after: None,
};

/// Calls the sink; `None` where that panicked. What it does is not traced, whoever flushes and whatever
/// context is current there, and its panic does not take the function down.
fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    struct Within(bool);
    impl Drop for Within {
        fn drop(&mut self) {
            let _ = DELIVERING.try_with(|delivering| delivering.set(self.0));
        }
    }
    let before = DELIVERING.try_with(|delivering| delivering.replace(true));
    let _within = Within(before.unwrap_or(false));
    let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // Whatever was thrown may throw again when it goes.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
            None
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("sink", &self.sink)
            .field("running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}
