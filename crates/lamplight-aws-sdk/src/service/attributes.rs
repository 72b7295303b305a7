//! Message attributes of SQS and SNS, which have separate types but the same behavior.

use std::collections::HashMap;

use lamplight_propagation::{
    outbound::{self, AttributeMap, MESSAGE_ATTRIBUTE_LIMIT},
    w3c::{BAGGAGE, TRACEPARENT, TRACESTATE, W3cPropagator},
};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{Link, TraceContextExt as _},
};

use super::injection::Injection;
use crate::{carrier::Carrier, diagnostics};

/// The size of a `traceparent` attribute: name, the type `String`, 55 characters.
const LEAST: usize = TRACEPARENT.len() + "String".len() + 55;

/// A message attribute of one of the services.
pub(crate) trait Attribute: Sized {
    /// Returns an attribute of type `String`.
    fn text(value: &str) -> Option<Self>;

    /// Returns the value, if it is a string.
    fn string(&self) -> Option<&str>;

    /// Returns the size of type and value in bytes, as counted by the services.
    fn size(&self) -> usize;
}

/// The attributes in the form of the SDK's inputs.
pub(super) type Attributes<A> = Option<HashMap<String, A>>;

/// Injects context into a message that may grow by `room` bytes.
pub(super) fn inject<A: Attribute>(
    attributes: &mut Attributes<A>,
    injection: &Injection<'_>,
    carrier: Carrier,
    room: usize,
) {
    if injection.fields().is_empty() {
        return;
    }
    let mut map = Writing(attributes);
    outbound::inject_attributes(&mut map, injection.fields(), MESSAGE_ATTRIBUTE_LIMIT, room);
    if !map.contains(TRACEPARENT) && injection.fields().traceparent().is_some() {
        diagnostics::no_room(carrier);
    }
}

/// Divides `room`, in bytes, among the messages of a request. Each message is given with the number of bytes
/// by which it may grow at most.
pub(super) fn shares<'m, A: Attribute + 'm>(
    messages: impl Iterator<Item = (&'m mut Attributes<A>, usize)>,
    injection: &Injection<'_>,
    room: usize,
) -> Vec<usize> {
    let costs = messages.map(|(attributes, most)| {
        let costs = outbound::attribute_costs(
            &Writing(attributes),
            injection.fields(),
            MESSAGE_ATTRIBUTE_LIMIT,
        );
        costs.unwrap_or_default().within(most)
    });
    let costs: Vec<_> = costs.collect();
    outbound::share_room(room, &costs)
}

/// Returns whether [`inject`] would write a `traceparent`, which decides whether the span is a producer's.
pub(super) fn has_room<A: Attribute>(attributes: &Attributes<A>, room: usize) -> bool {
    let map = attributes.as_ref();
    room >= LEAST
        && map
            .is_none_or(|map| map.len() < MESSAGE_ATTRIBUTE_LIMIT && !map.contains_key(TRACEPARENT))
}

/// Returns whether the message carries this context.
pub(super) fn carries<A: Attribute>(attributes: &Attributes<A>, traceparent: &str) -> bool {
    Reading(attributes.as_ref()).get(TRACEPARENT) == Some(traceparent)
}

/// Returns whether the message exceeds the maximum number of attributes because of this context.
pub(super) fn is_crowded<A: Attribute>(attributes: &Attributes<A>, traceparent: &str) -> bool {
    let count = attributes.as_ref().map_or(0, HashMap::len);
    let ours = [TRACEPARENT, TRACESTATE, BAGGAGE].iter();
    let ours = ours.filter(|name| {
        attributes
            .as_ref()
            .is_some_and(|map| map.contains_key(**name))
    });
    count > MESSAGE_ATTRIBUTE_LIMIT
        && carries(attributes, traceparent)
        && count - ours.count() <= MESSAGE_ATTRIBUTE_LIMIT
}

/// Returns a link to a context that the user has put into a message.
pub(super) fn existing_context<A: Attribute>(attributes: &Attributes<A>) -> Option<Link> {
    let attributes = attributes.as_ref()?;
    if !attributes.contains_key(TRACEPARENT) {
        return None;
    }
    let context =
        W3cPropagator::new().extract_with_context(&Context::new(), &Reading(Some(attributes)));
    let span = context.span().span_context().clone();
    span.is_valid().then(|| Link::new(span, Vec::new(), 0))
}

/// Returns the size of names, types and values, in bytes.
pub(super) fn size<A: Attribute>(attributes: &Attributes<A>) -> usize {
    attributes
        .iter()
        .flatten()
        .map(|(name, value)| name.len() + value.size())
        .sum()
}

/// Message attributes to extract from.
struct Reading<'a, A>(Option<&'a HashMap<String, A>>);

impl<A: Attribute> Extractor for Reading<'_, A> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0?.get(key)?.string()
    }

    fn keys(&self) -> Vec<&str> {
        let names = self.0.into_iter().flat_map(HashMap::keys);
        names.map(String::as_str).collect()
    }
}

/// Message attributes to write to.
struct Writing<'a, A>(&'a mut Attributes<A>);

impl<A: Attribute> AttributeMap for Writing<'_, A> {
    fn count(&self) -> usize {
        self.0.as_ref().map_or(0, HashMap::len)
    }

    fn contains(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|map| map.contains_key(name))
    }

    fn insert(&mut self, name: &'static str, value: &str) {
        if let Some(value) = A::text(value) {
            self.0
                .get_or_insert_default()
                .insert(name.to_owned(), value);
        }
    }
}

/// Implements [`Attribute`] for a service's type.
macro_rules! attribute {
    ($type:ty) => {
        impl $crate::service::attributes::Attribute for $type {
            fn text(value: &str) -> Option<Self> {
                <$type>::builder()
                    .data_type("String")
                    .string_value(value)
                    .build()
                    .ok()
            }

            fn string(&self) -> Option<&str> {
                self.string_value()
            }

            fn size(&self) -> usize {
                self.data_type().len()
                    + self.string_value().map_or(0, str::len)
                    + self.binary_value().map_or(0, |value| value.as_ref().len())
            }
        }
    };
}
pub(super) use attribute;
