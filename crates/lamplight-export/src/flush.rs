//! One flush of a queue: what it delivers, when it gives up, and the line it leaves in the log.

use crate::driver::{Driver, Settled};
use crate::notice::{Notice, is_telling, telling};
use crate::pause::Change;
use crate::queue::{Batch, SpanQueue, Stats};
use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, SystemTime};
use tokio::sync::MutexGuard;

/// A flush that was cut off after less says nothing about the destination.
const TELLING_WAIT: Duration = Duration::from_millis(50);

/// A flush under way. Dropping it anywhere leaves the queue, the delivery under way and the counts
/// as they have to be for the next one.
pub(crate) struct Flush<'q> {
    queue: &'q SpanQueue,
    /// There until the flush is dropped, which logs when it has let the driver go.
    driver: Option<MutexGuard<'q, Driver>>,
    /// The place in the queue behind the last span to deliver.
    until: u64,
    /// Whether to go on in spite of a pause.
    last: bool,
    log: Option<Log>,
    /// Since when a delivery is waited for.
    waiting: Option<SystemTime>,
    end: End,
}

/// What the line in the log is reckoned from.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    stats: Stats,
    began: SystemTime,
}

impl Log {
    /// `None` where nobody reads the line. A subscriber is asked, so nothing may be locked.
    pub(crate) fn begin(queue: &SpanQueue) -> Option<Self> {
        let read = !is_telling() && tracing::enabled!(target: "lamplight", tracing::Level::DEBUG);
        read.then(|| Self {
            stats: queue.stats(),
            began: queue.now(),
        })
    }

    fn end(self, queue: &SpanQueue, end: End) {
        let Self {
            stats: before,
            began,
        } = self;
        let took = queue.now().duration_since(began).unwrap_or_default();
        let stats = queue.stats();
        tracing::debug!(
            target: "lamplight",
            end = ?end,
            took_ms = took.as_millis() as u64,
            delivered = stats.delivered - before.delivered,
            failed = stats.failed - before.failed,
            queued = stats.queued,
            delivered_so_far = stats.delivered,
            failed_so_far = stats.failed,
            dropped_so_far = stats.dropped,
            "flush"
        );
    }
}

/// How a flush ended, for the log.
#[derive(Clone, Copy, Debug)]
enum End {
    CutOff,
    Done,
    HandedBack,
    Paused,
}

impl<'q> Flush<'q> {
    pub(crate) fn begin(
        queue: &'q SpanQueue,
        driver: MutexGuard<'q, Driver>,
        until: u64,
        last: bool,
        log: Option<Log>,
    ) -> Self {
        Self {
            queue,
            driver: Some(driver),
            until,
            last,
            log,
            waiting: None,
            end: End::CutOff,
        }
    }

    fn is_paused(&self) -> bool {
        !self.last && self.queue.is_paused()
    }

    /// Delivers `batches` at most.
    pub(crate) async fn run(mut self, batches: usize) {
        if self.is_paused() {
            // Nothing is waited for, but an answer that has come in the meantime is taken.
            if let Some(settled) = self.driver.as_mut().and_then(|driver| driver.look()) {
                self.book(settled);
            }
            if self.is_paused() {
                self.divert();
                self.end = End::Paused;
                return;
            }
        }
        // A delivery that an earlier flush had to leave.
        let mut left_over = !self.is_idle();
        let mut left = batches;
        self.end = loop {
            if self.is_idle() {
                let batch = match left {
                    0 => Batch::default(),
                    _ => self.queue.take(self.until),
                };
                if batch.spans.is_empty() {
                    break End::Done;
                }
                if let Some(driver) = &mut self.driver {
                    driver.start(batch);
                }
            }
            left = left.saturating_sub(1);
            let Some(settled) = self.finish().await else {
                break End::Done;
            };
            // What became of an old attempt does not answer whether a new one would succeed.
            let try_anew = left_over && self.queue.is_outage();
            if !self.book(settled) {
                if !try_anew {
                    break End::HandedBack;
                }
                left = left.max(1);
            }
            left_over = false;
        };
    }

    fn is_idle(&self) -> bool {
        self.driver.as_ref().is_none_or(|driver| driver.is_idle())
    }

    /// Waits for the delivery under way.
    async fn finish(&mut self) -> Option<Settled> {
        let settled = poll_fn(|cx| {
            let Some(driver) = &mut self.driver else {
                return Poll::Ready(None);
            };
            let polled = driver.poll(cx);
            if polled.is_pending() {
                self.waiting.get_or_insert_with(|| self.queue.now());
            }
            polled
        });
        let settled = settled.await;
        self.waiting = None;
        settled
    }

    /// Lets the sink do with waiting spans what it can do without its destination.
    fn divert(&mut self) {
        while let Some(driver) = &mut self.driver {
            let Batch { spans, bytes } = self.queue.take(self.until);
            if spans.is_empty() {
                return;
            }
            let delivery = driver.divert(spans);
            if !self.queue.account(delivery, bytes) {
                return;
            }
        }
    }

    /// True if there is reason to go on at once.
    fn book(&mut self, settled: Settled) -> bool {
        let Settled {
            delivery,
            bytes,
            counted,
        } = settled;
        let (unreachable, retry_after) = (delivery.unreachable, delivery.retry_after);
        let go_on = self.queue.account(delivery, bytes);
        if !unreachable {
            self.changed(self.queue.reached());
        } else if !counted {
            self.changed(self.queue.not_reached());
        }
        if let Some(length) = retry_after {
            self.queue.leave_alone(length);
        }
        go_on && !unreachable
    }

    fn changed(&mut self, change: Change) {
        let notice = match change {
            Change::None => return,
            Change::Began(length) => Notice::Paused(length, self.queue.max_pause()),
            Change::Ended => Notice::Resumed,
        };
        if let Some(driver) = &mut self.driver {
            driver.notices.push(notice);
        }
    }

    /// The flush is over, and what it waited for is not.
    fn leave(&mut self) {
        let Some(since) = self.waiting else { return };
        let waited = self.queue.now().duration_since(since).unwrap_or_default();
        if waited < TELLING_WAIT {
            return;
        }
        self.changed(self.queue.not_reached());
        if let Some(driver) = &mut self.driver
            && let Some(Settled {
                delivery, bytes, ..
            }) = driver.waited(waited)
        {
            self.queue.account(delivery, bytes);
        }
    }
}

impl Drop for Flush<'_> {
    fn drop(&mut self) {
        self.leave();
        let mut driver = self.driver.take();
        let notices = driver
            .as_mut()
            .map(|driver| std::mem::take(&mut driver.notices));
        // A log line runs the code of subscribers, who may flush.
        drop(driver);
        telling(|| {
            for notice in notices.into_iter().flatten() {
                notice.tell();
            }
            self.queue.tell_drops();
            if let Some(log) = self.log {
                log.end(self.queue, self.end);
            }
        });
    }
}

#[cfg(test)]
#[path = "flush_tests.rs"]
pub(crate) mod tests;
