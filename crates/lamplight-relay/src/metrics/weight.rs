//! How many spans one stands for.
//!
//! Where heads sample by the specification, a span says so (`ot=th`), and stands for as many as its adjusted count
//! says, which mostly is no whole number, while histograms count in whole ones. The Collector's connector
//! rounds by chance; here the fraction is carried over to the next span of the series instead. So the same
//! records give the same numbers, and a series is never wrong by more than half a span, where chance makes it wrong
//! by the root of their number.

use lamplight_otlp::trace::Span;

use crate::sampling::{Randomness, TraceState};

/// How many spans one stands for: a number with 32 binary places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Weight(u128);

/// A number of spans, with 32 binary places.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count(u128);

/// What is left of spans that histograms count in whole ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carry(u32);

impl Default for Carry {
    fn default() -> Self {
        // So that the nearest number is counted.
        Self(1 << 31)
    }
}

impl Weight {
    pub(super) const ONE: Self = Self(1 << 32);

    /// Returns that of a span. One that does not say stands for itself, and so does one that says what cannot be:
    /// that it was kept with a threshold that would have dropped it.
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

    /// Returns how many whole spans that makes with what is carried over from those before, and carries the rest.
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

    /// Returns the nearest whole number.
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
