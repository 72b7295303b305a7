//! Histograms of durations with the bounds of the FaaS conventions.

use super::exponential::Summary;

/// Upper bounds, in nanoseconds.
const BOUNDS: [u64; 14] = [
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    75_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    750_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    7_500_000_000,
    10_000_000_000,
];

/// A histogram of durations.
#[derive(Debug, Clone, Default)]
pub(super) struct Explicit {
    pub(super) counts: [u64; BOUNDS.len() + 1],
    pub(super) summary: Summary,
}

impl Explicit {
    /// Records a duration a number of times.
    pub(super) fn record(&mut self, nanos: u64, times: u64) {
        self.summary.record(nanos, times);
        let place = BOUNDS.partition_point(|bound| *bound < nanos);
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(times);
        }
    }

    /// Returns the upper bounds in seconds, for all buckets except the last, which has none.
    pub(super) fn bounds() -> impl DoubleEndedIterator<Item = f64> {
        BOUNDS.into_iter().map(super::exponential::seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_the_conventions_and_belong_to_the_bucket_below() {
        let bounds: Vec<f64> = Explicit::bounds().collect();
        let published = [
            0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        ];
        assert_eq!(bounds, published);
        let mut histogram = Explicit::default();
        for nanos in [0, 5_000_000, 5_000_001, 10_000_000_000, 10_000_000_001] {
            histogram.record(nanos, 1);
        }
        let mut expected = [0; 15];
        (expected[0], expected[1], expected[13], expected[14]) = (2, 1, 1, 1);
        assert_eq!(histogram.counts, expected);
    }
}
