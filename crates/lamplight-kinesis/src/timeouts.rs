//! Timeouts of calls.

use std::{
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use lamplight_internal::sync::lock;

/// The first timeout for a connection, if that is shorter than the one for an answer, or a share of a long
/// one. An attempt that was in vain has sent nothing, so that it is made again at once, and each next timeout
/// is twice as long.
const FIRST_CONNECT: Duration = Duration::from_millis(200);
const CONNECT_SHARE: u32 = 5;
const LONGEST_CONNECT: Duration = Duration::from_secs(2);

/// The longest timeout for an answer, unless the first one is longer by itself.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// The timeout for an answer, in times of what answers take lately.
const LATENCY_FACTOR: u32 = 2;

/// Timeouts for connections and answers, which grow with the latency that is observed.
///
/// A request without an answer may have been taken, so that each one given up too early is a copy of
/// its records. One that is given up too late holds up the function's flushes.
#[derive(Debug)]
pub(crate) struct AdaptiveTimeouts {
    timeout: Duration,
    waits: Mutex<Waits>,
}

#[derive(Debug, Clone, Copy)]
struct Waits {
    connect: Duration,
    /// How long answers take lately: at once when one takes longer, and gradually less when they are
    /// quicker again.
    latency: Duration,
}

impl AdaptiveTimeouts {
    /// Creates timeouts of which the first for an answer is `timeout`, and none is shorter.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            waits: Mutex::new(Waits {
                connect: first_connect(timeout),
                latency: Duration::ZERO,
            }),
        }
    }

    /// Returns the first timeout for an answer.
    pub(crate) fn first_answer(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn first_connect(&self) -> Duration {
        first_connect(self.timeout)
    }

    /// Returns the timeout for a connection, if it is no longer the first one.
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

    /// Doubles the timeout for a connection, since that was too short.
    pub(crate) fn record_connect_timeout(&self) {
        let mut waits = self.waits();
        let longest = LONGEST_CONNECT.max(self.first_connect());
        waits.connect = (waits.connect * 2).min(longest);
    }

    /// Records that an answer came after so long.
    pub(crate) fn record_answer(&self, after: Duration) {
        let mut waits = self.waits();
        waits.latency = after.max(waits.latency - waits.latency.saturating_sub(after) / 4);
    }

    /// Records that no answer came for as long as `waited`: it takes longer than that.
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
