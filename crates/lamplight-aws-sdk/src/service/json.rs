//! JSON texts that carry context: a detail, a record, a payload, an input.

use lamplight_propagation::outbound::{Costs, JsonPlace, share_room};
use lamplight_propagation::w3c::TRACEPARENT;
use opentelemetry::trace::{Link, TraceContextExt as _};

use super::{Cargo, Injection, Places};
use crate::carrier::Carrier;
use crate::{LamplightInterceptor, diagnostics};

/// A text that may get context, and how many bytes it may grow by whatever the others do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) most: usize,
}

/// Where in a text context goes.
#[derive(Debug)]
pub(crate) enum Place<'a> {
    Found(JsonPlace<'a>),
    /// There is no room, and nobody looked: the text may be large.
    NoRoom,
    /// The text takes no context with any amount of room, or is to get none.
    Nowhere,
}

impl<'a> Place<'a> {
    fn find(text: Text<'_>, room: usize, lamplight: &'a LamplightInterceptor) -> Self {
        Self::of(text, room, |text| {
            JsonPlace::find(text, lamplight.envelope.as_ref())
        })
    }

    fn of(text: Text<'_>, room: usize, find: impl FnOnce(&str) -> Option<JsonPlace<'a>>) -> Self {
        if text.most.min(room) == 0 {
            return Self::NoRoom;
        }
        match find(text.text) {
            Some(place) => Self::Found(place),
            None => Self::Nowhere,
        }
    }
}

/// The places in the texts of a request that may grow by `room`, one for each.
pub(super) fn places<'t, 'a>(
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
        let place = Place::find(text, room, lamplight);
        if let Place::Found(place) = &place {
            are_enough |= place.least() <= text.most.min(room);
        }
        place
    }));
    places.are_enough = are_enough;
    places
}

/// How many bytes each text of a request that may grow by `room` may grow by.
pub(super) fn shares<'t>(
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

/// The text with context at this place, if that takes no more than `room` bytes.
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

/// The text with context in it, of at most `longest` bytes, if it is an object with room.
pub(super) fn inject(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let most = longest.saturating_sub(text.len());
    let place = Place::find(Text { text, most }, most, injection.lamplight);
    splice(text, &place, injection, carrier, most)
}

/// The text with context in its member `headers`, by the same rules.
pub(super) fn inject_headers(
    text: &str,
    injection: &Injection<'_>,
    carrier: Carrier,
    longest: usize,
) -> Option<String> {
    let most = longest.saturating_sub(text.len());
    let place = Place::of(Text { text, most }, most, JsonPlace::find_headers);
    splice(text, &place, injection, carrier, most)
}

/// Whether a text carries this context.
pub(super) fn carries(text: &[u8], traceparent: &str) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.contains(traceparent))
}

/// The only text of a request. It may be large, and is not looked at for a carrier that is off.
pub(super) fn cargo(
    carrier: Carrier,
    text: &[u8],
    lamplight: &LamplightInterceptor,
    traceparent: &str,
    limit: impl FnOnce() -> usize,
) -> Option<Cargo> {
    lamplight.carriers.uses(carrier).then(|| Cargo {
        carrier,
        carrying: carries(text, traceparent).into(),
        bytes: text.len(),
        limit: limit(),
        is_crowded: false,
    })
}

/// The context that the text already carries, as a link to it: the user's own, which stays.
pub(super) fn existing_context(lamplight: &LamplightInterceptor, text: &str) -> Option<Link> {
    if !text.contains(TRACEPARENT) {
        return None;
    }
    let context = lamplight.extractor.message(|_| None, text, None);
    let span = context.span().span_context().clone();
    span.is_valid().then(|| Link::new(span, Vec::new(), 0))
}
