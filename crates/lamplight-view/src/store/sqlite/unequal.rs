//! Exclusion of spans by `key!=value` without decoding them.
//!
//! If such a condition excludes nearly all spans, and no blocks can be skipped, very many spans are
//! examined. Most of them are excluded by their origin, or by the bytes of one attribute.

use std::collections::HashMap;

use lamplight_otlp::{Fields, Value};

use super::fetch::Reader;
use crate::store::{Condition, StoreError, condition::is};

/// The conditions of this kind.
pub(super) struct Unequal<'q> {
    each: Vec<Each<'q>>,
    /// For each origin, whether its spans may match.
    origins: HashMap<i64, bool>,
}

struct Each<'q> {
    key: &'q str,
    value: &'q str,
    /// The attribute up to its value, in the usual encoding.
    start: Vec<u8>,
    /// The whole attribute, for each type of value.
    whole: Vec<Vec<u8>>,
}

impl<'q> Unequal<'q> {
    pub(super) fn of(conditions: &'q [Condition]) -> Self {
        let each = conditions.iter().filter_map(|condition| match condition {
            Condition::NotEqual(key, value) => Some(Each::of(key, value)),
            _ => None,
        });
        Self {
            each: each.collect(),
            origins: HashMap::new(),
        }
    }

    /// Returns whether a span of an origin may match.
    pub(super) fn may(&mut self, reader: &mut Reader<'_>, origin: i64) -> Result<bool, StoreError> {
        if self.each.is_empty() {
            return Ok(true);
        }
        if let Some(may) = self.origins.get(&origin) {
            return Ok(*may);
        }
        let resource = &reader.origin(origin)?.resource;
        let has = |it: &Each<'_>| {
            let value = resource.attributes.get(it.key);
            value.is_some_and(|value| is(value, it.value))
        };
        let may = !self.each.iter().any(has);
        self.origins.insert(origin, may);
        Ok(may)
    }

    /// Returns whether a span may match, by its bytes.
    pub(super) fn may_be(&self, message: &[u8]) -> bool {
        !self.each.iter().any(|it| it.is_in(message))
    }
}

impl<'q> Each<'q> {
    fn of(key: &'q str, value: &'q str) -> Self {
        let start = field(KEY, key.as_bytes());
        let mut values = vec![field(STRING, value.as_bytes())];
        values.extend(match value {
            "true" => Some(vec![BOOL, 1]),
            "false" => Some(vec![BOOL, 0]),
            _ => None,
        });
        let number = value.parse().ok();
        if let Some(number) = number.filter(|number: &i64| number.to_string() == value) {
            let mut bytes = vec![INT];
            varint(&mut bytes, number.cast_unsigned());
            values.push(bytes);
        }
        let whole = (values.iter()).map(|value| [&start[..], &field(VALUE, value)].concat());
        Self {
            key,
            value,
            whole: whole.collect(),
            start,
        }
    }

    /// Returns whether a span has this value. For an unusual encoding it returns false, and the
    /// span must be decoded.
    fn is_in(&self, message: &[u8]) -> bool {
        for field in Fields::new(message) {
            match field {
                Ok((ATTRIBUTES, Value::Bytes(attribute))) => {
                    if attribute.first() != Some(&KEY) {
                        return false;
                    }
                    // The first of several with the same key counts.
                    if attribute.starts_with(&self.start) {
                        return self.whole.iter().any(|whole| whole == attribute);
                    }
                }
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    }
}

/// Number of the attributes of a span.
const ATTRIBUTES: u64 = 9;

/// Tags of an attribute's fields, and of those of its value.
const KEY: u8 = 0x0a;
const VALUE: u8 = 0x12;
const STRING: u8 = 0x0a;
const BOOL: u8 = 0x10;
const INT: u8 = 0x18;

/// A field with a length.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![tag];
    varint(&mut field, bytes.len() as u64);
    field.extend_from_slice(bytes);
    field
}

fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::Each;

    /// Returns a span with an attribute before the one in question.
    fn span(attribute: &[u8]) -> Vec<u8> {
        let other = super::field(0x4a, b"\x0a\x01b\x12\x03\x0a\x01x");
        [other, super::field(0x4a, attribute)].concat()
    }

    #[test]
    fn a_value_is_known_by_its_bytes_and_anything_unusual_is_not() {
        let is_in = |value, attribute: &[u8]| Each::of("a", value).is_in(&span(attribute));
        assert!(is_in("x", b"\x0a\x01a\x12\x03\x0a\x01x"));
        assert!(is_in("", b"\x0a\x01a\x12\x02\x0a\x00"));
        assert!(is_in("300", b"\x0a\x01a\x12\x03\x18\xac\x02"));
        assert!(is_in("true", b"\x0a\x01a\x12\x02\x10\x01"));
        assert!(!is_in("y", b"\x0a\x01a\x12\x03\x0a\x01x"));
        // The value before the key, and a number with an unnecessary byte.
        assert!(!is_in("x", b"\x12\x03\x0a\x01x\x0a\x01a"));
        assert!(!is_in("1", b"\x0a\x01a\x12\x03\x18\x81\x00"));
        assert!(!Each::of("a", "x").is_in(b"\xff"));
    }
}
