//! The single JSON text of a request.

use super::{carries, find, splice};
use crate::{
    LamplightInterceptor,
    carrier::Carrier,
    service::{injection::Injection, request::OutgoingMessages},
};

/// Returns the text with context in it, of at most `longest` bytes, if it is an object with room.
pub(in crate::service) fn inject(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let room = longest.saturating_sub(text.len());
    let place = find(text, room, injection.lamplight);
    splice(text, &place, injection, carrier, room)
}

/// Returns the text as the only message of a request. It may be large, and is not searched if the carrier is
/// off.
pub(in crate::service) fn outgoing(
    carrier: Carrier,
    text: &[u8],
    lamplight: &LamplightInterceptor,
    traceparent: &str,
    limit: impl FnOnce() -> usize,
) -> Option<OutgoingMessages> {
    lamplight.carriers.uses(carrier).then(|| OutgoingMessages {
        carrier,
        carrying: carries(text, traceparent).into(),
        bytes: text.len(),
        limit: limit(),
        is_crowded: false,
    })
}
