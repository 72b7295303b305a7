//! How long Kinesis is waited for.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The first wait for a connection, if that is shorter than the timeout, or a share of a long timeout.
/// An attempt that was in vain has sent nothing, so that it is made again at once, and each next wait is
/// twice as long.
const FIRST_CONNECT: Duration = Duration::from_millis(200);
const SHARE: u32 = 5;
const LONGEST_CONNECT: Duration = Duration::from_secs(2);

/// The longest wait for an answer, unless the first one is longer by itself.
const LONGEST_ANSWER: Duration = Duration::from_secs(10);

/// How many times the time that answers take lately is waited for one.
const MARGIN: u32 = 2;

/// The waits for connections and answers, which grow with what is observed.
///
/// A request without an answer may have been taken, so that each one given up too early is a copy of
/// its records. One that is given up too late holds up the function's flushes.
#[derive(Debug)]
pub(crate) struct Patience {
    timeout: Duration,
    waits: Mutex<Waits>,
}

#[derive(Clone, Copy, Debug)]
struct Waits {
    connect: Duration,
    /// How long answers take lately: at once when one takes longer, and gradually less when they are
    /// quicker again.
    latency: Duration,
}

impl Patience {
    /// `timeout` is the first wait for an answer, and the shortest.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            waits: Mutex::new(Waits {
                connect: first_connect(timeout),
                latency: Duration::ZERO,
            }),
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn first_connect(&self) -> Duration {
        first_connect(self.timeout)
    }

    /// Returns the wait for a connection, if it is no longer the first one.
    pub(crate) fn grown_connect(&self) -> Option<Duration> {
        let connect = self.waits().connect;
        (connect != self.first_connect()).then_some(connect)
    }

    /// Returns the wait for an answer.
    pub(crate) fn answer(&self) -> Duration {
        (self.waits().latency * MARGIN)
            .min(LONGEST_ANSWER)
            .max(self.timeout)
    }

    pub(crate) fn not_connected(&self) {
        let mut waits = self.waits();
        let longest = LONGEST_CONNECT.max(self.first_connect());
        waits.connect = (waits.connect * 2).min(longest);
    }

    pub(crate) fn answered(&self, after: Duration) {
        let mut waits = self.waits();
        waits.latency = after.max(waits.latency - waits.latency.saturating_sub(after) / 4);
    }

    /// Nothing came for as long as `waited`: it takes longer than that.
    pub(crate) fn unanswered(&self, waited: Duration) {
        let mut waits = self.waits();
        waits.latency = waits.latency.max(waited);
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn first_connect(timeout: Duration) -> Duration {
    FIRST_CONNECT.min(timeout).max(timeout / SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn waits_double_while_nothing_comes_and_shrink_when_answers_are_quick() {
        let patience = Patience::new(ms(2_000));
        assert_eq!(patience.answer(), ms(2_000));
        for expected in [4_000, 8_000, 10_000, 10_000] {
            patience.unanswered(patience.answer());
            assert_eq!(patience.answer(), ms(expected));
        }
        let mut answers = 0;
        while patience.answer() > ms(2_000) {
            patience.answered(ms(10));
            answers += 1;
        }
        assert!((2..20).contains(&answers), "{answers}");
    }

    #[test]
    fn one_slow_answer_is_remembered_for_a_while() {
        let patience = Patience::new(ms(200));
        patience.answered(ms(900));
        assert_eq!(patience.answer(), ms(1_800));
        patience.answered(ms(10));
        assert!(patience.answer() > ms(1_000));
    }

    #[test]
    fn a_first_wait_that_is_long_by_itself_stays() {
        let patience = Patience::new(ms(20_000));
        patience.unanswered(ms(20_000));
        assert_eq!(patience.answer(), ms(20_000));
    }

    #[test]
    fn waits_for_a_connection_double_and_are_short_at_first() {
        let patience = Patience::new(ms(1_000));
        assert_eq!(patience.grown_connect(), None);
        for expected in [400, 800, 1_600, 2_000, 2_000] {
            patience.not_connected();
            assert_eq!(patience.grown_connect(), Some(ms(expected)));
        }
        for (timeout, first) in [(40, 40), (1_000, 200), (20_000, 4_000)] {
            let patience = Patience::new(ms(timeout));
            assert_eq!(patience.first_connect(), ms(first));
        }
    }
}
