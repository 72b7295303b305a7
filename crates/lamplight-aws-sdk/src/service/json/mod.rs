//! JSON texts that carry context: a detail, a record, a payload, an input.

#[cfg(any(feature = "eventbridge", feature = "kinesis"))]
pub(super) mod batch;
#[cfg(any(feature = "lambda", feature = "sfn"))]
pub(super) mod single;

use lamplight_propagation::{outbound::JsonPlace, w3c::TRACEPARENT};

use super::{injection::Injection, places::Place};
use crate::{LamplightInterceptor, carrier::Carrier, diagnostics};

/// Returns the configured place in a text that may grow by `room` bytes.
pub(super) fn find<'a>(text: &str, room: usize, lamplight: &'a LamplightInterceptor) -> Place<'a> {
    find_by(text, room, |text| {
        JsonPlace::find(text, lamplight.envelope.as_ref())
    })
}

/// Returns the place that `find` finds in a text that may grow by `room` bytes.
pub(super) fn find_by<'a>(
    text: &str,
    room: usize,
    find: impl FnOnce(&str) -> Option<JsonPlace<'a>>,
) -> Place<'a> {
    if room == 0 {
        return Place::NoRoom;
    }
    find(text).map_or(Place::Nowhere, Place::Found)
}

/// Returns the text with context inserted at this place, if it grows by at most `room` bytes.
pub(super) fn splice(
    text: &str,
    place: &Place<'_>,
    injection: &Injection<'_>,
    carrier: Carrier,
    room: usize,
) -> Option<String> {
    if injection.fields().is_empty() {
        return None;
    }
    let longest = text.len().saturating_add(room);
    let spliced = match place {
        Place::Found(place) => place.fill(text, injection.fields(), longest),
        Place::NoRoom => None,
        Place::Nowhere => return None,
    };
    if spliced.is_none() && text.trim_ascii_start().starts_with('{') && !text.contains(TRACEPARENT)
    {
        diagnostics::no_room(carrier);
    }
    Some(spliced?.text)
}

/// Returns whether a text carries this context.
pub(super) fn carries(text: &[u8], traceparent: &str) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.contains(traceparent))
}
