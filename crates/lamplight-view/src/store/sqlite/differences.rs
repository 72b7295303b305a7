//! Attribute values that distinguish failed or slow invocations from the others.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use rusqlite::Connection;

use super::{cached::Cached, invocations::scan};
use crate::{
    span::{Attributes, Resource},
    store::{Difference, Query, Side, StoreError},
};

/// Maximum number of compared invocations: the newest.
const SAMPLE: usize = 20_000;

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

/// Returns the values that are more frequent on one side.
pub(super) fn differences(
    connection: &Connection,
    cached: &mut Cached,
    query: &Query,
    side: Side,
) -> Result<Vec<Difference>, StoreError> {
    // The outcome determines the sides.
    let query = Query {
        outcome: None,
        ..query.clone()
    };
    let slow = match side {
        Side::Failed => None,
        Side::Slow => Some(slow_from(connection, cached, &query)?),
    };
    let mut counts = Counts::default();
    let mut resources = HashMap::<*const Resource, (Arc<Resource>, Sides)>::new();
    let mut all = Sides::default();
    let mut sampled = 0;
    scan(connection, cached, &query, |found, span| {
        let one = Sides::one(slow.map_or(found.is_error, |slow| found.duration >= slow));
        all.add(one);
        counts.add_all(&span.attributes, one);
        let shared = resources.entry(Arc::as_ptr(&span.resource));
        let shared = shared.or_insert_with(|| (Arc::clone(&span.resource), Sides::default()));
        shared.1.add(one);
        sampled += 1;
        next(sampled)
    })?;
    for (resource, sides) in resources.into_values() {
        counts.add_all(&resource.attributes, sides);
    }
    Ok(counts.differences(all))
}

fn next(sampled: usize) -> ControlFlow<()> {
    if sampled < SAMPLE {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}

/// Returns the minimum duration of the slowest 5 %, in nanoseconds.
fn slow_from(
    connection: &Connection,
    cached: &mut Cached,
    query: &Query,
) -> Result<u64, StoreError> {
    let mut durations = Vec::new();
    scan(connection, cached, query, |found, _| {
        durations.push(found.duration);
        next(durations.len())
    })?;
    let place = durations.len() - durations.len().div_ceil(20);
    if durations.is_empty() {
        return Ok(u64::MAX);
    }
    Ok(*durations.select_nth_unstable(place).1)
}

/// Numbers of invocations inside and outside.
#[derive(Debug, Clone, Copy, Default)]
struct Sides {
    inside: u64,
    outside: u64,
}

impl Sides {
    fn one(is_inside: bool) -> Self {
        Self {
            inside: is_inside.into(),
            outside: (!is_inside).into(),
        }
    }

    fn add(&mut self, other: Self) {
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
struct Counts(HashMap<String, Option<HashMap<String, Sides>>>);

impl Counts {
    fn add_all(&mut self, attributes: &Attributes, sides: Sides) {
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

    fn differences(self, all: Sides) -> Vec<Difference> {
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
