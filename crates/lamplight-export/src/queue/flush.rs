//! A single flush of a queue: delivery, cut-off, and its log line.

use std::{
    future::poll_fn,
    task::Poll,
    time::{Duration, SystemTime},
};

use lamplight_internal::circuit_breaker::Transition;
use tokio::sync::MutexGuard;

use super::{Batch, SpanQueue, snapshot::QueueSnapshot};
use crate::{
    in_flight::{Completed, InFlightExport, is_delivering},
    notice::{Notice, is_logging, logging},
};

/// The shortest wait that counts as a failure if a flush is cut off during it.
const MIN_TIMEOUT: Duration = Duration::from_millis(50);

impl SpanQueue {
    /// Delivers the spans that are queued when it is called, except those that the sink returns. Does nothing
    /// during a [pause](crate::SpanQueueBuilder::with_max_pause), unless the queue has been shut down, and
    /// nothing inside a sink.
    ///
    /// The future may be dropped at any point without losing a span: a delivery in flight is kept and
    /// continues in the next flush. Bound it with a timeout: `tokio::time::timeout(budget, queue.flush())`. A
    /// flush waits for one that is already running, and then delivers only what that one left; of many
    /// concurrent flushes, the first two deliver everything.
    pub async fn flush(&self) {
        self.flush_all(false).await;
    }

    /// Delivers queued spans like [`flush`](Self::flush), but also during a pause. Use it if there may be no
    /// later flush, such as before the environment ends.
    pub async fn flush_ignoring_backoff(&self) {
        self.flush_all(true).await;
    }

    async fn flush_all(&self, ignore_backoff: bool) {
        if is_delivering() {
            return;
        }
        let log = FlushLog::begin(self);
        let end = self.state().end;
        let export = match !ignore_backoff && self.is_paused() {
            // There is no need to wait: the holder of the lock delivers for all.
            true => self.inner.export.try_lock().ok(),
            false => Some(self.inner.export.lock().await),
        };
        if let Some(export) = export {
            Flush::begin(self, export, end, ignore_backoff, log)
                .run(usize::MAX)
                .await;
        }
    }

    /// Delivers at most one batch: the delivery that a cut-off flush left in flight, otherwise the oldest
    /// spans. If a flush is running, it does nothing.
    ///
    /// The future may be dropped at any point, like that of [`flush`](Self::flush).
    pub async fn flush_batch(&self) {
        if is_delivering() {
            return;
        }
        let log = FlushLog::begin(self);
        if let Ok(export) = self.inner.export.try_lock() {
            Flush::begin(self, export, u64::MAX, false, log)
                .run(1)
                .await;
        }
    }
}

/// A running flush. Dropping it at any point leaves the queue, the delivery in flight and the counts
/// consistent for the next one.
struct Flush<'q> {
    queue: &'q SpanQueue,
    /// Present until the flush is dropped, which releases the export before logging.
    export: Option<MutexGuard<'q, InFlightExport>>,
    /// The position in the queue after the last span to deliver.
    end: u64,
    /// True if the flush ignores pauses.
    ignore_backoff: bool,
    log: Option<FlushLog>,
    /// The time at which the flush began to wait for the current delivery.
    waiting: Option<SystemTime>,
    outcome: Outcome,
}

/// The outcome of a flush, for the log.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    CutOff,
    Done,
    HandedBack,
    Paused,
}

impl<'q> Flush<'q> {
    fn begin(
        queue: &'q SpanQueue,
        export: MutexGuard<'q, InFlightExport>,
        end: u64,
        ignore_backoff: bool,
        log: Option<FlushLog>,
    ) -> Self {
        Self {
            queue,
            export: Some(export),
            end,
            ignore_backoff,
            log,
            waiting: None,
            outcome: Outcome::CutOff,
        }
    }

    fn is_paused(&self) -> bool {
        !self.ignore_backoff && self.queue.is_paused()
    }

    /// Delivers at most `batches` batches.
    async fn run(mut self, batches: usize) {
        if self.is_paused() {
            // Takes the result of an earlier delivery if it is available, without waiting.
            if let Some(completed) = self.export.as_mut().and_then(|export| export.try_poll()) {
                self.record(completed);
            }
            if self.is_paused() {
                self.fall_back();
                self.outcome = Outcome::Paused;
                return;
            }
        }
        // True for a delivery that an earlier flush left in flight.
        let mut is_resumed = !self.is_idle();
        let mut left = batches;
        self.outcome = loop {
            if self.is_idle() {
                let batch = match left {
                    0 => Batch::default(),
                    _ => self.queue.take(self.end),
                };
                if batch.spans.is_empty() {
                    break Outcome::Done;
                }
                if let Some(export) = &mut self.export {
                    export.start(batch);
                }
            }
            left = left.saturating_sub(1);
            let Some(completed) = self.complete().await else {
                break Outcome::Done;
            };
            // The result of an old attempt does not predict that of a new one.
            let try_anew = is_resumed && self.queue.is_destination_down();
            if !self.record(completed) {
                if !try_anew {
                    break Outcome::HandedBack;
                }
                left = left.max(1);
            }
            is_resumed = false;
        };
    }

    fn is_idle(&self) -> bool {
        self.export.as_ref().is_none_or(|export| export.is_idle())
    }

    /// Waits for the delivery in flight.
    async fn complete(&mut self) -> Option<Completed> {
        let completed = poll_fn(|cx| {
            let Some(export) = &mut self.export else {
                return Poll::Ready(None);
            };
            let polled = export.poll(cx);
            if polled.is_pending() {
                self.waiting.get_or_insert_with(|| self.queue.now());
            }
            polled
        });
        let completed = completed.await;
        self.waiting = None;
        completed
    }

    /// Passes waiting spans to the sink's fallback, which does not use the destination.
    fn fall_back(&mut self) {
        while let Some(export) = &mut self.export {
            let Batch { spans, bytes } = self.queue.take(self.end);
            if spans.is_empty() {
                return;
            }
            let delivery = export.fall_back(spans);
            if !self.queue.record(delivery, bytes) {
                return;
            }
        }
    }

    /// Records the outcome of a batch. Returns whether the next one can follow immediately.
    fn record(&mut self, completed: Completed) -> bool {
        let Completed {
            delivery,
            bytes,
            timed_out,
        } = completed;
        let (unreachable, retry_after) = (delivery.unreachable, delivery.retry_after);
        let go_on = self.queue.record(delivery, bytes);
        if !unreachable {
            self.note(self.queue.record_success());
        } else if !timed_out {
            self.note(self.queue.record_failure());
        }
        if let Some(length) = retry_after {
            self.queue.retry_after(length);
        }
        go_on && !unreachable
    }

    fn note(&mut self, transition: Transition) {
        let notice = match transition {
            Transition::None => return,
            Transition::Opened(length) => Notice::Paused(length, self.queue.max_pause()),
            Transition::Closed => Notice::Resumed,
        };
        if let Some(export) = &mut self.export {
            export.notices.push(notice);
        }
    }

    /// Counts the delivery in flight as timed out, if the flush was waiting for it when it ended.
    fn mark_timed_out(&mut self) {
        let Some(since) = self.waiting else { return };
        let waited = self.queue.now().duration_since(since).unwrap_or_default();
        if waited < MIN_TIMEOUT {
            return;
        }
        self.note(self.queue.record_failure());
        if let Some(export) = &mut self.export
            && let Some(Completed {
                delivery, bytes, ..
            }) = export.mark_timed_out(waited)
        {
            self.queue.record(delivery, bytes);
        }
    }
}

impl Drop for Flush<'_> {
    fn drop(&mut self) {
        self.mark_timed_out();
        let mut export = self.export.take();
        let notices = export
            .as_mut()
            .map(|export| std::mem::take(&mut export.notices));
        // A log line runs the code of subscribers, which may flush.
        drop(export);
        logging(|| {
            for notice in notices.into_iter().flatten() {
                notice.log();
            }
            self.queue.log_drops_now();
            if let Some(log) = self.log {
                log.end(self.queue, self.outcome);
            }
        });
    }
}

/// The log line about a flush, with the state before it.
#[derive(Clone, Copy)]
struct FlushLog {
    before: QueueSnapshot,
    began: SystemTime,
}

impl FlushLog {
    /// Returns `None` if the line is disabled. This calls the subscriber, so no lock may be held.
    fn begin(queue: &SpanQueue) -> Option<Self> {
        let is_read =
            !is_logging() && tracing::enabled!(target: "lamplight", tracing::Level::DEBUG);
        is_read.then(|| Self {
            before: queue.snapshot(),
            began: queue.now(),
        })
    }

    fn end(self, queue: &SpanQueue, outcome: Outcome) {
        let Self { before, began } = self;
        let took = queue.now().duration_since(began).unwrap_or_default();
        let after = queue.snapshot();
        tracing::debug!(
            target: "lamplight",
            end = ?outcome,
            took_ms = took.as_millis() as u64,
            delivered = after.delivered - before.delivered,
            failed = after.failed - before.failed,
            queued = after.pending(),
            delivered_so_far = after.delivered,
            failed_so_far = after.failed,
            dropped_so_far = after.dropped(),
            "flush"
        );
    }
}
