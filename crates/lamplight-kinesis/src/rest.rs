//! When an exporter without a queue leaves a stream alone.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Exports in a row that reached nothing before the first rest, and what that one and the longest
/// are: as for the pauses of a span queue.
const FAILURES: u32 = 3;
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Counts exports that reached nothing. Whoever waits for one waits in vain, under a simple processor
/// the function itself, so that while it lasts most are not tried.
#[derive(Debug, Default)]
pub(crate) struct Rest(Mutex<(u32, Option<Instant>)>);

impl Rest {
    /// Returns whether nothing is to be tried at `now`.
    pub(crate) fn is_on(&self, now: Instant) -> bool {
        let (_, until) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| now < until)
    }

    /// Notes whether an export that ended at `now` reached the stream.
    pub(crate) fn note(&self, reached: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reached {
            *state = (0, None);
            return;
        }
        let failures = state.0.saturating_add(1);
        let rest = failures.checked_sub(FAILURES).map(|more| {
            let length = FIRST.saturating_mul(1 << more.min(16)).min(LONGEST);
            now + length
        });
        *state = (failures, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_begin_with_the_third_failure_and_double_up_to_a_minute() {
        let (rest, start) = (Rest::default(), Instant::now());
        for _ in 0..2 {
            rest.note(false, start);
            assert!(!rest.is_on(start));
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            rest.note(false, start);
            let end = start + Duration::from_secs(seconds);
            assert!(rest.is_on(end - Duration::from_millis(1)), "{seconds}");
            assert!(!rest.is_on(end), "{seconds}");
        }
        rest.note(true, start);
        assert!(!rest.is_on(start));
        rest.note(false, start);
        assert!(!rest.is_on(start), "in a row");
    }
}
