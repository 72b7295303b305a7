//! Exponential backoff with jitter, so that instances that failed together do not retry together.

use std::time::Duration;

/// The wait after the first failure.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(10);

/// The waits after consecutive failures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Returns the next wait: between half and all of a duration that doubles with every failure.
    pub(super) fn next(&mut self) -> Duration {
        let factor = 1_u32 << self.failures.min(8);
        self.failures = self.failures.saturating_add(1);
        let most = FIRST.saturating_mul(factor).min(LONGEST);
        most.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// Resets the waits after a success.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_seconds() {
        let mut backoff = Backoff::default();
        for most in [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000] {
            let wait = backoff.next().as_millis();
            assert!(wait <= most && wait >= most / 2 - 1, "{wait} of {most}");
        }
        backoff.reset();
        assert!(backoff.next() <= FIRST);
    }
}
