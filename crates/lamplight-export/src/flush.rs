//! One flush of a queue: what it delivers, when it gives up, and the line it leaves in the log.

use crate::diagnostics::{notice, warn};
use crate::driver::Driver;
use crate::pause::Change;
use crate::queue::{SpanQueue, Stats};
use crate::sink::Delivery;
use std::future::poll_fn;
use std::time::{Duration, SystemTime};
use tokio::sync::MutexGuard;

/// A flush that was cut off after less says nothing about the destination.
const TELLING_WAIT: Duration = Duration::from_millis(50);

/// A flush under way. Dropping it anywhere leaves the queue, the delivery under way and the counts
/// as they have to be for the next one.
pub(crate) struct Flush<'q> {
    queue: &'q SpanQueue,
    driver: MutexGuard<'q, Driver>,
    /// The place in the queue behind the last span to deliver.
    until: u64,
    /// Whether pauses count.
    pauses: bool,
    /// `None` where nobody reads the line.
    before: Option<Before>,
    /// Since when a delivery is waited for.
    waiting: Option<SystemTime>,
    end: End,
}

/// What the line in the log is reckoned from.
#[derive(Clone, Copy)]
struct Before {
    stats: Stats,
    began: SystemTime,
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
    pub(crate) fn begin(queue: &'q SpanQueue, driver: MutexGuard<'q, Driver>, until: u64) -> Self {
        let logged = tracing::enabled!(target: "lamplight", tracing::Level::DEBUG);
        Self {
            queue,
            driver,
            until,
            pauses: true,
            before: logged.then(|| Before {
                stats: queue.stats(),
                began: queue.now(),
            }),
            waiting: None,
            end: End::CutOff,
        }
    }

    /// Goes on in spite of a pause.
    pub(crate) fn at_last(mut self) -> Self {
        self.pauses = false;
        self
    }

    fn is_paused(&self) -> bool {
        self.pauses && self.queue.is_paused()
    }

    /// Delivers `batches` at most.
    pub(crate) async fn run(mut self, batches: usize) {
        if self.is_paused() {
            // Nothing is waited for, but an answer that has come in the meantime is taken.
            if let Some(delivery) = self.driver.look() {
                self.book(delivery);
            }
            if self.is_paused() {
                self.divert();
                self.end = End::Paused;
                return;
            }
        }
        // A delivery that an earlier flush had to leave.
        let mut left_over = !self.driver.is_idle();
        let mut left = batches;
        self.end = loop {
            if self.driver.is_idle() {
                let batch = match left {
                    0 => Vec::new(),
                    _ => self.queue.take(self.until),
                };
                if batch.is_empty() {
                    break End::Done;
                }
                self.driver.start(batch);
            }
            left = left.saturating_sub(1);
            let delivery = self.finish().await;
            // What became of an old attempt does not answer whether a new one would succeed.
            let try_anew = left_over && self.queue.is_outage();
            if !self.book(delivery) {
                if !try_anew {
                    break End::HandedBack;
                }
                left = left.max(1);
            }
            left_over = false;
        };
    }

    /// Waits for the delivery under way.
    async fn finish(&mut self) -> Delivery {
        let delivery = poll_fn(|cx| {
            let polled = self.driver.poll(cx);
            if polled.is_pending() {
                self.waiting.get_or_insert_with(|| self.queue.now());
            }
            polled
        });
        let delivery = delivery.await;
        self.waiting = None;
        delivery
    }

    /// Lets the sink do with waiting spans what it can do without its destination.
    fn divert(&mut self) {
        loop {
            let batch = self.queue.take(self.until);
            if batch.is_empty() {
                return;
            }
            let delivery = self.driver.divert(batch);
            if !self.queue.account(delivery) {
                return;
            }
        }
    }

    /// True if there is reason to go on at once.
    fn book(&mut self, delivery: Delivery) -> bool {
        let unreachable = delivery.unreachable;
        let go_on = self.queue.account(delivery);
        if !unreachable {
            self.changed(self.queue.reached());
        } else if !self.driver.is_counted() {
            self.changed(self.queue.not_reached());
        }
        go_on && !unreachable
    }

    fn changed(&self, change: Change) {
        match change {
            Change::None => {}
            Change::Began(length) => warn("export-paused", || {
                let longest = self.queue.max_pause();
                format!(
                    "spans could not be delivered several times in a row, so that deliveries pause, \
                     for {length:.1?} now and for up to {longest:.1?} while it lasts; spans wait \
                     within the limits of the queue, and what is over them is dropped and counted"
                )
            }),
            Change::Ended => notice("export-resumed", || {
                "spans can be delivered again".to_owned()
            }),
        }
    }
}

impl Drop for Flush<'_> {
    fn drop(&mut self) {
        if let Some(since) = self.waiting {
            let waited = self.queue.now().duration_since(since).unwrap_or_default();
            if waited >= TELLING_WAIT {
                self.driver.count();
                self.changed(self.queue.not_reached());
            }
        }
        let Some(Before {
            stats: before,
            began,
        }) = self.before
        else {
            return;
        };
        let took = self.queue.now().duration_since(began).unwrap_or_default();
        let stats = self.queue.stats();
        tracing::debug!(
            target: "lamplight",
            end = ?self.end,
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

#[cfg(test)]
#[path = "flush_tests.rs"]
mod tests;
