//! The rate of invocations, on which the adaptive policy is based. The values are explained at
//! [`FlushPolicy::Adaptive`](super::FlushPolicy::Adaptive).

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use lamplight_export::QueueSnapshot;
use lamplight_internal::sync::lock;

/// The mean pause up to which invocations follow each other closely.
const CLOSE: Duration = Duration::from_secs(10);

/// The pause after which the state is reset.
const LONG: Duration = Duration::from_secs(60);

/// The inverse weight of the latest pause in the mean, and the number of pauses needed for a mean.
const WEIGHT: u32 = 8;

/// The age of the oldest span at which a background flush starts.
const BACKGROUND_FLUSH_AGE: Duration = Duration::from_secs(1);

/// The queued bytes at which a background flush starts.
const BACKGROUND_FLUSH_BYTES: usize = 1 << 20;

/// The age of the oldest span at which the flush does not wait for the next invocation.
const MAX_AGE: Duration = Duration::from_secs(10);

/// The maximum time for which a background flush may delay the next event.
const BACKGROUND_FLUSH_WAIT: Duration = Duration::from_millis(100);

/// The delay of an event after which the following one is not delayed.
const LONG_WAIT: Duration = Duration::from_millis(50);

/// The rate of invocations. Times are those of the wall clock, like those of spans: Lambda corrects it after
/// a freeze, which is not known for the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct InvocationRate {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The number of active invocations.
    running: usize,
    /// The time at which the last invocation ended.
    idle_since: Option<SystemTime>,
    pauses: u32,
    mean: Duration,
    /// True if the latest invocation delayed the next event for a long time.
    waited: bool,
}

impl InvocationRate {
    /// Counts an invocation that starts. Returns whether `backlog` calls for a background flush.
    pub(super) fn on_start(&self, now: SystemTime, backlog: &QueueSnapshot) -> bool {
        let mut state = self.state();
        if state.running > 0 {
            state.pause(Duration::ZERO);
        } else if let Some(idle_since) = state.idle_since {
            state.pause(now.duration_since(idle_since).unwrap_or_default());
        }
        state.running += 1;
        backlog.in_flight > 0
            || backlog.has_failed_root
            || backlog.has_full_batch
            || backlog.bytes >= BACKGROUND_FLUSH_BYTES
            || age(backlog, now) >= BACKGROUND_FLUSH_AGE
    }

    /// Returns whether `backlog` must be delivered before the environment may be frozen.
    pub(super) fn is_due(&self, now: SystemTime, backlog: &QueueSnapshot) -> bool {
        backlog.has_failed_root
            || backlog.is_half_full
            || age(backlog, now) >= MAX_AGE
            || !self.state().is_close()
    }

    /// Returns the part of `limit` for which the next event may be delayed: for due spans or, if none are
    /// due, for a background flush. Never long after two invocations in a row, because a destination slower
    /// than the gaps between invocations would slow down all of them.
    pub(super) fn wait_limit(&self, is_due: bool, limit: Duration) -> Duration {
        let mut state = self.state();
        if std::mem::take(&mut state.waited) {
            return Duration::ZERO;
        }
        if is_due {
            limit
        } else {
            limit.min(BACKGROUND_FLUSH_WAIT)
        }
    }

    /// Records the delay of the next event.
    pub(super) fn waited(&self, waited: Duration) {
        if waited >= LONG_WAIT {
            self.state().waited = true;
        }
    }

    /// Counts an invocation that has ended, including its flush.
    pub(super) fn on_end(&self, now: SystemTime) {
        let mut state = self.state();
        state.running = state.running.saturating_sub(1);
        state.idle_since = Some(now);
    }

    /// Resets the state, because the environment was restored from a snapshot of another one.
    pub(super) fn forget(&self) {
        *self.state() = State::default();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn pause(&mut self, pause: Duration) {
        if pause > LONG {
            self.pauses = 0;
            return;
        }
        self.mean = match self.pauses {
            0 => pause,
            _ => (self.mean * (WEIGHT - 1) + pause) / WEIGHT,
        };
        self.pauses = self.pauses.saturating_add(1);
    }

    fn is_close(&self) -> bool {
        self.pauses >= WEIGHT && self.mean <= CLOSE
    }
}

/// Returns the time since the oldest waiting span ended; zero if the clock was set back.
fn age(backlog: &QueueSnapshot, now: SystemTime) -> Duration {
    let age = |oldest| now.duration_since(oldest).unwrap_or_default();
    backlog.oldest.map_or(Duration::ZERO, age)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    /// An environment whose invocations take no time and leave a span.
    struct Environment {
        rate: InvocationRate,
        now: SystemTime,
        backlog: QueueSnapshot,
    }

    /// The fate of the spans.
    #[derive(Debug, PartialEq, Eq)]
    enum Flushed {
        Beside,
        After,
        Both,
        Not,
    }
    use Flushed::{After, Beside, Both, Not};

    impl Environment {
        fn new() -> Self {
            Self {
                rate: InvocationRate::default(),
                now: UNIX_EPOCH + Duration::from_secs(1_800_000_000),
                backlog: QueueSnapshot::default(),
            }
        }

        /// After eight pauses of this length.
        fn used_to(pause: Duration) -> Self {
            let mut environment = Self::new();
            for _ in 0..9 {
                environment.invoke(pause);
            }
            environment
        }

        fn invoke(&mut self, pause: Duration) -> Flushed {
            self.invoke_with(pause, |_| ())
        }

        /// An invocation after a pause, whose spans look like this.
        fn invoke_with(
            &mut self,
            pause: Duration,
            change: impl FnOnce(&mut QueueSnapshot),
        ) -> Flushed {
            self.now += pause;
            let beside = self.rate.on_start(self.now, &self.backlog);
            if beside {
                self.backlog = QueueSnapshot::default();
            }
            self.backlog.size += 1;
            self.backlog.oldest.get_or_insert(self.now);
            change(&mut self.backlog);
            let after = self.rate.is_due(self.now, &self.backlog);
            if after {
                self.backlog = QueueSnapshot::default();
            }
            self.rate.on_end(self.now);
            match (beside, after) {
                (true, true) => Both,
                (true, false) => Beside,
                (false, true) => After,
                (false, false) => Not,
            }
        }
    }

    const TENTH: Duration = Duration::from_millis(100);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn from_the_cold_start_on_it_flushes_after_the_response_until_it_knows_the_pace() {
        let mut environment = Environment::new();
        for _ in 0..8 {
            assert_eq!(environment.invoke(TENTH), After);
        }
        assert_eq!(environment.invoke(TENTH), Not);
    }

    #[test]
    fn at_a_steady_pace_the_spans_of_a_second_go_beside_a_handler() {
        let mut environment = Environment::used_to(TENTH);
        let flushed: Vec<_> = (0..30).map(|_| environment.invoke(TENTH)).collect();
        assert_eq!(flushed.iter().filter(|f| **f == Beside).count(), 3);
        assert_eq!(flushed.iter().filter(|f| **f == Not).count(), 27);
        for pause in [SECOND, 9 * SECOND] {
            let mut environment = Environment::used_to(pause);
            for _ in 0..10 {
                assert_eq!(environment.invoke(pause), Beside, "{pause:?}");
            }
        }
    }

    #[test]
    fn with_long_pauses_it_flushes_after_the_response() {
        for pause in [11 * SECOND, 59 * SECOND, 3_600 * SECOND] {
            let mut environment = Environment::used_to(pause);
            for _ in 0..10 {
                assert_eq!(environment.invoke(pause), After, "{pause:?}");
            }
        }
    }

    #[test]
    fn one_pause_does_not_end_the_habit_and_a_long_one_does() {
        let mut environment = Environment::used_to(TENTH);
        assert_eq!(environment.invoke(30 * SECOND), Beside);
        let mut environment = Environment::used_to(TENTH);
        assert_eq!(environment.invoke(61 * SECOND), Both);
        for _ in 0..7 {
            assert_eq!(environment.invoke(TENTH), After);
        }
        assert_eq!(environment.invoke(TENTH), Not);
    }

    #[test]
    fn failures_and_masses_do_not_wait_and_neither_does_what_got_old() {
        let after =
            |change: fn(&mut QueueSnapshot)| Environment::used_to(TENTH).invoke_with(TENTH, change);
        assert_eq!(after(|backlog| backlog.has_failed_root = true), After);
        assert_eq!(after(|backlog| backlog.is_half_full = true), After);
        assert_eq!(after(|backlog| backlog.has_full_batch = true), Not);
        let ten_seconds_ago = |backlog: &mut QueueSnapshot| {
            backlog.oldest = backlog.oldest.map(|oldest| oldest - 10 * SECOND);
        };
        assert_eq!(after(ten_seconds_ago), After);
    }

    #[test]
    fn a_handler_is_accompanied_by_batches_bytes_and_what_was_left_undone() {
        let beside = |change: fn(&mut QueueSnapshot)| {
            let mut environment = Environment::used_to(TENTH);
            environment.invoke(TENTH);
            change(&mut environment.backlog);
            environment.invoke(TENTH)
        };
        assert_eq!(beside(|_| ()), Not);
        assert_eq!(beside(|backlog| backlog.has_full_batch = true), Beside);
        assert_eq!(beside(|backlog| backlog.bytes = 1 << 20), Beside);
        assert_eq!(beside(|backlog| backlog.in_flight = 3), Beside);
        assert_eq!(beside(|backlog| backlog.has_failed_root = true), Beside);
    }

    #[test]
    fn the_next_event_never_waits_for_long_twice_in_a_row() {
        let rate = InvocationRate::default();
        assert_eq!(rate.wait_limit(true, SECOND), SECOND);
        rate.waited(Duration::from_millis(20));
        assert_eq!(rate.wait_limit(false, SECOND), TENTH);
        for _ in 0..3 {
            rate.waited(TENTH);
            assert_eq!(rate.wait_limit(true, SECOND), Duration::ZERO);
            assert_eq!(rate.wait_limit(true, SECOND), SECOND);
        }
    }

    #[test]
    fn invocations_that_overlap_have_no_pause_between_them() {
        let mut environment = Environment::new();
        environment
            .rate
            .on_start(environment.now, &QueueSnapshot::default());
        for _ in 0..8 {
            environment.now += 50 * SECOND;
            environment
                .rate
                .on_start(environment.now, &QueueSnapshot::default());
            environment.rate.on_end(environment.now);
        }
        assert!(
            !environment
                .rate
                .is_due(environment.now, &QueueSnapshot::default())
        );
    }

    #[test]
    fn a_restored_environment_begins_anew_and_a_clock_may_go_back() {
        let mut environment = Environment::used_to(TENTH);
        environment.now -= 500 * SECOND;
        assert_eq!(environment.invoke(TENTH), Not);
        environment.rate.forget();
        assert_eq!(environment.invoke(TENTH), After);
    }
}
