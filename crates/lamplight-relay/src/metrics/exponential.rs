//! Exponential histograms of durations.
//!
//! Specification:
//! <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram>, and for the
//! choice of the scale
//! <https://opentelemetry.io/docs/specs/otel/metrics/sdk/#base2-exponential-bucket-histogram-aggregation>.
//!
//! All numbers are integers: durations and their sum are in nanoseconds. Therefore the encoding
//! does not depend on the order of durations or on the machine, and the scale is determined by the
//! minimum and the maximum alone.

/// The finest scale, with which a histogram begins.
const MAX_SCALE: u32 = 20;
/// Maximum number of buckets.
pub(super) const MAX_SIZE: usize = 160;

/// An exponential histogram of durations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exponential {
    /// Never less than 1: durations span at most 64 octaves, half of what would fit.
    pub(super) scale: u32,
    /// The index of the first bucket.
    pub(super) offset: i32,
    /// The buckets; the first and the last are not empty.
    pub(super) counts: Vec<u64>,
    pub(super) zeros: u64,
    pub(super) summary: Summary,
}

/// The data of any histogram other than its buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) count: u64,
    /// In nanoseconds, like the others.
    pub(super) sum: u128,
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            count: 0,
            sum: 0,
            min: u64::MAX,
            max: 0,
        }
    }
}

impl Summary {
    #[inline]
    pub(super) fn record(&mut self, nanos: u64, times: u64) {
        self.count = self.count.saturating_add(times);
        let sum = u128::from(nanos).saturating_mul(times.into());
        self.sum = self.sum.saturating_add(sum);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }
}

impl Default for Exponential {
    fn default() -> Self {
        Self {
            scale: MAX_SCALE,
            offset: 0,
            counts: Vec::new(),
            zeros: 0,
            summary: Summary::default(),
        }
    }
}

impl Exponential {
    /// Records a duration a number of times.
    #[inline]
    pub(super) fn record(&mut self, nanos: u64, times: u64) {
        self.summary.record(nanos, times);
        match index(seconds(nanos), self.scale) {
            Some(index) => self.add(index, times),
            None => self.zeros = self.zeros.saturating_add(times),
        }
    }

    #[inline]
    fn add(&mut self, index: i32, times: u64) {
        // Usually the bucket exists already.
        let place = usize::try_from(index.wrapping_sub(self.offset)).ok();
        if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
            *count = count.saturating_add(times);
        } else {
            self.add_outside(index, times);
        }
    }

    /// Adds to a bucket that does not exist yet, after making room for it.
    #[cold]
    fn add_outside(&mut self, index: i32, times: u64) {
        if self.counts.is_empty() {
            self.offset = index;
        }
        let by = self.too_fine_by(index, index);
        self.coarsen(by);
        let index = index >> by;
        let before = usize::try_from(self.offset.saturating_sub(index)).unwrap_or_default();
        if before > 0 {
            self.counts
                .splice(..0, std::iter::repeat_n(0, before.min(MAX_SIZE)));
            self.offset = index;
        }
        let place = usize::try_from(index.saturating_sub(self.offset)).unwrap_or_default();
        if place >= self.counts.len() && place < MAX_SIZE {
            self.counts.resize(place + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(place) {
            *count = count.saturating_add(times);
        }
    }

    /// Returns by how many scales this is too fine for additional buckets from `low` to `high`.
    fn too_fine_by(&self, low: i32, high: i32) -> u32 {
        let (mut low, mut high) = (low, high);
        if let Some(last) = self.counts.len().checked_sub(1) {
            low = low.min(self.offset);
            high = high.max(self.offset.saturating_add(last as i32));
        }
        let mut by = 0;
        while high.saturating_sub(low) >= MAX_SIZE as i32 {
            (low, high) = (low >> 1, high >> 1);
            by += 1;
        }
        by
    }

    /// Merges pairs of buckets, a number of times.
    fn coarsen(&mut self, by: u32) {
        if by == 0 {
            return;
        }
        let (old, new) = (self.offset, self.offset >> by);
        let mut counts = Vec::with_capacity(self.counts.len().min(MAX_SIZE));
        for (place, count) in self.counts.iter().enumerate() {
            let index = old.saturating_add(place as i32) >> by;
            let place = usize::try_from(index.saturating_sub(new)).unwrap_or_default();
            if place >= counts.len() {
                counts.resize(place + 1, 0_u64);
            }
            if let Some(sum) = counts.get_mut(place) {
                *sum = sum.saturating_add(*count);
            }
        }
        self.counts = counts;
        self.offset = new;
        self.scale = self.scale.saturating_sub(by);
    }

    /// Adds the durations of another histogram.
    #[cfg(test)]
    pub(super) fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        let scale = self.scale.min(other.scale);
        self.coarsen(self.scale - scale);
        other.coarsen(other.scale - scale);
        if let Some(last) = other.counts.len().checked_sub(1) {
            let high = other.offset + last as i32;
            if self.counts.is_empty() {
                self.offset = other.offset;
            }
            let by = self.too_fine_by(other.offset, high);
            self.coarsen(by);
            if self.counts.is_empty() {
                self.scale = scale - by;
            }
            other.coarsen(by);
        }
        for (place, count) in other.counts.iter().enumerate() {
            if *count != 0 {
                self.add(other.offset + place as i32, *count);
            }
        }
        self.zeros += other.zeros;
        self.summary = Summary {
            count: self.summary.count + other.summary.count,
            sum: self.summary.sum + other.summary.sum,
            min: self.summary.min.min(other.summary.min),
            max: self.summary.max.max(other.summary.max),
        };
    }
}

/// Returns nanoseconds in seconds. Both steps are correctly rounded, so the result is the same on
/// all machines.
#[inline]
pub(super) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

/// Returns the index of the bucket for a value, or `None` for zero. The bucket is the one with
/// `base^index < value <= base^(index + 1)`, where `base = 2^(2^-scale)`.
///
/// The binary digits of the logarithm are computed one by one by squaring: if the value's exponent
/// is then odd, the next digit is 1. A coarser scale has the same digits, but fewer of them.
#[inline]
fn index(value: f64, scale: u32) -> Option<i32> {
    const MANTISSA: u32 = 52;
    const BIAS: i32 = 1023;
    if value <= 0.0 {
        return None;
    }
    let bits = value.to_bits();
    // Never subnormal, since the minimum duration is a billionth.
    let exponent = (bits >> MANTISSA) as i32 - BIAS;
    let mantissa = bits & ((1 << MANTISSA) - 1);
    let mut index = exponent;
    // From 1 to 2, with 63 binary places.
    let mut rest = 1 << 63 | mantissa << (63 - MANTISSA);
    for _ in 0..scale {
        let square = (u128::from(rest) * u128::from(rest)) >> 63;
        let digit = (square >> 64) as u64;
        index = index << 1 | digit as i32;
        rest = (square >> digit) as u64;
    }
    // A power of two is the upper bound of its bucket. No other bound is representable as a number.
    Some(if mantissa == 0 { index - 1 } else { index })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u64]) -> Exponential {
        let mut histogram = Exponential::default();
        for value in values {
            histogram.record(*value, 1);
        }
        histogram
    }

    /// Durations of all orders of magnitude.
    fn duration() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0_u32..64).prop_map(|(bits, shift)| bits >> shift)
    }

    fn durations() -> impl Strategy<Value = Vec<u64>> {
        proptest::collection::vec(duration(), 0..60)
    }

    #[test]
    fn a_power_of_two_is_the_upper_bound_of_its_bucket() {
        for scale in 0..=20 {
            assert_eq!(index(1.0, scale), Some(-1));
            assert_eq!(index(2.0, scale), Some((1 << scale) - 1));
            assert_eq!(index(0.5, scale), Some(-(1 << scale) - 1));
            assert_eq!(index(1.0 + f64::EPSILON, scale), Some(0));
        }
        assert_eq!(index(0.0, 20), None);
    }

    #[test]
    fn a_histogram_of_one_value_is_as_fine_as_can_be() {
        let histogram = of(&[1_000_000, 1_000_000]);
        assert_eq!((histogram.scale, &histogram.counts[..]), (20, &[2][..]));
    }

    proptest! {
        #[test]
        fn bounds_of_a_bucket_contain_its_values(nanos in 1..u64::MAX, scale in 0_u32..=20) {
            let value = seconds(nanos);
            let index = index(value, scale).unwrap();
            let bound = |index: i32| (f64::from(index) / f64::from(1_u32 << scale)).exp2();
            // Tolerance for rounding: the bounds are computed independently.
            prop_assert!(bound(index) < value * (1.0 + 1e-13), "{value} {index}");
            prop_assert!(value <= bound(index + 1) * (1.0 + 1e-13), "{value} {index}");
        }

        #[test]
        fn a_coarser_scale_is_a_shift_of_the_index(nanos in 1..u64::MAX, scale in 0_u32..=20) {
            let value = seconds(nanos);
            prop_assert_eq!(index(value, scale), index(value, 20).map(|it| it >> (20 - scale)));
        }

        #[test]
        fn all_that_was_recorded_is_counted_within_the_bound(values in durations()) {
            let histogram = of(&values);
            let counted: u64 = histogram.counts.iter().sum();
            prop_assert_eq!(counted + histogram.zeros, values.len() as u64);
            prop_assert_eq!(histogram.summary.count, values.len() as u64);
            prop_assert_eq!(histogram.summary.sum, values.iter().map(|it| u128::from(*it)).sum());
            prop_assert!(histogram.counts.len() <= MAX_SIZE);
            prop_assert!(histogram.scale >= 1);
            prop_assert!(histogram.counts.first() != Some(&0) && histogram.counts.last() != Some(&0));
            // At one scale finer, it would not fit.
            let finer = |value: &u64| index(seconds(*value), histogram.scale + 1);
            let low = values.iter().filter_map(finer).min().unwrap_or_default();
            let high = values.iter().filter_map(finer).max().unwrap_or_default();
            prop_assert!(histogram.scale == MAX_SCALE || high - low >= MAX_SIZE as i32);
        }

        #[test]
        fn order_and_grouping_change_nothing(
            (one, two, three) in (durations(), durations(), durations()),
        ) {
            let all = of(&[&one[..], &two, &three].concat());
            let backwards: Vec<_> = [&one[..], &two, &three].concat().into_iter().rev().collect();
            prop_assert_eq!(&of(&backwards), &all);
            let mut left = of(&one);
            left.merge(&of(&two));
            left.merge(&of(&three));
            let mut right = of(&two);
            right.merge(&of(&three));
            let mut first = of(&one);
            first.merge(&right);
            prop_assert_eq!(&left, &all);
            prop_assert_eq!(&first, &all);
        }

        #[test]
        fn several_times_is_one_time_each(value in duration(), times in 1_u64..50) {
            let mut histogram = Exponential::default();
            histogram.record(value, times);
            prop_assert_eq!(histogram, of(&vec![value; times as usize]));
        }
    }
}
