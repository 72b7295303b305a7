//! Statistics of functions.

use std::{
    cmp::Reverse,
    collections::{HashMap, hash_map},
};

use rusqlite::Connection;

use super::{
    invocations::bounds,
    number::{outcome, unordered},
    origin::recorders,
};
use crate::{
    facts::Outcome,
    store::{Count, Function, StoreError, Window},
};

/// Number of parts of a window in [`Function::series`].
const PARTS: usize = 60;

/// Returns every function with its statistics.
pub(super) fn functions(
    connection: &Connection,
    window: Window,
) -> Result<Vec<Function>, StoreError> {
    let Some((first, last)) = bounds(window, None) else {
        return Ok(Vec::new());
    };
    let parts = Parts::new(connection, window, first, last)?;
    let recorders = recorders(connection)?;
    // By name, and by origin once it is known.
    let mut places = HashMap::<i64, usize>::new();
    let mut by_name = HashMap::<&str, usize>::new();
    let mut functions = Vec::<Collected>::new();
    let mut select = connection.prepare_cached(
        "SELECT start, duration, origin, outcome, cold, init, held FROM invocations
         WHERE start BETWEEN ?1 AND ?2 ORDER BY start DESC, id DESC",
    )?;
    let mut rows = select.query((first, last))?;
    while let Some(row) = rows.next()? {
        let origin = row.get(2)?;
        let place = match places.entry(origin) {
            hash_map::Entry::Occupied(place) => *place.get(),
            hash_map::Entry::Vacant(vacant) => {
                let Some(recorder) = recorders.get(&origin) else {
                    continue;
                };
                let place = *by_name.entry(&recorder.function).or_insert_with(|| {
                    functions.push(Collected::new(&recorder.function));
                    functions.len() - 1
                });
                if let Some(it) = functions.get_mut(place) {
                    // In order from the newest, so the first known value is the newest.
                    it.function.memory = it.function.memory.or(recorder.memory);
                    if let Some(version) = &recorder.version
                        && !it.function.versions.contains(version)
                    {
                        it.function.versions.push(version.clone());
                    }
                }
                *vacant.insert(place)
            }
        };
        if let Some(function) = functions.get_mut(place) {
            let start = unordered(row.get(0)?);
            let outcome = outcome(row.get(3)?);
            function.add(start, unordered(row.get(1)?), outcome, &parts);
            if row.get(4)? {
                function.cold_start(row.get(5)?);
            }
            if let Some(held) = row.get(6)? {
                function.held.add(held);
            }
        }
    }
    let mut functions: Vec<_> = functions.into_iter().map(Collected::finish).collect();
    functions.sort_by(|a, b| (Reverse(a.last), &a.name).cmp(&(Reverse(b.last), &b.name)));
    Ok(functions)
}

/// The equal parts of a window.
struct Parts {
    from: u64,
    length: u64,
}

impl Parts {
    /// Returns the parts of a window; a missing end is replaced by that of all invocations in it.
    fn new(
        connection: &Connection,
        window: Window,
        first: i64,
        last: i64,
    ) -> Result<Self, StoreError> {
        let range = connection.query_row(
            "SELECT (SELECT min(start) FROM invocations WHERE start BETWEEN ?1 AND ?2),
             (SELECT max(start) FROM invocations WHERE start BETWEEN ?1 AND ?2)",
            [first, last],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (first, last) = match range {
            (Some(first), Some(last)) => (unordered(first), unordered(last)),
            _ => (0, 0),
        };
        let from = window.from.unwrap_or(first);
        let to = window.to.unwrap_or(last.saturating_add(1));
        let parts = u64::try_from(PARTS).unwrap_or(1);
        Ok(Self {
            from,
            length: to.saturating_sub(from).div_ceil(parts).max(1),
        })
    }

    fn of(&self, start: u64) -> usize {
        let part = start.saturating_sub(self.from) / self.length;
        usize::try_from(part).unwrap_or(PARTS).min(PARTS - 1)
    }
}

/// A function, and data from which its statistics are computed at the end.
struct Collected {
    function: Function,
    durations: Vec<u64>,
    init: Mean,
    held: Mean,
}

/// A mean under construction.
#[derive(Default)]
struct Mean {
    sum: f64,
    count: f64,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1.0;
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.sum / self.count)
    }
}

impl Collected {
    fn new(name: &str) -> Self {
        Self {
            function: Function {
                name: name.to_owned(),
                series: vec![Count::default(); PARTS],
                ..Function::default()
            },
            durations: Vec::new(),
            init: Mean::default(),
            held: Mean::default(),
        }
    }

    fn add(&mut self, start: u64, duration: u64, outcome: Outcome, parts: &Parts) {
        let is_error = outcome != Outcome::Ok;
        let it = &mut self.function;
        it.invocations += 1;
        it.errors += u64::from(is_error);
        it.timeouts += u64::from(outcome == Outcome::Timeout);
        it.last = it.last.max(start);
        if let Some(count) = it.series.get_mut(parts.of(start)) {
            count.invocations += 1;
            count.errors += u64::from(is_error);
        }
        self.durations.push(duration);
    }

    fn cold_start(&mut self, init_ms: Option<f64>) {
        self.function.cold_starts += 1;
        if let Some(init) = init_ms {
            self.init.add(init);
        }
    }

    fn finish(mut self) -> Function {
        let mut of = |percent| percentile(&mut self.durations, percent);
        Function {
            p50: of(50),
            p95: of(95),
            p99: of(99),
            init_ms: self.init.get(),
            flush_ms: self.held.get(),
            ..self.function
        }
    }
}

/// Returns a percentile by nearest rank; 0 if there are no values.
pub(super) fn percentile(values: &mut [u64], percent: usize) -> u64 {
    let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    if place < values.len() {
        *values.select_nth_unstable(place).1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_a_value_that_occurred() {
        let mut values: Vec<u64> = (1..=200).rev().collect();
        let of = [50, 95, 99, 100].map(|percent| percentile(&mut values, percent));
        assert_eq!(of, [100, 190, 198, 200]);
        assert_eq!(percentile(&mut [7], 50), 7);
        assert_eq!(percentile(&mut [], 50), 0);
    }
}
