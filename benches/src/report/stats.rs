//! Statistics of repeated measurements.

use std::fmt;

/// Median, minimum and maximum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one number.
    pub(crate) fn of(numbers: &[f64]) -> Self {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(sorted.len() / 2)),
            min: at(0),
            max: at(last),
        }
    }

    /// Returns whether the extremes differ by more than half the median, which other work on the machine
    /// causes.
    pub(crate) fn is_noisy(&self) -> bool {
        self.max - self.min > self.median / 2.0
    }

    /// Every number multiplied.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self {
            median: self.median * factor,
            min: self.min * factor,
            max: self.max * factor,
        }
    }
}

/// `median (min–max)`, with a leading `~` if it is noisy.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        let mark = if self.is_noisy() { "~" } else { "" };
        let Self { median, min, max } = self;
        write!(
            f,
            "{mark}{median:.precision$} ({min:.precision$}–{max:.precision$})"
        )
    }
}
