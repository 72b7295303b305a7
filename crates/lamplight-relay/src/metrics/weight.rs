//! The number of spans that a sampled span represents.
//!
//! A span that was sampled at the head according to the specification carries its threshold
//! (`ot=th`) and represents as many spans as its adjusted count, which usually is not an integer,
//! while histograms count in integers. The Collector's connector rounds at random; here the
//! fraction is carried over to the next span of the series. Therefore the same records give the
//! same numbers, and the error of a series is at most half a span, compared to the square root of
//! their number with random rounding.

use lamplight_otlp::trace::Span;

use crate::sampling::{Randomness, TraceState};

/// The number of spans that a span represents, with 32 binary places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weight(u128);

/// A number of spans, with 32 binary places.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count(u128);

/// The remainder of spans, which histograms count in integers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carry(u32);

impl Default for Carry {
    fn default() -> Self {
        // Starts at one half, so that the nearest number is counted.
        Self(1 << 31)
    }
}

impl Weight {
    pub(super) const ONE: Self = Self(1 << 32);

    /// Returns the weight of a span. A span without a threshold, or with an impossible one that
    /// would have dropped it, has weight 1.
    #[inline]
    pub(super) fn of(span: &Span<'_>) -> Self {
        if span.trace_state.is_empty() {
            return Self::ONE;
        }
        Self::said(span).unwrap_or(Self::ONE)
    }

    fn said(span: &Span<'_>) -> Option<Self> {
        let state = TraceState::new(span.trace_state);
        let threshold = state.threshold()?;
        let of_id = || span.valid_trace_id().as_ref().map(Randomness::of_trace_id);
        let randomness = state.randomness().or_else(of_id)?;
        if !threshold.keeps(randomness) {
            return None;
        }
        let kept = u128::from((1_u64 << 56).checked_sub(threshold.get())?);
        Some(Self((1_u128 << (56 + 32)).checked_div(kept)?))
    }

    /// Returns the integer part of the weight plus the carry, and carries the rest.
    #[inline]
    pub(super) fn whole(self, carry: &mut Carry) -> u64 {
        let sum = self.0 + u128::from(carry.0);
        carry.0 = sum as u32;
        u64::try_from(sum >> 32).unwrap_or(u64::MAX)
    }
}

impl Count {
    #[inline]
    pub(super) fn add(&mut self, weight: Weight) {
        self.0 = self.0.saturating_add(weight.0);
    }

    /// Returns the nearest integer.
    pub(super) fn get(self) -> u64 {
        u64::try_from(self.0.saturating_add(1 << 31) >> 32).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(trace_state: &str, trace_id: [u8; 16]) -> f64 {
        let mut span = Span::default();
        span.trace_state = trace_state.as_bytes();
        span.trace_id = &trace_id;
        Weight::of(&span).0 as f64 / f64::from(1 << 16).powi(2)
    }

    #[test]
    fn a_span_stands_for_its_adjusted_count() {
        let id = [0xff; 16];
        for (state, weight) in [
            ("", 1.0),
            ("ot=th:0", 1.0),
            ("ot=th:8", 2.0),
            ("vendor=1,ot=th:c", 4.0),
            ("ot=th:ffffffffffffff", f64::from(1 << 28).powi(2)),
            ("ot=rv:00000000000001", 1.0),
            ("ot=th:zz", 1.0),
            ("garbage", 1.0),
        ] {
            assert_eq!(of(state, id), weight, "{state}");
        }
        assert!((of("ot=th:e666", id) - 9.99939).abs() < 1e-5);
    }

    #[test]
    fn a_span_that_cannot_have_been_kept_stands_for_itself() {
        assert_eq!(of("ot=th:8", [1; 16]), 1.0);
        assert_eq!(of("ot=th:8;rv:ffffffffffffff", [1; 16]), 2.0);
        assert_eq!(of("ot=th:8;rv:00000000000000", [0xff; 16]), 1.0);
    }

    #[test]
    fn what_is_counted_is_never_wrong_by_more_than_half_a_span() {
        let third = Weight((10 << 32) / 3);
        let (mut carry, mut counted, mut count) = (Carry::default(), 0, Count::default());
        for spans in 1..1000 {
            counted += third.whole(&mut carry);
            count.add(third);
            let truth = f64::from(spans) * 10.0 / 3.0;
            assert!((counted as f64 - truth).abs() <= 0.5 + 1e-6);
            assert!((count.get() as f64 - truth).abs() <= 0.5 + 1e-6);
        }
    }
}
