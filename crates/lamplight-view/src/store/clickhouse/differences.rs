//! Attribute values that distinguish failed or slow invocations from the others.

use std::{collections::HashMap, sync::Arc};

use super::{ClickHouseStore, invocations::newest, span::Part};
use crate::{
    facts::{Facts, Outcome},
    span::{Resource, Span},
    store::{
        Difference, Query, Side, StoreError,
        counts::{Counts, SAMPLE, Sides, slowest},
    },
};

/// Returns the values that are more frequent on one side.
pub(super) fn differences(
    store: &ClickHouseStore,
    query: &Query,
    side: Side,
) -> Result<Vec<Difference>, StoreError> {
    // The outcome determines the sides.
    let query = Query {
        outcome: None,
        ..query.clone()
    };
    let spans = newest(store, &query, Part::All, SAMPLE)?;
    let slow = match side {
        Side::Failed => None,
        Side::Slow => {
            let mut durations: Vec<_> = spans.iter().map(Span::duration).collect();
            Some(slowest(&mut durations))
        }
    };
    let mut counts = Counts::default();
    let mut resources = HashMap::<*const Resource, (&Resource, Sides)>::new();
    let mut all = Sides::default();
    for span in &spans {
        let is_inside = match slow {
            Some(slow) => span.duration() >= slow,
            None => Facts::of(span).outcome != Outcome::Ok,
        };
        let one = Sides::one(is_inside);
        all.add(one);
        counts.add_all(&span.attributes, one);
        let shared = resources.entry(Arc::as_ptr(&span.resource));
        let shared = shared.or_insert_with(|| (&span.resource, Sides::default()));
        shared.1.add(one);
    }
    for (resource, sides) in resources.into_values() {
        counts.add_all(&resource.attributes, sides);
    }
    Ok(counts.differences(all))
}
