//! How often and how much is read.

use std::time::Duration;

use super::Pace;

/// Calls a second that a shard takes from all its readers.
const CALLS: f64 = 5.0;
/// Bytes a second that a shard gives all its readers.
const BYTES: f64 = 2_000_000.0;
/// Most records of a call.
const MOST_RECORDS: f64 = 10_000.0;
/// Records of the first call, whose size nobody knows yet. Up to 20 kB each they are what a shard gives in a
/// second, and Lamplight's are smaller. An answer has 10 MB at most, whatever they are: then the shard
/// answers nobody for five seconds, and the second call waits for as long, once in the life of a process. To ask for
/// less would cost every process another call, and its wait, before it reads in earnest.
const FIRST_RECORDS: f64 = 100.0;
/// The smallest part of a shard's limits that can be asked for.
const LEAST_SHARE: f64 = 0.01;

/// The pace of one shard.
#[derive(Debug, Clone)]
pub(super) struct Pacer {
    share: f64,
    idle: Duration,
    /// What a record was on average, lately.
    record_bytes: Option<f64>,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        // What is no number is all.
        let share = if pace.share.is_finite() {
            pace.share
        } else {
            1.0
        };
        Self {
            share: share.clamp(LEAST_SHARE, 1.0),
            idle: pace.idle,
            record_bytes: None,
        }
    }

    /// Returns how many records to ask for: as many as the shard gives in a second. More in one answer would
    /// block the shard for its other readers.
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

    /// Notes what was read, and returns how long to wait from one call to the next.
    pub(super) fn after(&mut self, records: usize, bytes: usize, at_tip: bool) -> Duration {
        let (records, bytes) = (to_f64(records), to_f64(bytes));
        if records > 0.0 {
            let average = bytes / records;
            let before = self.record_bytes.unwrap_or(average);
            self.record_bytes = Some(f64::midpoint(before, average));
        }
        let for_calls = 1.0 / (CALLS * self.share);
        let for_bytes = bytes / (BYTES * self.share);
        let wait = Duration::from_secs_f64(for_calls.max(for_bytes));
        if at_tip { wait.max(self.idle) } else { wait }
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of one answer")]
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

    #[test]
    fn calls_keep_to_five_a_second() {
        assert_eq!(pacer(1.0).after(1, 10, false), Duration::from_millis(200));
        assert_eq!(pacer(0.5).after(1, 10, false), Duration::from_millis(400));
        assert_eq!(pacer(1.0).after(0, 0, true), Duration::from_secs(1));
    }

    #[test]
    fn bytes_keep_to_two_megabytes_a_second() {
        let five_seconds = pacer(1.0).after(10, 10_000_000, true);
        assert_eq!(five_seconds, Duration::from_secs(5));
    }

    #[test]
    fn the_first_answer_is_no_more_than_a_second_gives_or_is_waited_for() {
        let mut first = pacer(1.0);
        assert_eq!(first.limit(), 100);
        let second = Duration::from_secs(1);
        assert_eq!(first.after(100, 100 * 20_000, false), second);
        // The most there is in any answer.
        assert_eq!(pacer(1.0).after(10, 10_000_000, false), 5 * second);
        assert_eq!(pacer(1.0).after(100, 100, false), second / 5);
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
