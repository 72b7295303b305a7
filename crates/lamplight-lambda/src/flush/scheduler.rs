//! The schedule of a function's flushes, and their limits.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use lamplight_export::SpanQueue;
use tokio::time::Instant;

use super::{
    FlushPolicy,
    background::{BackgroundFlushes, Load},
    rate::InvocationRate,
};
use crate::{clock, timer::timeout};

/// The default flush budget: one second. The caller does not wait for a flush, but its time is billed.
pub const DEFAULT_FLUSH_BUDGET: Duration = Duration::from_secs(1);

/// The default deadline margin: 100 ms. An invocation counts as timed out this long before its deadline, and
/// flushes end then.
pub const DEFAULT_DEADLINE_MARGIN: Duration = Duration::from_millis(100);

/// The maximum duration of a function. A deadline further away is invalid.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The future of a flush.
pub(crate) type Flushing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The options of a [`FlushScheduler`].
#[derive(Debug)]
pub(crate) struct FlushSettings {
    pub(crate) policy: FlushPolicy,
    /// The maximum duration of a flush.
    pub(crate) budget: Duration,
    /// The time before a deadline that flushes leave free.
    pub(crate) margin: Duration,
}

impl Default for FlushSettings {
    fn default() -> Self {
        Self {
            policy: FlushPolicy::default(),
            budget: DEFAULT_FLUSH_BUDGET,
            margin: DEFAULT_DEADLINE_MARGIN,
        }
    }
}

/// A scheduler of flushes of a function's queue, driven by its invocations.
#[derive(Debug)]
pub(crate) struct FlushScheduler {
    queue: SpanQueue,
    settings: FlushSettings,
    rate: InvocationRate,
    background: BackgroundFlushes,
    /// The time for which the last flush held the environment, in microseconds; 0 if it has been reported.
    held: AtomicU64,
}

impl FlushScheduler {
    pub(crate) fn new(queue: SpanQueue, settings: FlushSettings) -> Self {
        Self {
            queue,
            settings,
            rate: InvocationRate::default(),
            background: BackgroundFlushes::default(),
            held: AtomicU64::new(0),
        }
    }

    pub(crate) fn queue(&self) -> &SpanQueue {
        &self.queue
    }

    /// Returns the maximum duration of a flush.
    pub(crate) fn budget(&self) -> Duration {
        self.settings.budget
    }

    /// Returns whether the flush comes before the response.
    pub(crate) fn is_before_response(&self) -> bool {
        self.settings.policy == FlushPolicy::BeforeResponse
    }

    /// Starts a background flush when an invocation starts, if the policy calls for one.
    pub(crate) fn on_start(&self, deadline: SystemTime) {
        if self.settings.policy != FlushPolicy::Adaptive {
            return;
        }
        let now = clock::now();
        if self.rate.on_start(now, &self.queue.snapshot()) {
            let limit = self.limit(deadline, now);
            self.background.start(&self.queue, Load::Batch, limit);
        }
    }

    /// Starts a background flush if the queue fills up while a handler is pending or about to be polled.
    pub(crate) fn on_pending(&self, deadline: SystemTime) {
        if self.queue.is_half_full() && self.settings.policy != FlushPolicy::Manual {
            let limit = self.limit(deadline, clock::now());
            self.background.start(&self.queue, Load::Everything, limit);
        }
    }

    /// Waits until there is room for more spans, if possible, for at most `wait`. Returns the remaining time.
    #[cfg(feature = "_records")]
    pub(crate) async fn make_room(&self, deadline: SystemTime, wait: Duration) -> Duration {
        self.on_pending(deadline);
        let is_crowded = self.queue.is_nearly_full() && self.settings.policy != FlushPolicy::Manual;
        if !is_crowded || wait.is_zero() || self.queue.is_destination_down() {
            return wait;
        }
        let began = Instant::now();
        let limit = self.limit(deadline, clock::now());
        self.flush_within(limit.min(wait)).await;
        wait.saturating_sub(began.elapsed())
    }

    /// Returns the flush to await after the response has been posted, or could not be posted, before the next
    /// event is requested.
    ///
    /// `flushed` is true after a flush before the response, and `others` while other invocations are active.
    pub(crate) fn on_response(
        self: &Arc<Self>,
        deadline: SystemTime,
        now: SystemTime,
        flushed: bool,
        others: bool,
    ) -> Option<Flushing> {
        self.queue.log_drops();
        let is_due = self.is_due(now, flushed);
        let limit = self.limit(deadline, now);
        if others {
            // The environment is not frozen while it has other invocations, so there is no need to wait.
            if is_due {
                self.background.start(&self.queue, Load::Everything, limit);
            }
            return None;
        }
        let background = self.background.take();
        if !is_due && background.is_none() {
            return None;
        }
        let limit = match self.settings.policy {
            FlushPolicy::Adaptive => self.rate.wait_limit(is_due, limit),
            _ => limit,
        };
        if limit.is_zero() {
            return None;
        }
        let scheduler = self.clone();
        Some(Box::pin(async move {
            let began = Instant::now();
            if is_due {
                // This flush waits for the background flush, which has the oldest batch.
                scheduler.flush_within(limit).await;
            } else if let Some(background) = background {
                let _ = timeout(limit, background).await;
            }
            let held = began.elapsed();
            scheduler.rate.waited(held);
            let micros = u64::try_from(held.as_micros()).unwrap_or(u64::MAX);
            scheduler.held.store(micros, Ordering::Relaxed);
        }))
    }

    /// Returns the time for which the flush after the last response held the environment, once.
    pub(crate) fn take_held(&self) -> Option<Duration> {
        let micros = self.held.swap(0, Ordering::Relaxed);
        (micros > 0).then(|| Duration::from_micros(micros))
    }

    /// Returns whether to flush now, after the response has been posted.
    fn is_due(&self, now: SystemTime, flushed: bool) -> bool {
        let backlog = self.queue.snapshot();
        !backlog.is_empty()
            && match self.settings.policy {
                FlushPolicy::AfterResponse => true,
                FlushPolicy::Adaptive => self.rate.is_due(now, &backlog),
                FlushPolicy::BeforeResponse => !flushed,
                FlushPolicy::Manual => false,
            }
    }

    /// Ends the background flush, which must not continue in a frozen environment, after an invocation and
    /// its flush. `others` is true while other invocations are active.
    pub(crate) fn on_end(&self, others: bool) {
        if self.settings.policy == FlushPolicy::Adaptive {
            self.rate.on_end(clock::now());
        }
        if !others {
            drop(self.background.take());
        }
    }

    /// Resets the rate of invocations after a restore from a snapshot.
    pub(crate) fn on_restore(&self) {
        self.rate.forget();
    }

    /// Delivers queued spans, for as long as an invocation with this deadline may flush.
    pub(crate) async fn flush(&self, deadline: SystemTime) {
        self.flush_within(self.limit(deadline, clock::now())).await;
    }

    /// Delivers queued spans, for at most `limit`; the remaining spans stay queued.
    pub(crate) async fn flush_within(&self, limit: Duration) {
        let _ = timeout(limit, self.queue.flush()).await;
    }

    /// Delivers queued spans like [`flush_within`](Self::flush_within), but also during a pause of
    /// deliveries. Use it if there may be no later flush.
    pub(crate) async fn flush_ignoring_backoff(&self, limit: Duration) {
        let _ = timeout(limit, self.queue.flush_ignoring_backoff()).await;
    }

    /// Drops the exporter's connections, within the time of a flush.
    pub(crate) async fn disconnect(&self) {
        let _ = timeout(self.settings.budget, self.queue.disconnect()).await;
    }

    /// Returns the maximum duration of a flush now: the budget, or less if the deadline is near. A deadline
    /// that has long passed or is hours away is invalid (local runtimes send such deadlines).
    fn limit(&self, deadline: SystemTime, now: SystemTime) -> Duration {
        let FlushSettings { budget, margin, .. } = self.settings;
        match deadline.duration_since(now) {
            Ok(left) if left <= LONGEST_TIMEOUT => budget.min(left.saturating_sub(margin)),
            _ => budget,
        }
    }

    /// Returns the maximum duration of a flush that begins when the invocation's time is up: until the
    /// deadline, when the environment ends. If the deadline has already passed, it is not enforced.
    pub(crate) fn last_limit(&self, deadline: SystemTime) -> Duration {
        let left = deadline.duration_since(clock::now());
        left.unwrap_or(self.settings.budget)
    }

    /// Returns the time until an invocation counts as timed out: until the margin before the deadline. `None`
    /// if the deadline is invalid.
    pub(crate) fn time_until_timeout(
        &self,
        deadline: SystemTime,
        now: SystemTime,
    ) -> Option<Duration> {
        let left = deadline.duration_since(now).ok()?;
        (left <= LONGEST_TIMEOUT).then(|| left.saturating_sub(self.settings.margin))
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use lamplight_export::ExporterSink;
    use opentelemetry_sdk::trace::InMemorySpanExporter;

    use super::*;

    fn scheduler(settings: FlushSettings) -> FlushScheduler {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        FlushScheduler::new(queue, settings)
    }

    #[test]
    fn a_flush_is_bounded_by_budget_and_deadline() {
        let scheduler = scheduler(FlushSettings {
            budget: Duration::from_secs(2),
            margin: Duration::from_millis(100),
            ..FlushSettings::default()
        });
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let limit = |left| scheduler.limit(now + left, now);
        assert_eq!(limit(Duration::from_secs(60)), Duration::from_secs(2));
        assert_eq!(
            limit(Duration::from_millis(500)),
            Duration::from_millis(400)
        );
        assert_eq!(limit(Duration::from_millis(50)), Duration::ZERO);
        let absurd = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(scheduler.limit(absurd, now), Duration::from_secs(2));
        assert_eq!(limit(Duration::from_secs(86_400)), Duration::from_secs(2));
    }

    #[test]
    fn an_absurd_deadline_is_never_waited_for() {
        let scheduler = scheduler(FlushSettings::default());
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let time_left = |left| scheduler.time_until_timeout(now + left, now);
        let usual = Duration::from_secs(3);
        assert_eq!(time_left(usual), Some(usual - DEFAULT_DEADLINE_MARGIN));
        assert_eq!(time_left(Duration::from_millis(50)), Some(Duration::ZERO));
        assert_eq!(time_left(Duration::from_secs(86_400)), None);
        let of_1970 = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(scheduler.time_until_timeout(of_1970, now), None);
    }
}
