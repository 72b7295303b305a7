//! When to leave a destination alone that does not answer.

use std::time::{Duration, SystemTime};

/// The longest pause unless [`SpanQueue::with_max_pause`](crate::SpanQueue::with_max_pause) or the
/// environment variable [`LAMPLIGHT_MAX_PAUSE`] says otherwise: one minute.
pub const DEFAULT_MAX_PAUSE: Duration = Duration::from_secs(60);

/// The longest pause after a destination could not be reached, in milliseconds; 0 for none.
pub const LAMPLIGHT_MAX_PAUSE: &str = "LAMPLIGHT_MAX_PAUSE";

/// Failures in a row before the first pause: one or two are the weather.
const FAILURES: u32 = 3;

/// The first pause; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// Counts failures in a row and says for how long nothing is to be tried.
///
/// Its clock is the wall clock: an environment that was frozen for a minute has paused for a minute.
#[derive(Debug)]
pub(crate) struct Pause {
    longest: Duration,
    failures: u32,
    /// The pause of an outage.
    window: Option<Window>,
    /// The pause that the destination asked for, which is no outage.
    asked: Option<Window>,
}

/// From when to when. Both ends, so that a clock that is set back ends a pause instead of prolonging
/// it.
#[derive(Clone, Copy, Debug)]
struct Window(SystemTime, SystemTime);

impl Window {
    fn new(now: SystemTime, length: Duration) -> Self {
        Self(now, now.checked_add(length).unwrap_or(now))
    }

    fn has(self, now: SystemTime) -> bool {
        self.0 <= now && now < self.1
    }
}

/// What a failure or a success changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    None,
    /// The first pause of an outage, this long.
    Began(Duration),
    /// The outage is over.
    Ended,
}

impl Default for Pause {
    fn default() -> Self {
        Self {
            longest: DEFAULT_MAX_PAUSE,
            failures: 0,
            window: None,
            asked: None,
        }
    }
}

impl Pause {
    pub(crate) fn set_longest(&mut self, longest: Duration) {
        self.longest = longest;
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// Whether nothing is to be tried at `now`.
    pub(crate) fn is_on(&self, now: SystemTime) -> bool {
        let windows = [self.window, self.asked];
        windows.into_iter().flatten().any(|window| window.has(now))
    }

    /// Whether there has been a pause and no success since: what is tried now is a probe.
    pub(crate) fn is_outage(&self) -> bool {
        self.window.is_some()
    }

    /// Nothing got through.
    pub(crate) fn failed(&mut self, now: SystemTime) -> Change {
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES || self.longest.is_zero() {
            return Change::None;
        }
        let doublings = (self.failures - FAILURES).min(16);
        let length = FIRST
            .saturating_mul(1 << doublings)
            .min(self.longest)
            .mul_f64(jitter(now));
        let first = self.window.is_none();
        self.window = Some(Window::new(now, length));
        if first {
            Change::Began(length)
        } else {
            Change::None
        }
    }

    /// The destination asks to be left alone for so long. Never for longer than the longest pause:
    /// whatever it says, spans do not wait for ever.
    pub(crate) fn asked(&mut self, now: SystemTime, length: Duration) {
        let length = length.min(self.longest);
        self.asked = (!length.is_zero()).then(|| Window::new(now, length));
    }

    /// Something got through.
    pub(crate) fn succeeded(&mut self) -> Change {
        self.failures = 0;
        self.asked = None;
        match self.window.take() {
            Some(_) => Change::Ended,
            None => Change::None,
        }
    }
}

/// From 3/4 to 1, so that functions that lost a destination together do not come back to it
/// together. The nanoseconds of the clock are as good as chance here.
fn jitter(now: SystemTime) -> f64 {
    let nanos = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    1.0 - f64::from(nanos % 1_000_000) / 4_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000 + millis)
    }

    fn fail(pause: &mut Pause, times: u32, now: SystemTime) -> Change {
        (0..times).fold(Change::None, |_, _| pause.failed(now))
    }

    #[test]
    fn a_failure_or_two_change_nothing() {
        let mut pause = Pause::default();
        assert_eq!(fail(&mut pause, 2, at(0)), Change::None);
        assert!(!pause.is_on(at(0)));
        assert_eq!(pause.succeeded(), Change::None);
        assert_eq!(fail(&mut pause, 2, at(0)), Change::None, "in a row");
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_one_success_ends_them() {
        let mut pause = Pause::default();
        pause.set_longest(Duration::from_secs(5));
        let mut now = at(0);
        let second = Duration::from_secs(1);
        assert_eq!(fail(&mut pause, 3, now), Change::Began(second));
        for seconds in [1, 2, 4, 5, 5] {
            let end = now + Duration::from_secs(seconds);
            assert!(pause.is_on(now) && pause.is_on(end - Duration::from_millis(1)));
            assert!(!pause.is_on(end), "{seconds} s");
            assert!(pause.is_outage(), "what comes now is a probe");
            now = end;
            assert_eq!(pause.failed(now), Change::None, "told before");
        }
        assert_eq!(pause.succeeded(), Change::Ended);
        assert!(!pause.is_on(now) && !pause.is_outage());
        assert_eq!(fail(&mut pause, 2, now), Change::None);
        assert_eq!(pause.failed(now), Change::Began(second), "from the start");
    }

    #[test]
    fn many_failures_do_not_overflow() {
        let mut pause = Pause::default();
        pause.set_longest(Duration::MAX);
        fail(&mut pause, 100, at(0));
        assert!(pause.is_on(at(3_600_000)));
        assert!(!pause.is_on(at(24 * 3_600_000)));
    }

    #[test]
    fn a_clock_set_back_ends_a_pause() {
        let mut pause = Pause::default();
        fail(&mut pause, 3, at(1_000));
        assert!(pause.is_on(at(1_500)));
        assert!(!pause.is_on(at(0)));
    }

    #[test]
    fn pauses_can_be_switched_off() {
        let mut pause = Pause::default();
        pause.set_longest(Duration::ZERO);
        assert_eq!(fail(&mut pause, 50, at(0)), Change::None);
        assert!(!pause.is_on(at(0)) && !pause.is_outage());
    }

    #[test]
    fn a_destination_that_asks_for_a_pause_gets_it_at_once_within_the_longest() {
        let mut pause = Pause::default();
        pause.failed(at(0));
        pause.asked(at(0), Duration::from_secs(7));
        assert!(pause.is_on(at(0)) && pause.is_on(at(6_999)));
        assert!(!pause.is_on(at(7_000)), "of the wall clock");
        assert!(!pause.is_outage(), "it answered");
        assert_eq!(pause.succeeded(), Change::None);
        assert!(!pause.is_on(at(1)));

        pause.asked(at(0), Duration::MAX);
        assert!(pause.is_on(at(59_999)) && !pause.is_on(at(60_000)));
        pause.set_longest(Duration::ZERO);
        pause.asked(at(0), Duration::from_secs(7));
        assert!(!pause.is_on(at(0)), "pauses are switched off");
    }

    #[test]
    fn a_pause_that_was_asked_for_shortens_no_other() {
        let mut pause = Pause::default();
        assert_ne!(fail(&mut pause, 3, at(0)), Change::None);
        pause.asked(at(0), Duration::from_millis(10));
        assert!(pause.is_on(at(500)));
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
