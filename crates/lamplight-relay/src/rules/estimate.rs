//! Estimation of the number of traces per key, and of the number to keep.
//!
//! Results are repeatable rather than exact: they do not depend on the machine's logarithm, the
//! order of a hash map, or a clock.

use std::collections::BTreeMap;

use super::{
    adaptive::{Adaptive, Goal},
    hash::of_text,
};
use crate::{record::StreamTime, sampling::Threshold};

/// Number of intervals without traces after which nothing is remembered.
const MOST_IDLE: u64 = 64;

/// Number of traces per interval below which a key is forgotten.
const LEAST: f64 = 0.3;

/// The key for traces without a key of their own. A collision with a hash is unlikely.
const OTHERS: u64 = u64::MAX;

/// A compiled adaptive rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// The hash of the rule's name.
    pub(super) id: u64,
    goal: Goal,
    interval: u64,
    weight: f64,
    max_keys: usize,
    /// The slots of the fields of its key.
    pub(super) fields: Box<[u8]>,
}

/// The state of an adaptive rule.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Estimate {
    /// The start of the interval.
    pub(super) began: u64,
    pub(super) keys: BTreeMap<u64, Key>,
}

/// The state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Key {
    /// Moving average of traces per interval; 0 for a new key.
    pub(super) average: f64,
    /// Number of traces in this interval.
    pub(super) counted: f64,
    /// Number of traces to keep per interval.
    pub(super) share: f64,
}

impl Plan {
    pub(super) fn new(rule: &str, adaptive: &Adaptive, fields: Box<[u8]>) -> Self {
        let interval = u64::try_from(adaptive.interval.as_millis()).unwrap_or(u64::MAX);
        Self {
            id: of_text(rule.as_bytes()),
            goal: adaptive.goal,
            interval: interval.max(1),
            weight: adaptive.weight,
            max_keys: adaptive.max_keys,
            fields,
        }
    }

    /// Counts a trace with this key and this adjusted count, and returns its threshold.
    pub(super) fn threshold(
        &self,
        estimate: &mut Estimate,
        key: u64,
        count: f64,
        now: StreamTime,
    ) -> Threshold {
        let now = now.as_millis();
        self.advance(estimate, now - now % self.interval);
        let known = estimate.keys.contains_key(&key);
        let key = if known || estimate.keys.len() < self.max_keys {
            key
        } else {
            OTHERS
        };
        let entry = estimate.keys.entry(key).or_default();
        entry.counted += count;
        let entry = *entry;
        let fraction = match self.goal {
            Goal::Fraction(fraction) if entry.average == 0.0 => fraction.max(entry.counted.recip()),
            Goal::Fraction(_) => entry.share / entry.average,
            Goal::Rate(_) if entry.average == 0.0 => {
                self.total(estimate) / estimate.keys.len() as f64 / entry.counted
            }
            // Unexpected traffic must not increase the number of kept traces.
            Goal::Rate(_) => entry.share / entry.average.max(entry.counted),
        };
        Threshold::from_probability(fraction)
    }

    /// Returns the number of traces to keep per interval.
    fn total(&self, estimate: &Estimate) -> f64 {
        match self.goal {
            Goal::Rate(rate) => rate * self.interval as f64 / 1000.0,
            Goal::Fraction(fraction) => {
                let all: f64 = estimate.keys.values().map(|key| key.average).sum();
                fraction * all
            }
        }
    }

    /// Ends the intervals before the one that starts at `began`. Time never goes backward.
    fn advance(&self, estimate: &mut Estimate, began: u64) {
        // If rules have changed, the last interval may have had a different length.
        let passed = began.saturating_sub(estimate.began).div_ceil(self.interval);
        if passed == 0 {
            return;
        }
        estimate.began = began;
        let rest = 1.0 - self.weight;
        for key in estimate.keys.values_mut() {
            let counted = std::mem::take(&mut key.counted);
            key.average = match key.average {
                // A new key has no past average.
                0.0 => counted,
                average => self.weight * counted + rest * average,
            };
            for _ in 1..passed.min(MOST_IDLE) {
                key.average *= rest;
            }
        }
        estimate.keys.retain(|_, key| key.average >= LEAST);
        self.share_out(estimate);
    }

    /// Distributes the number to keep among the keys in proportion to the logarithms of their
    /// numbers, up to the number of each; the surplus goes to larger keys.
    fn share_out(&self, estimate: &mut Estimate) {
        let mut left = self.total(estimate);
        let mut order: Vec<(u64, f64, f64)> = estimate
            .keys
            .iter()
            .map(|(key, Key { average, .. })| (*key, *average, 1.0 + logarithm(1.0 + average)))
            .collect();
        order.sort_by(|(_, one, _), (_, other, _)| one.total_cmp(other));
        let mut parts: f64 = order.iter().map(|(_, _, part)| part).sum();
        for (key, average, part) in order {
            let share = (left * part / parts).clamp(0.0, average);
            left -= share;
            parts -= part;
            if let Some(key) = estimate.keys.get_mut(&key) {
                key.share = share;
            }
        }
    }

    /// Adapts an estimate that was made with other settings to these.
    pub(super) fn fit(&self, estimate: &mut Estimate) {
        if estimate.keys.len() > self.max_keys + 1 {
            estimate.keys.clear();
        }
    }

    /// Adds a share of the state of another estimate.
    pub(super) fn inherit(&self, estimate: &mut Estimate, from: &Estimate, part: f64) {
        let mut from = from.clone();
        let began = estimate.began.max(from.began);
        self.advance(estimate, began);
        self.advance(&mut from, began);
        for (key, other) in from.keys {
            let room = estimate.keys.len() < self.max_keys;
            let key = if room || estimate.keys.contains_key(&key) {
                key
            } else {
                OTHERS
            };
            let entry = estimate.keys.entry(key).or_default();
            entry.average += part * other.average;
            entry.counted += part * other.counted;
            entry.share += part * other.share;
        }
    }
}

/// Returns an approximate base-2 logarithm: exact for powers of 2, linear in between.
fn logarithm(number: f64) -> f64 {
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as f64 - 1023.0;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    exponent + mantissa - 1.0
}
