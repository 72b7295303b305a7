//! Batches: their sizes, and entries that a service rejected in a successful call.

use lamplight_semconv::{
    error::{self, ErrorType},
    events, lamplight,
};
use opentelemetry::KeyValue;

use crate::{call::Call, error::code};

/// The maximum number of rejected entries with an event; all of them are counted.
const MAX_EVENTS: usize = 32;

/// Returns a count as an attribute value.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Records the entries of a batch that the service rejected in a successful call: the error code of each, if
/// it has one, and an attribute that identifies it.
pub(super) fn record_refused<'a>(
    entries: impl Iterator<Item = (Option<&'a str>, Option<KeyValue>)>,
    call: &mut Call,
) {
    let mut refused = 0;
    for (error, which) in entries {
        refused += 1;
        if refused <= MAX_EVENTS {
            let error = error.and_then(code);
            let error = error.map_or(ErrorType::Other, ErrorType::from_value);
            let mut attributes = vec![error::r#type(error)];
            attributes.extend(which);
            call.add_event(events::aws::failed_entry::NAME, attributes);
        }
    }
    if refused > 0 {
        call.set(lamplight::aws::failed_entries(count(refused)));
    }
}

/// Records the entries that have an error code, each with its position.
#[cfg(any(feature = "dynamodb", feature = "eventbridge", feature = "kinesis"))]
pub(super) fn record_refused_by_position<'a, E: 'a>(
    entries: &'a [E],
    code: impl Fn(&'a E) -> Option<&'a str>,
    call: &mut Call,
) {
    let entries = entries.iter().enumerate();
    let refused = entries.filter_map(|(position, entry)| {
        let which = lamplight::aws::entry::index(count(position));
        Some((Some(code(entry)?), Some(which)))
    });
    record_refused(refused, call);
}
