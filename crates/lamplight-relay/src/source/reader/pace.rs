//! The rate and size of reads.

use std::time::Duration;

use super::Pace;

/// Calls per second that a shard allows, for all its readers.
const CALLS: f64 = 5.0;
/// Bytes per second that a shard allows, for all its readers.
const BYTES: f64 = 2_000_000.0;
/// Maximum number of records per call.
const MOST_RECORDS: f64 = 10_000.0;
/// Number of records in the first call, when their size is still unknown: a hundred large ones
/// would block the shard for five seconds. The second call, for as many as the shard allows per
/// second, follows at once, so that a short-lived process gets some work done.
const FIRST_RECORDS: f64 = 1.0;
/// Number of call intervals to wait after the second call: its own, the one skipped after the first
/// call, and one more, so that no second has more calls than another even with a second reader.
const WAITS_OF_SECOND: f64 = 3.0;
/// Minimum share of a shard's limits.
const LEAST_SHARE: f64 = 0.01;

/// The pace of one shard.
#[derive(Debug, Clone)]
pub(super) struct Pacer {
    share: f64,
    idle: Duration,
    /// Moving average of the size of a record.
    record_bytes: Option<f64>,
    answers: Answers,
}

/// Number of responses so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    None,
    /// One; another call was made at once.
    First,
    More,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        // A share that is not a number means all.
        let share = if pace.share.is_finite() {
            pace.share
        } else {
            1.0
        };
        Self {
            share: share.clamp(LEAST_SHARE, 1.0),
            idle: pace.idle,
            record_bytes: None,
            answers: Answers::None,
        }
    }

    /// Returns the number of records to request: as many as the shard allows per second. More in
    /// one response would block the shard for its other readers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 1 and 10 000"
    )]
    pub(super) fn limit(&self) -> u32 {
        let records = match self.record_bytes {
            None => FIRST_RECORDS,
            Some(bytes) => BYTES * self.share / bytes.max(1.0),
        };
        records.clamp(1.0, MOST_RECORDS) as u32
    }

    /// Records the size of a response, and returns the interval until the next call.
    pub(super) fn after(&mut self, records: usize, bytes: usize, at_tip: bool) -> Duration {
        let (records, bytes) = (to_f64(records), to_f64(bytes));
        if records > 0.0 {
            let average = bytes / records;
            let before = self.record_bytes.unwrap_or(average);
            self.record_bytes = Some(f64::midpoint(before, average));
        }
        let is_first = self.answers == Answers::None && records > 0.0;
        let waits = match self.answers {
            _ if is_first => 0.0,
            Answers::First => WAITS_OF_SECOND,
            _ => 1.0,
        };
        self.answers = if is_first {
            Answers::First
        } else {
            Answers::More
        };
        let for_calls = waits / (CALLS * self.share);
        let for_bytes = bytes / (BYTES * self.share);
        let wait = Duration::from_secs_f64(for_calls.max(for_bytes));
        if at_tip { wait.max(self.idle) } else { wait }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of one response")]
fn to_f64(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacer(share: f64) -> Pacer {
        let idle = Duration::from_secs(1);
        Pacer::new(Pace { share, idle })
    }

    /// The waits of a process that has just started, with records of this size.
    fn waits(share: f64, bytes: usize) -> [u128; 4] {
        let mut pacer = pacer(share);
        [(); 4].map(|()| pacer.after(1, bytes, false).as_millis())
    }

    #[test]
    fn calls_keep_to_five_a_second_and_the_second_follows_the_first_at_once() {
        assert_eq!(waits(1.0, 10), [0, 600, 200, 200]);
        assert_eq!(waits(0.5, 10), [0, 1200, 400, 400]);
        let mut idle = pacer(1.0);
        for _ in 0..3 {
            assert_eq!(idle.after(0, 0, true), Duration::from_secs(1));
        }
        let mut empty = pacer(1.0);
        for _ in 0..3 {
            assert_eq!(empty.after(0, 0, false), Duration::from_millis(200));
        }
    }

    #[test]
    fn the_second_call_waits_for_what_the_first_has_read() {
        assert_eq!(waits(1.0, 1_000_000), [500, 600, 500, 500]);
    }

    #[test]
    fn bytes_keep_to_two_megabytes_a_second() {
        let five_seconds = pacer(1.0).after(10, 10_000_000, true);
        assert_eq!(five_seconds, Duration::from_secs(5));
    }

    #[test]
    fn answers_are_as_large_as_a_second_allows() {
        let mut pacer = pacer(1.0);
        pacer.after(10, 10_000_000, false);
        assert_eq!(pacer.limit(), 2);
        for _ in 0..60 {
            pacer.after(10, 10, false);
        }
        assert_eq!(pacer.limit(), 10_000);
    }

    #[test]
    fn any_share_is_a_pace() {
        for share in [f64::NAN, f64::INFINITY, -1.0, 0.0, 7.0] {
            let mut pacer = pacer(share);
            assert!(pacer.after(1, 1, false) <= Duration::from_secs(20));
            assert!(pacer.limit() >= 1);
        }
    }
}
