//! When an exporter without a queue leaves a stream alone.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use lamplight_internal::sync::lock;

/// Failures in a row that open the breaker, and the first and the longest pause: as for those of a span
/// queue.
const FAILURE_THRESHOLD: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A circuit breaker over exports. Whoever waits for one that reaches nothing waits in vain, under a simple
/// processor the function itself, so that while it lasts most are not tried.
#[derive(Debug, Default)]
pub(crate) struct CircuitBreaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

impl CircuitBreaker {
    /// Returns whether nothing is to be tried at `now`.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        lock(&self.0).open_until.is_some_and(|until| now < until)
    }

    /// Records that an export reached the stream.
    pub(crate) fn record_success(&self) {
        *lock(&self.0) = State::default();
    }

    /// Records that an export that ended at `now` did not reach the stream.
    pub(crate) fn record_failure(&self, now: Instant) {
        let mut state = lock(&self.0);
        state.failures = state.failures.saturating_add(1);
        state.open_until = state.failures.checked_sub(FAILURE_THRESHOLD).map(|more| {
            let pause = FIRST_PAUSE.saturating_mul(1 << more.min(16));
            now + pause.min(LONGEST_PAUSE)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_with_the_third_failure_for_twice_as_long_each_time_up_to_a_minute() {
        let (breaker, start) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..2 {
            breaker.record_failure(start);
            assert!(!breaker.is_open(start));
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            breaker.record_failure(start);
            let end = start + Duration::from_secs(seconds);
            assert!(breaker.is_open(end - Duration::from_millis(1)), "{seconds}");
            assert!(!breaker.is_open(end), "{seconds}");
        }
        breaker.record_success();
        assert!(!breaker.is_open(start));
        breaker.record_failure(start);
        assert!(!breaker.is_open(start), "in a row");
    }
}
