//! Message attributes of SQS and SNS: two types, one behaviour.

use std::collections::HashMap;

use lamplight_propagation::outbound::{self, AttributeMap, MESSAGE_ATTRIBUTE_LIMIT};

use super::Injection;

/// A message attribute of one of the services.
pub(super) trait Attribute: Sized {
    /// An attribute of type `String`.
    fn text(value: &str) -> Option<Self>;

    /// Type and value in bytes, as the services count them.
    fn size(&self) -> usize;
}

/// The attributes as the SDK's inputs have them.
pub(super) type Attributes<A> = Option<HashMap<String, A>>;

/// Writes context into a message of a request that has `room` more bytes. Returns how many of
/// them are used.
pub(super) fn inject<A: Attribute>(
    attributes: &mut Attributes<A>,
    injection: &Injection<'_>,
    room: usize,
) -> usize {
    let before = size(attributes);
    let mut map = Writing(attributes);
    outbound::inject_attributes(&mut map, &injection.fields, MESSAGE_ATTRIBUTE_LIMIT, room);
    size(attributes).saturating_sub(before)
}

/// Whether [`inject`] would write anything.
pub(super) fn has_room<A: Attribute>(
    attributes: &Attributes<A>,
    injection: &Injection<'_>,
    room: usize,
) -> bool {
    let mut map = Rehearsing(attributes);
    outbound::inject_attributes(&mut map, &injection.fields, MESSAGE_ATTRIBUTE_LIMIT, room)
        .is_some()
}

/// Names, types and values in bytes.
pub(super) fn size<A: Attribute>(attributes: &Attributes<A>) -> usize {
    attributes
        .iter()
        .flatten()
        .map(|(name, value)| name.len() + value.size())
        .sum()
}

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

struct Rehearsing<'a, A>(&'a Attributes<A>);

impl<A: Attribute> AttributeMap for Rehearsing<'_, A> {
    fn count(&self) -> usize {
        self.0.as_ref().map_or(0, HashMap::len)
    }

    fn contains(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|map| map.contains_key(name))
    }

    fn insert(&mut self, _name: &'static str, _value: &str) {}
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

            fn size(&self) -> usize {
                self.data_type().len()
                    + self.string_value().map_or(0, str::len)
                    + self.binary_value().map_or(0, |value| value.as_ref().len())
            }
        }
    };
}
pub(super) use attribute;
