//! Counts of attribute values on two sides.

use std::collections::HashMap;

use super::Difference;
use crate::span::Attributes;

/// Maximum number of compared invocations: the newest.
pub(super) const SAMPLE: usize = 20_000;

/// Maximum number of returned values.
const RESULTS: usize = 100;

/// Minimum number of invocations inside with a value: single ones are chance, or an id.
const SUPPORT: u64 = 2;

/// Minimum reported difference of shares.
const LEAST: f64 = 0.05;

/// Maximum number of counted values per key. A key with more is an id and left out.
const VALUES: usize = 1000;

/// Maximum number of counted keys.
const KEYS: usize = 1000;

/// Maximum length of a counted value, in bytes: longer ones are not names.
const LENGTH: usize = 200;

/// Returns the minimum duration of the slowest 5 %.
pub(super) fn slowest(durations: &mut [u64]) -> u64 {
    let place = durations.len() - durations.len().div_ceil(20);
    if place < durations.len() {
        *durations.select_nth_unstable(place).1
    } else {
        u64::MAX
    }
}

/// Numbers of invocations inside and outside.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sides {
    inside: u64,
    outside: u64,
}

impl Sides {
    pub(super) fn one(is_inside: bool) -> Self {
        Self {
            inside: is_inside.into(),
            outside: (!is_inside).into(),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.inside += other.inside;
        self.outside += other.outside;
    }

    /// Returns the difference of the shares in all.
    #[allow(clippy::cast_precision_loss, reason = "for comparison")]
    fn difference(self, all: Self) -> f64 {
        let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
        share(self.inside, all.inside) - share(self.outside, all.outside)
    }
}

/// The number of occurrences of each value of each key; `None` for a key with too many values.
#[derive(Debug, Default)]
pub(super) struct Counts(HashMap<String, Option<HashMap<String, Sides>>>);

impl Counts {
    pub(super) fn add_all(&mut self, attributes: &Attributes, sides: Sides) {
        for (place, attribute) in attributes.iter().enumerate() {
            let mut before = attributes.iter().take(place);
            // The first one of duplicate keys counts.
            if before.any(|it| it.key == attribute.key) {
                continue;
            }
            let value = attribute.value.to_string();
            if value.len() <= LENGTH {
                self.add(&attribute.key, value, sides);
            }
        }
    }

    fn add(&mut self, key: &str, value: String, sides: Sides) {
        let is_full = self.0.len() >= KEYS;
        let values = match self.0.get_mut(key) {
            Some(values) => values,
            None if is_full => return,
            None => self
                .0
                .entry(key.to_owned())
                .or_insert_with(|| Some(HashMap::new())),
        };
        if let Some(counts) = values {
            counts.entry(value).or_default().add(sides);
            if counts.len() > VALUES {
                *values = None;
            }
        }
    }

    pub(super) fn differences(self, all: Sides) -> Vec<Difference> {
        if all.inside == 0 || all.outside == 0 {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (key, values) in self.0 {
            for (value, sides) in values.into_iter().flatten() {
                let difference = sides.difference(all);
                if sides.inside >= SUPPORT && difference >= LEAST {
                    found.push((difference, key.clone(), value, sides));
                }
            }
        }
        found.sort_by(|a, b| {
            b.0.total_cmp(&a.0)
                .then_with(|| (&a.1, &a.2).cmp(&(&b.1, &b.2)))
        });
        let found = found.into_iter().take(RESULTS);
        let differences = found.map(|(_, key, value, sides)| Difference {
            key,
            value,
            inside: sides.inside,
            inside_of: all.inside,
            outside: sides.outside,
            outside_of: all.outside,
        });
        differences.collect()
    }
}
