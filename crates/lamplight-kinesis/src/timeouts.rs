//! Timeouts of calls.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use lamplight_internal::sync::lock;

/// The first connection timeout, unless the answer timeout is shorter, or so long that a share of it is used.
/// A failed connection attempt has sent nothing, so it is repeated immediately, with twice the timeout each
/// time.
const FIRST_CONNECT: Duration = Duration::from_millis(200);
const CONNECT_SHARE: u32 = 5;
const LONGEST_CONNECT: Duration = Duration::from_secs(2);

/// The longest timeout for an answer, unless the initial one is longer.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// The ratio of the timeout for an answer to the recent latency.
const LATENCY_FACTOR: u32 = 2;

/// Timeouts for connections and answers, which grow with the observed latency.
///
/// A request without an answer may have been accepted, so that each one given up too early causes duplicates
/// of its records. One that is given up too late delays the function's flushes.
#[derive(Debug)]
pub(crate) struct AdaptiveTimeouts {
    timeout: Duration,
    waits: Mutex<Waits>,
}

#[derive(Debug, Clone, Copy)]
struct Waits {
    connect: Duration,
    /// The recent latency: it rises at once when an answer takes longer, and falls gradually when answers are
    /// faster again.
    latency: Duration,
}

impl AdaptiveTimeouts {
    /// Creates timeouts with `timeout` as the initial and shortest one for an answer.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            waits: Mutex::new(Waits {
                connect: first_connect(timeout),
                latency: Duration::ZERO,
            }),
        }
    }

    /// Returns the initial timeout for an answer.
    pub(crate) fn first_answer(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn first_connect(&self) -> Duration {
        first_connect(self.timeout)
    }

    /// Returns the connection timeout, if it has grown.
    pub(crate) fn grown_connect(&self) -> Option<Duration> {
        let connect = self.waits().connect;
        (connect != self.first_connect()).then_some(connect)
    }

    /// Returns the timeout for an answer.
    pub(crate) fn answer(&self) -> Duration {
        (self.waits().latency * LATENCY_FACTOR)
            .min(LONGEST_ANSWER)
            .max(self.timeout)
    }

    /// Doubles the connection timeout, which was too short.
    pub(crate) fn record_connect_timeout(&self) {
        let mut waits = self.waits();
        let longest = LONGEST_CONNECT.max(self.first_connect());
        waits.connect = (waits.connect * 2).min(longest);
    }

    /// Records the latency of an answer.
    pub(crate) fn record_answer(&self, after: Duration) {
        let mut waits = self.waits();
        waits.latency = after.max(waits.latency - waits.latency.saturating_sub(after) / 4);
    }

    /// Records that no answer came within `waited`: the latency is higher.
    pub(crate) fn record_timeout(&self, waited: Duration) {
        let mut waits = self.waits();
        waits.latency = waits.latency.max(waited);
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        lock(&self.waits)
    }
}

fn first_connect(timeout: Duration) -> Duration {
    FIRST_CONNECT.min(timeout).max(timeout / CONNECT_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn waits_double_while_nothing_comes_and_shrink_when_answers_are_quick() {
        let timeouts = AdaptiveTimeouts::new(ms(2_000));
        assert_eq!(timeouts.answer(), ms(2_000));
        for expected in [4_000, 8_000, 10_000, 10_000] {
            timeouts.record_timeout(timeouts.answer());
            assert_eq!(timeouts.answer(), ms(expected));
        }
        let mut answers = 0;
        while timeouts.answer() > ms(2_000) {
            timeouts.record_answer(ms(10));
            answers += 1;
        }
        assert!((2..20).contains(&answers), "{answers}");
    }

    #[test]
    fn one_slow_answer_is_remembered_for_a_while() {
        let timeouts = AdaptiveTimeouts::new(ms(200));
        timeouts.record_answer(ms(900));
        assert_eq!(timeouts.answer(), ms(1_800));
        timeouts.record_answer(ms(10));
        assert!(timeouts.answer() > ms(1_000));
    }

    #[test]
    fn a_first_wait_that_is_long_by_itself_stays() {
        let timeouts = AdaptiveTimeouts::new(ms(20_000));
        timeouts.record_timeout(ms(20_000));
        assert_eq!(timeouts.answer(), ms(20_000));
    }

    #[test]
    fn waits_for_a_connection_double_and_are_short_at_first() {
        let timeouts = AdaptiveTimeouts::new(ms(1_000));
        assert_eq!(timeouts.grown_connect(), None);
        for expected in [400, 800, 1_600, 2_000, 2_000] {
            timeouts.record_connect_timeout();
            assert_eq!(timeouts.grown_connect(), Some(ms(expected)));
        }
        for (timeout, first) in [(40, 40), (1_000, 200), (20_000, 4_000)] {
            let timeouts = AdaptiveTimeouts::new(ms(timeout));
            assert_eq!(timeouts.first_connect(), ms(first));
        }
    }
}
