//! A circuit breaker for destinations that do not respond.

use std::time::{Duration, SystemTime};

/// The number of failures in a row that opens the breaker. A single failure is not significant.
const FAILURE_THRESHOLD: u32 = 3;

/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A circuit breaker. It opens after several failures in a row, and no attempts should be made while it is
/// open. After the pause it is half open: the next attempt is a probe, whose success closes the breaker, and
/// whose failure opens it for twice as long.
///
/// It uses the wall clock: an environment that was frozen for a minute has paused for a minute.
#[derive(Debug)]
pub struct CircuitBreaker {
    max_pause: Duration,
    failures: u32,
    /// The latest pause since the breaker was closed: open during it, half open after it.
    pause: Option<Window>,
    /// The pause that the destination requested, which is not a failure.
    retry_after: Option<Window>,
}

/// A span of time with both ends, so that setting the clock back ends a pause instead of prolonging it.
#[derive(Debug, Clone, Copy)]
struct Window {
    start: SystemTime,
    end: SystemTime,
}

impl Window {
    fn new(start: SystemTime, length: Duration) -> Self {
        let end = start.checked_add(length).unwrap_or(start);
        Self { start, end }
    }

    fn contains(self, now: SystemTime) -> bool {
        self.start <= now && now < self.end
    }
}

/// The effect of a failure or a success on the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// Nothing.
    None,
    /// The closed breaker has opened, for this duration.
    Opened(Duration),
    /// The breaker has closed.
    Closed,
}

impl CircuitBreaker {
    /// Returns a closed breaker with this maximum pause.
    pub fn new(max_pause: Duration) -> Self {
        Self {
            max_pause,
            failures: 0,
            pause: None,
            retry_after: None,
        }
    }

    /// Returns the maximum pause.
    pub fn max_pause(&self) -> Duration {
        self.max_pause
    }

    /// Returns whether attempts should be avoided at `now`.
    pub fn is_open(&self, now: SystemTime) -> bool {
        let windows = [self.pause, self.retry_after];
        windows
            .into_iter()
            .flatten()
            .any(|window| window.contains(now))
    }

    /// Returns the remaining pause at `now`; `None` if attempts are allowed.
    pub fn remaining(&self, now: SystemTime) -> Option<Duration> {
        let windows = [self.pause, self.retry_after];
        let open = windows
            .into_iter()
            .flatten()
            .filter(|window| window.contains(now));
        open.filter_map(|window| window.end.duration_since(now).ok())
            .max()
    }

    /// Returns whether the breaker has opened and no attempt has succeeded since: it is open or half open.
    pub fn has_tripped(&self) -> bool {
        self.pause.is_some()
    }

    /// Records that the destination was unreachable.
    pub fn record_failure(&mut self, now: SystemTime) -> Transition {
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURE_THRESHOLD || self.max_pause.is_zero() {
            return Transition::None;
        }
        let doublings = (self.failures - FAILURE_THRESHOLD).min(16);
        let length = FIRST_PAUSE
            .saturating_mul(1 << doublings)
            .min(self.max_pause)
            .mul_f64(jitter(now));
        match self.pause.replace(Window::new(now, length)) {
            Some(_) => Transition::None,
            None => Transition::Opened(length),
        }
    }

    /// Pauses for as long as the destination requests, but never longer than the maximum pause, so that spans
    /// do not wait forever.
    pub fn retry_after(&mut self, now: SystemTime, length: Duration) {
        let length = length.min(self.max_pause);
        self.retry_after = (!length.is_zero()).then(|| Window::new(now, length));
    }

    /// Records that the destination was reached.
    pub fn record_success(&mut self) -> Transition {
        self.failures = 0;
        self.retry_after = None;
        match self.pause.take() {
            Some(_) => Transition::Closed,
            None => Transition::None,
        }
    }
}

/// Returns a factor from 3/4 to 1, so that functions that lost a destination together do not return to it
/// together. The nanoseconds of the clock are random enough for this.
fn jitter(now: SystemTime) -> f64 {
    let nanos = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    1.0 - f64::from(nanos % 1_000_000) / 4_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT_MAX_PAUSE: Duration = Duration::from_secs(60);

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + millis)
    }

    fn fail(breaker: &mut CircuitBreaker, times: u32, now: SystemTime) -> Transition {
        (0..times).fold(Transition::None, |_, _| breaker.record_failure(now))
    }

    #[test]
    fn a_failure_or_two_change_nothing() {
        let mut breaker = CircuitBreaker::new(DEFAULT_MAX_PAUSE);
        assert_eq!(fail(&mut breaker, 2, at(0)), Transition::None);
        assert!(!breaker.is_open(at(0)));
        assert_eq!(breaker.record_success(), Transition::None);
        assert_eq!(fail(&mut breaker, 2, at(0)), Transition::None, "in a row");
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_one_success_ends_them() {
        let mut breaker = CircuitBreaker::new(Duration::from_secs(5));
        let mut now = at(0);
        let second = Duration::from_secs(1);
        assert_eq!(fail(&mut breaker, 3, now), Transition::Opened(second));
        for seconds in [1, 2, 4, 5, 5] {
            let end = now + Duration::from_secs(seconds);
            assert!(breaker.is_open(now) && breaker.is_open(end - Duration::from_millis(1)));
            assert_eq!(breaker.remaining(now), Some(Duration::from_secs(seconds)));
            assert!(!breaker.is_open(end), "{seconds} s");
            assert_eq!(breaker.remaining(end), None);
            assert!(breaker.has_tripped(), "what comes now is a probe");
            now = end;
            assert_eq!(breaker.record_failure(now), Transition::None, "told before");
        }
        assert_eq!(breaker.record_success(), Transition::Closed);
        assert!(!breaker.is_open(now) && !breaker.has_tripped());
        assert_eq!(fail(&mut breaker, 2, now), Transition::None);
        assert_eq!(
            breaker.record_failure(now),
            Transition::Opened(second),
            "from the start"
        );
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let mut breaker = CircuitBreaker::new(Duration::MAX);
        fail(&mut breaker, 100, at(0));
        assert!(breaker.is_open(at(3_600_000)));
        assert!(!breaker.is_open(at(24 * 3_600_000)));
    }

    #[test]
    fn a_clock_set_back_ends_a_pause() {
        let mut breaker = CircuitBreaker::new(DEFAULT_MAX_PAUSE);
        fail(&mut breaker, 3, at(1_000));
        assert!(breaker.is_open(at(1_500)));
        assert!(!breaker.is_open(at(0)));
    }

    #[test]
    fn pauses_can_be_switched_off() {
        let mut breaker = CircuitBreaker::new(Duration::ZERO);
        assert_eq!(fail(&mut breaker, 50, at(0)), Transition::None);
        assert!(!breaker.is_open(at(0)) && !breaker.has_tripped());
    }

    #[test]
    fn a_destination_that_asks_for_a_pause_gets_it_at_once_within_the_longest() {
        let mut breaker = CircuitBreaker::new(DEFAULT_MAX_PAUSE);
        breaker.record_failure(at(0));
        breaker.retry_after(at(0), Duration::from_secs(7));
        assert!(breaker.is_open(at(0)) && breaker.is_open(at(6_999)));
        assert!(!breaker.is_open(at(7_000)), "of the wall clock");
        assert!(!breaker.has_tripped(), "it answered");
        assert_eq!(breaker.record_success(), Transition::None);
        assert!(!breaker.is_open(at(1)));

        breaker.retry_after(at(0), Duration::MAX);
        assert!(breaker.is_open(at(59_999)) && !breaker.is_open(at(60_000)));
        let mut breaker = CircuitBreaker::new(Duration::ZERO);
        breaker.retry_after(at(0), Duration::from_secs(7));
        assert!(!breaker.is_open(at(0)), "pauses are switched off");
    }

    #[test]
    fn a_pause_that_was_asked_for_shortens_no_other() {
        let mut breaker = CircuitBreaker::new(DEFAULT_MAX_PAUSE);
        assert_ne!(fail(&mut breaker, 3, at(0)), Transition::None);
        breaker.retry_after(at(0), Duration::from_millis(10));
        assert!(breaker.is_open(at(500)));
    }

    #[test]
    fn pauses_differ_a_little() {
        for nanos in [1, 250_000, 999_999] {
            let share = jitter(at(0) + Duration::from_nanos(nanos));
            assert!((0.75..1.0).contains(&share), "{share}");
        }
        assert!(jitter(at(0)) > jitter(at(0) + Duration::from_nanos(500_000)));
    }
}
