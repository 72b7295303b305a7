//! Attribute values that distinguish failed or slow invocations from the others.

use std::{collections::HashMap, ops::ControlFlow, sync::Arc};

use rusqlite::Connection;

use super::{cached::Cached, invocations::scan};
use crate::{
    span::Resource,
    store::{
        Difference, Query, Side, StoreError,
        counts::{Counts, SAMPLE, Sides, slowest},
    },
};

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
    Ok(slowest(&mut durations))
}
