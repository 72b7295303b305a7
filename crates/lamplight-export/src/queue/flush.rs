//! One flush of a queue: what it delivers, when it gives up, and the line it leaves in the log.

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

/// The shortest wait that counts as a failure when a flush is cut off in it.
const MIN_TIMEOUT: Duration = Duration::from_millis(50);

impl SpanQueue {
    /// Delivers what is queued when it is called, unless the sink hands spans back. Does nothing
    /// during a [pause](crate::SpanQueueBuilder::with_max_pause), unless the queue has been shut down; nor
    /// inside a sink.
    ///
    /// Dropping the future is safe at any point and loses nothing: a delivery under way is kept
    /// and goes on in the next flush. Bound it with a timeout:
    /// `tokio::time::timeout(budget, queue.flush())`. A flush that finds another one running waits
    /// for it, and then delivers only what that one left: of many that come at once the first two
    /// deliver everything.
    pub async fn flush(&self) {
        self.flush_all(false).await;
    }

    /// Delivers what is queued as [`flush`](Self::flush) does, but during a pause too: for when there may be
    /// no later, such as before the environment ends.
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
            // There is nothing to wait for: whoever holds it is trying for all.
            true => self.inner.export.try_lock().ok(),
            false => Some(self.inner.export.lock().await),
        };
        if let Some(export) = export {
            Flush::begin(self, export, end, ignore_backoff, log)
                .run(usize::MAX)
                .await;
        }
    }

    /// Delivers one batch at most: what a cut-off flush left under way, or else the oldest spans. Where
    /// a flush is running, it leaves everything to that.
    ///
    /// The future can be dropped at any point, as that of [`flush`](Self::flush).
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

/// A flush under way. Dropping it anywhere leaves the queue, the delivery under way and the counts
/// as they have to be for the next one.
struct Flush<'q> {
    queue: &'q SpanQueue,
    /// There until the flush is dropped, which logs when it has let go of the export.
    export: Option<MutexGuard<'q, InFlightExport>>,
    /// The position in the queue behind the last span to deliver.
    end: u64,
    /// Whether to go on in spite of a pause.
    ignore_backoff: bool,
    log: Option<FlushLog>,
    /// Since when a delivery is waited for.
    waiting: Option<SystemTime>,
    outcome: Outcome,
}

/// How a flush ended, for the log.
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

    /// Delivers `batches` at most.
    async fn run(mut self, batches: usize) {
        if self.is_paused() {
            // Nothing is waited for, but an answer that has come in the meantime is taken.
            if let Some(completed) = self.export.as_mut().and_then(|export| export.try_poll()) {
                self.record(completed);
            }
            if self.is_paused() {
                self.fall_back();
                self.outcome = Outcome::Paused;
                return;
            }
        }
        // A delivery that an earlier flush had to leave.
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
            // What became of an old attempt does not answer whether a new one would succeed.
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

    /// Waits for the delivery under way.
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

    /// Lets the sink handle waiting spans without its destination.
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

    /// Records what became of a batch. Returns whether the next one can follow at once.
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

    /// Counts the delivery under way as timed out, if one was waited for to the end of the flush.
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
        // A log line runs the code of subscribers, who may flush.
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

/// The line in the log about a flush: the state before it.
#[derive(Clone, Copy)]
struct FlushLog {
    before: QueueSnapshot,
    began: SystemTime,
}

impl FlushLog {
    /// Returns `None` where nobody reads the line. A subscriber is asked, so nothing may be locked.
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
