//! One delivery at a time, which is kept when a flush is cut off.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::{
    notice::Notice,
    queue::Batch,
    sink::{Delivery, DeliveryFuture, SpanSink},
};

/// A delivery is given up when so many flushes have timed out on it, after this long in all. With the
/// pauses after the third that is more than half a minute, and more than the 10 s that an OTLP exporter
/// gives a request, of which the last begins after a second and whose answer takes another. It counts
/// them as [`within`](crate::within) does, while somebody waits, and so can still answer.
const MAX_TIMEOUTS: u32 = 8;
const MAX_TIMED_OUT: Duration = Duration::from_secs(15);

/// A poll of an asynchronous delivery never takes as long, even on a fraction of a processor.
const BLOCKING_POLL: Duration = Duration::from_secs(1);

thread_local! {
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is inside a sink. Whoever waits there for a flush waits for itself.
pub(crate) fn is_delivering() -> bool {
    DELIVERING.try_with(Cell::get).unwrap_or(false)
}

/// A sink, and the delivery that it has under way, if any.
pub(crate) struct InFlightExport {
    sink: Arc<dyn SpanSink>,
    attempt: Option<Attempt>,
    /// What there is to log, for when nobody holds the export.
    pub(crate) notices: Vec<Notice>,
}

/// A delivery under way.
struct Attempt {
    delivery: DeliveryFuture,
    /// The size of the batch, to account for it whatever the sink answers.
    spans: usize,
    bytes: usize,
    /// How many flushes have timed out on it, and how long they waited.
    timeouts: u32,
    waited: Duration,
}

/// What became of a batch of so many bytes.
pub(crate) struct Completed {
    pub(crate) delivery: Delivery,
    pub(crate) bytes: usize,
    /// Whether a flush has timed out on it, which has counted as a failure.
    pub(crate) timed_out: bool,
}

impl InFlightExport {
    pub(crate) fn new(sink: Arc<dyn SpanSink>) -> Self {
        Self {
            sink,
            attempt: None,
            notices: Vec::new(),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.attempt.is_none()
    }

    /// Hands the resource to the sink, which nothing else has before the first delivery. A panic goes to
    /// whoever sets telemetry up.
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
        self.attempt = Some(Attempt {
            delivery,
            spans: count,
            bytes,
            timeouts: 0,
            waited: Duration::ZERO,
        });
    }

    /// Returns the answer of the delivery under way, if it is there by now.
    pub(crate) fn try_poll(&mut self) -> Option<Completed> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(completed) => completed,
            Poll::Pending => None,
        }
    }

    /// Polls the delivery under way; `None` where there is none. It stays where it is, whoever polls next.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Completed>> {
        let Some(attempt) = &mut self.attempt else {
            return Poll::Ready(None);
        };
        let began = Instant::now();
        let polled = guarded(|| attempt.delivery.as_mut().poll(cx));
        if began.elapsed() >= BLOCKING_POLL {
            self.notices.push(Notice::Blocked);
        }
        let answer = match polled {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(delivery)) => delivery,
            None => self.panicked(),
        };
        Poll::Ready(self.complete(answer))
    }

    /// Counts a flush that has waited for the delivery under way in vain. Returns what became of it if
    /// that was once too often.
    pub(crate) fn mark_timed_out(&mut self, waited: Duration) -> Option<Completed> {
        let attempt = self.attempt.as_mut()?;
        attempt.timeouts += 1;
        attempt.waited += waited;
        if attempt.timeouts < MAX_TIMEOUTS || attempt.waited < MAX_TIMED_OUT {
            return None;
        }
        self.notices.push(Notice::Abandoned {
            timeouts: MAX_TIMEOUTS,
            waited: MAX_TIMED_OUT,
        });
        self.complete(UNREACHABLE)
    }

    /// Ends the delivery under way with `answer`.
    fn complete(&mut self, answer: Delivery) -> Option<Completed> {
        let attempt = self.attempt.take()?;
        // Dropping it can panic as well.
        let _ = guarded(|| drop(attempt.delivery));
        Some(Completed {
            delivery: self.reconcile(answer, attempt.spans),
            bytes: attempt.bytes,
            timed_out: attempt.timeouts > 0,
        })
    }

    /// Lets the sink handle `batch` without its destination.
    pub(crate) fn fall_back(&mut self, batch: Vec<SpanData>) -> Delivery {
        let count = batch.len();
        let answer = match guarded(|| self.sink.fall_back(batch)) {
            Some(delivery) => delivery,
            None => self.panicked(),
        };
        self.reconcile(answer, count)
    }

    /// Returns the answer of a sink that has panicked: none for any span. That another delivery would do no
    /// better is not known, so it counts as one that did not reach its destination.
    fn panicked(&mut self) -> Delivery {
        self.notices.push(Notice::Panicked);
        UNREACHABLE
    }

    /// Returns an answer for all `count` spans of a batch, also where the sink has forgotten some or made
    /// some up: what is neither delivered nor returned has failed.
    fn reconcile(&mut self, mut answer: Delivery, count: usize) -> Delivery {
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

/// The answer of a sink that gave none: of all spans, since [`InFlightExport::reconcile`] counts them.
const UNREACHABLE: Delivery = Delivery {
    delivered: 0,
    failed: 0,
    returned: Vec::new(),
    unreachable: true,
    retry_after: None,
};

/// Calls the sink, and returns `None` where that panicked. What it does is not traced, whoever flushes and whatever
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

impl fmt::Debug for InFlightExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlightExport")
            .field("sink", &self.sink)
            .field("is_idle", &self.is_idle())
            .finish_non_exhaustive()
    }
}
