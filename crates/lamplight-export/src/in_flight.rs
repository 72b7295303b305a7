//! The delivery in flight, of which there is at most one. It is kept if a flush is cut off.

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

/// The number of flushes that may time out on a delivery, and the total wait, before it is given up.
/// Including the pauses after the third, this is more than half a minute, and longer than the 10 s that an
/// OTLP exporter allows for a request: its last attempt begins after at most a second, and the answer takes
/// up to another. The exporter counts that time as [`within`](crate::within) does, only while a flush waits,
/// and can therefore still answer.
const MAX_TIMEOUTS: u32 = 8;
const MAX_TIMED_OUT: Duration = Duration::from_secs(15);

/// The longest plausible poll of an asynchronous delivery, even on a fraction of a processor.
const BLOCKING_POLL: Duration = Duration::from_secs(1);

thread_local! {
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is inside a sink. A flush awaited there would wait for itself.
pub(crate) fn is_delivering() -> bool {
    DELIVERING.try_with(Cell::get).unwrap_or(false)
}

/// A sink, and its delivery in flight, if any.
pub(crate) struct InFlightExport {
    sink: Arc<dyn SpanSink>,
    attempt: Option<Attempt>,
    /// Log lines to write once the export is no longer locked.
    pub(crate) notices: Vec<Notice>,
}

/// A delivery in flight.
struct Attempt {
    delivery: DeliveryFuture,
    /// The size of the batch, so that every span is accounted for whatever the sink returns.
    spans: usize,
    bytes: usize,
    /// The number of flushes that have timed out on the delivery, and their total wait.
    timeouts: u32,
    waited: Duration,
}

/// The outcome of a batch of `bytes`.
pub(crate) struct Completed {
    pub(crate) delivery: Delivery,
    pub(crate) bytes: usize,
    /// True if a flush has timed out on it, which was counted as a failure.
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

    /// Passes the resource to the sink, which is not shared before the first delivery. A panic propagates to
    /// the caller that sets up telemetry.
    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        if let Some(sink) = Arc::get_mut(&mut self.sink) {
            sink.set_resource(resource);
        }
    }

    pub(crate) fn disconnect(&self) {
        guarded(|| self.sink.disconnect());
    }

    /// Starts the delivery of `batch`. Must only be called when idle.
    pub(crate) fn start(&mut self, batch: Batch) {
        let Batch { spans, bytes } = batch;
        let (sink, count) = (self.sink.clone(), spans.len());
        // A delivery that could not be started ends at the first poll, like one that panics there.
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

    /// Returns the result of the delivery in flight, if it is available.
    pub(crate) fn try_poll(&mut self) -> Option<Completed> {
        match self.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(completed) => completed,
            Poll::Pending => None,
        }
    }

    /// Polls the delivery in flight; `None` if there is none. Different flushes may poll it in turn.
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

    /// Counts a flush that has timed out on the delivery in flight. Returns the outcome if the delivery is
    /// thereby given up.
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

    /// Ends the delivery in flight with `answer`.
    fn complete(&mut self, answer: Delivery) -> Option<Completed> {
        let attempt = self.attempt.take()?;
        // Dropping the future can panic too.
        let _ = guarded(|| drop(attempt.delivery));
        Some(Completed {
            delivery: self.reconcile(answer, attempt.spans),
            bytes: attempt.bytes,
            timed_out: attempt.timeouts > 0,
        })
    }

    /// Passes `batch` to the sink's fallback, which does not use the destination.
    pub(crate) fn fall_back(&mut self, batch: Vec<SpanData>) -> Delivery {
        let count = batch.len();
        let answer = match guarded(|| self.sink.fall_back(batch)) {
            Some(delivery) => delivery,
            None => self.panicked(),
        };
        self.reconcile(answer, count)
    }

    /// Returns the result for a sink that panicked: no span was delivered. Another attempt may succeed, so
    /// the destination counts as unreachable.
    fn panicked(&mut self) -> Delivery {
        self.notices.push(Notice::Panicked);
        UNREACHABLE
    }

    /// Corrects a result so that it covers all `count` spans of a batch: spans that are neither delivered nor
    /// returned have failed, and excess ones are ignored.
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

/// The result of a sink that returned none; [`InFlightExport::reconcile`] counts its spans as failed.
const UNREACHABLE: Delivery = Delivery {
    delivered: 0,
    failed: 0,
    returned: Vec::new(),
    unreachable: true,
    retry_after: None,
};

/// Calls the sink, and returns `None` if it panicked. The call is not traced, whatever context is current,
/// and a panic does not reach the function.
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
            // The payload of a panic may panic again when it is dropped.
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
