//! When a function flushes, and for how long.

use super::{FlushPolicy, Flushing, Load, flush};
use crate::instrumentation::Shared;
use crate::timer::timeout;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// The longest a function can run. A deadline further away is not a deadline.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(15 * 60);

impl Shared {
    /// An invocation begins.
    pub(crate) fn enter(&self, deadline: SystemTime) {
        if self.flush_policy != FlushPolicy::Adaptive {
            return;
        }
        let now = SystemTime::now();
        if self.pace.enter(now, &self.queue.snapshot()) {
            let limit = self.flush_limit(deadline, now);
            self.rides.start(&self.queue, Load::Batch, limit);
        }
    }

    /// A handler is waited for, or about to go on: the time to make room in a queue that fills up.
    pub(crate) fn relieve(&self, deadline: SystemTime) {
        if self.queue.is_half_full() && self.flush_policy != FlushPolicy::Manual {
            let limit = self.flush_limit(deadline, SystemTime::now());
            self.rides.start(&self.queue, Load::Everything, limit);
        }
    }

    /// Waits until there is room for more spans, where that is to be had: for at most `patience`.
    /// Returns how much of that is left.
    #[cfg(feature = "_records")]
    pub(crate) async fn make_room(&self, deadline: SystemTime, patience: Duration) -> Duration {
        self.relieve(deadline);
        let is_crowded = self.queue.is_nearly_full() && self.flush_policy != FlushPolicy::Manual;
        if !is_crowded || patience.is_zero() || self.queue.is_destination_down() {
            return patience;
        }
        let began = Instant::now();
        let limit = self.flush_limit(deadline, SystemTime::now());
        flush(&self.queue, limit.min(patience)).await;
        patience.saturating_sub(began.elapsed())
    }

    /// The response has been posted, or could not be. The flush to wait for before the next event is
    /// asked for; `flushed` says that one was before the response.
    pub(crate) fn after_response(
        self: &Arc<Self>,
        deadline: SystemTime,
        now: SystemTime,
        flushed: bool,
    ) -> Option<Flushing> {
        self.queue.log_drops();
        let is_due = self.is_due(now, flushed);
        let limit = self.flush_limit(deadline, now);
        if self.registry.is_any() {
            // The environment is not frozen while it has other invocations, so nobody waits.
            if is_due {
                self.rides.start(&self.queue, Load::Everything, limit);
            }
            return None;
        }
        let ride = self.rides.take();
        if !is_due && ride.is_none() {
            return None;
        }
        let limit = match self.flush_policy {
            FlushPolicy::Adaptive => self.pace.patience(is_due, limit),
            _ => limit,
        };
        if limit.is_zero() {
            return None;
        }
        let shared = self.clone();
        Some(Box::pin(async move {
            let began = Instant::now();
            if is_due {
                // It waits for the ride, whose batch is the oldest one.
                flush(&shared.queue, limit).await;
            } else if let Some(ride) = ride {
                let _ = timeout(limit, ride).await;
            }
            shared.pace.waited(began.elapsed());
        }))
    }

    /// Whether to flush now that the response has been posted.
    fn is_due(&self, now: SystemTime, flushed: bool) -> bool {
        let backlog = self.queue.snapshot();
        !backlog.is_empty()
            && match self.flush_policy {
                FlushPolicy::AfterResponse => true,
                FlushPolicy::Adaptive => self.pace.is_due(now, &backlog),
                FlushPolicy::BeforeResponse => !flushed,
                FlushPolicy::Manual => false,
            }
    }

    /// An invocation is over, its flush included.
    pub(crate) fn leave(&self) {
        if self.flush_policy == FlushPolicy::Adaptive {
            self.pace.leave(SystemTime::now());
        }
        if !self.registry.is_any() {
            // Nothing goes on in an environment that may be frozen.
            drop(self.rides.take());
        }
    }

    /// How long a flush may take now: the budget, or less where the deadline is near. A deadline
    /// that has long passed, or is hours away, is no deadline (local runtimes send such).
    pub(crate) fn flush_limit(&self, deadline: SystemTime, now: SystemTime) -> Duration {
        match deadline.duration_since(now) {
            Ok(left) if left <= LONGEST_TIMEOUT => self
                .flush_budget
                .min(left.saturating_sub(self.deadline_margin)),
            _ => self.flush_budget,
        }
    }

    /// How long an invocation may still take before it counts as timed out: until the margin before
    /// the deadline. `None` when the deadline makes no sense.
    pub(crate) fn patience(&self, deadline: SystemTime, now: SystemTime) -> Option<Duration> {
        let left = deadline.duration_since(now).ok()?;
        (left <= LONGEST_TIMEOUT).then(|| left.saturating_sub(self.deadline_margin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instrumentation::{DEFAULT_DEADLINE_MARGIN, Instrumentation};
    use lamplight_export::{ExporterSink, SpanQueue};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    use std::time::UNIX_EPOCH;

    #[test]
    fn a_flush_is_bounded_by_budget_and_deadline() {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        let provider = SdkTracerProvider::builder().build();
        let instrumentation = Instrumentation::builder(&provider, queue)
            .with_flush_budget(Duration::from_secs(2))
            .with_deadline_margin(Duration::from_millis(100))
            .build();
        let shared = instrumentation.shared().unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let limit = |left| shared.flush_limit(now + left, now);
        assert_eq!(limit(Duration::from_secs(60)), Duration::from_secs(2));
        assert_eq!(
            limit(Duration::from_millis(500)),
            Duration::from_millis(400)
        );
        assert_eq!(limit(Duration::from_millis(50)), Duration::ZERO);
        let absurd = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(shared.flush_limit(absurd, now), Duration::from_secs(2));
        assert_eq!(limit(Duration::from_secs(86_400)), Duration::from_secs(2));
    }

    #[test]
    fn an_absurd_deadline_is_never_waited_for() {
        let queue = SpanQueue::new(ExporterSink::new(InMemorySpanExporter::default()));
        let provider = SdkTracerProvider::builder().build();
        let instrumentation = Instrumentation::builder(&provider, queue).build();
        let shared = instrumentation.shared().unwrap();
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let patience = |left| shared.patience(now + left, now);
        let usual = Duration::from_secs(3);
        assert_eq!(patience(usual), Some(usual - DEFAULT_DEADLINE_MARGIN));
        assert_eq!(patience(Duration::from_millis(50)), Some(Duration::ZERO));
        assert_eq!(patience(Duration::from_secs(86_400)), None);
        let of_1970 = UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(shared.patience(of_1970, now), None);
    }
}
