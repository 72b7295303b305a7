//! Message attributes of SQS and SNS.

use super::{Costs, Fields, Part, Written};
use crate::w3c::{BAGGAGE, TRACEPARENT, TRACESTATE};

/// How many attributes an SQS message takes. SNS takes more, but discards a raw delivery to SQS
/// that has more than these.
pub const MESSAGE_ATTRIBUTE_LIMIT: usize = 10;

/// What SQS and SNS count for the type `String` of an attribute, in bytes.
const TYPE_BYTES: usize = "String".len();

/// The attributes of a message that is about to be sent.
pub trait AttributeMap {
    /// How many attributes there are.
    fn count(&self) -> usize;

    /// Whether there is an attribute of this name; names are case-sensitive.
    fn contains(&self, name: &str) -> bool;

    /// Adds an attribute of type `String`. Its name is new and its value is not empty.
    fn insert(&mut self, name: &'static str, value: &str);
}

/// Writes the fields as attributes: at most `limit` attributes in all, and at most `room` bytes
/// more than before (name, type and value). `None` when nothing was written.
pub fn inject_attributes(
    map: &mut impl AttributeMap,
    fields: &Fields,
    limit: usize,
    room: usize,
) -> Option<Written> {
    let slots = limit.saturating_sub(map.count());
    let taken = |name: &str| map.contains(name);
    let (fitted, mut written) = fields.fitting(room, cost, taken)?;
    if slots == 0 {
        return None;
    }
    for (slot, (name, value)) in fitted.iter().enumerate() {
        if slot < slots {
            map.insert(name, value);
            continue;
        }
        match name {
            TRACEPARENT => written.traceparent = false,
            TRACESTATE => written.tracestate = Part::Nothing,
            BAGGAGE => written.baggage = Part::Nothing,
            _ => {}
        }
    }
    Some(written)
}

/// What each field costs as an attribute of a message that takes at most `limit` of them. `None`
/// when [`inject_attributes`] would write nothing with any amount of room.
pub fn attribute_costs(map: &impl AttributeMap, fields: &Fields, limit: usize) -> Option<Costs> {
    let slots = limit.saturating_sub(map.count());
    if slots == 0 || map.contains(TRACEPARENT) {
        return None;
    }
    let mut costs = Costs::of(fields, 0, cost, |name| map.contains(name));
    let mut left = slots;
    let all = [
        &mut costs.traceparent,
        &mut costs.tracestate,
        &mut costs.baggage,
    ];
    for cost in all.into_iter().filter(|cost| **cost > 0) {
        match left.checked_sub(1) {
            Some(fewer) => left = fewer,
            None => *cost = 0,
        }
    }
    Some(costs)
}

fn cost(name: &str, value: &str) -> usize {
    name.len() + TYPE_BYTES + value.len()
}
