//! The JSON texts of a batch, which share the room of its request.

use lamplight_propagation::{
    outbound::{Costs, share_room},
    w3c::TRACEPARENT,
};
use opentelemetry::trace::{Link, TraceContextExt as _};

use super::find;
use crate::{
    LamplightInterceptor,
    service::{
        injection::Injection,
        places::{Place, Places},
    },
};

/// A text that may receive context.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Text<'a> {
    pub(in crate::service) text: &'a str,
    /// The maximum number of bytes by which it may grow, independently of the others.
    pub(in crate::service) most: usize,
}

/// Returns the places in the texts of a request that may grow by `room` bytes, one per text.
pub(in crate::service) fn places<'t, 'a>(
    texts: impl Iterator<Item = Option<Text<'t>>>,
    room: usize,
    lamplight: &'a LamplightInterceptor,
) -> Places<'a> {
    let mut places = Places::default();
    let mut are_enough = false;
    places.in_texts.extend(texts.map(|text| {
        let Some(text) = text else {
            return Place::Nowhere;
        };
        let most = text.most.min(room);
        let place = find(text.text, most, lamplight);
        if let Place::Found(place) = &place {
            are_enough |= place.least() <= most;
        }
        place
    }));
    places.are_enough = are_enough;
    places
}

/// Divides `room`, in bytes, among the texts of a request.
pub(in crate::service) fn shares<'t>(
    mut texts: impl Iterator<Item = Option<Text<'t>>>,
    room: usize,
    places: &Places<'_>,
    injection: &Injection<'_>,
) -> Vec<usize> {
    if let [_] = places.in_texts.as_slice() {
        let most = texts.next().flatten().map_or(0, |text| text.most);
        return vec![room.min(most)];
    }
    let costs = texts
        .zip(&places.in_texts)
        .map(|(text, place)| match (text, place) {
            (Some(text), Place::Found(place)) => place.costs(injection.fields()).within(text.most),
            _ => Costs::default(),
        });
    share_room(room, &costs.collect::<Vec<_>>())
}

/// Returns a link to a context that a text already carries: the user's own, which is kept.
pub(in crate::service) fn existing_context(
    lamplight: &LamplightInterceptor,
    text: &str,
) -> Option<Link> {
    if !text.contains(TRACEPARENT) {
        return None;
    }
    let context = lamplight.extractor.message(|_| None, text, None);
    let span = context.span().span_context().clone();
    span.is_valid().then(|| Link::new(span, Vec::new(), 0))
}
