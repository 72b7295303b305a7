//! A protobuf reader over borrowed bytes.

use std::{error::Error, fmt};

/// The highest valid field number.
const MAX_NUMBER: u64 = (1 << 29) - 1;

/// The content of a field, by wire type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// `VARINT`.
    Varint(u64),
    /// `I64`: `fixed64`, `sfixed64` and `double`.
    Fixed64(u64),
    /// `LEN`: text, bytes and messages.
    Bytes(&'a [u8]),
    /// `I32`: `fixed32`, `sfixed32` and `float`.
    Fixed32(u32),
}

/// The error for bytes that are not a protobuf message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these bytes are no protobuf message")
    }
}

impl Error for Malformed {}

/// An iterator over the fields of a message, in order; each is a number and a [`Value`].
///
/// It ends after the first error. Reading never copies, recurses or panics.
///
/// ```
/// use lamplight_otlp::{Fields, Value};
///
/// let mut fields = Fields::new(&[0x08, 0x96, 0x01]);
/// assert_eq!(fields.next(), Some(Ok((1, Value::Varint(150)))));
/// assert_eq!(fields.next(), None);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// Returns the fields of `message`.
    #[inline]
    pub fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// Returns the bytes that have not been read yet.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Returns the content of the fields with this number that are messages, bytes or text, up to the first
    /// error.
    pub fn bytes(self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.map_while(Result::ok)
            .filter_map(move |field| match field {
                (found, Value::Bytes(bytes)) if found == number => Some(bytes),
                _ => None,
            })
    }

    /// Returns the last number in a field with this number, or 0, the default of a missing field.
    pub fn number(self, number: u64) -> u64 {
        let numbers = self.map_while(Result::ok).filter_map(|field| match field {
            (found, Value::Varint(value)) if found == number => Some(value),
            _ => None,
        });
        numbers.last().unwrap_or_default()
    }

    /// Returns the last text in a field with this number; empty if there is none.
    pub fn text(self, number: u64) -> String {
        let last = self.bytes(number).last().unwrap_or_default();
        String::from_utf8_lossy(last).into_owned()
    }

    #[inline]
    fn varint(&mut self) -> Option<u64> {
        // Most keys and lengths have one byte.
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        if first < 0x80 {
            return Some(first.into());
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                // The tenth byte has room for one bit.
                return (shift < 63 || byte == 1).then_some(value);
            }
        }
        None
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    #[inline]
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = u64::from(u32::try_from(self.varint()?).ok()?);
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (taken, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(taken)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return None,
        };
        // Field number 0 is invalid, and keys have 32 bits.
        let number = key >> 3;
        (1..=MAX_NUMBER)
            .contains(&number)
            .then_some((number, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // Almost all fields are short texts and messages with low numbers.
        if let [key, length, rest @ ..] = self.0
            && (8..0x80).contains(key)
            && key & 7 == 2
            && *length < 0x80
            && let Some((taken, rest)) = rest.split_at_checked((*length).into())
        {
            self.0 = rest;
            return Some(Ok((u64::from(key >> 3), Value::Bytes(taken))));
        }
        self.any()
    }
}

impl<'a> Fields<'a> {
    /// Returns the next field of any form.
    fn any(&mut self) -> Option<Result<(u64, Value<'a>), Malformed>> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field().ok_or(Malformed);
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn follows_the_examples_of_the_protobuf_encoding_guide() {
        // "a: 150", "b: testing" and a nested message, as in protobuf.dev/programming-guides/encoding.
        assert_eq!(Fields::new(&[0x08, 0x96, 0x01]).number(1), 150);
        let testing = [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67];
        assert_eq!(Fields::new(&testing).text(2), "testing");
        let nested = [0x1a, 0x03, 0x08, 0x96, 0x01];
        let inner = Fields::new(&nested).bytes(3).next().unwrap();
        assert_eq!(Fields::new(inner).number(1), 150);
    }

    #[test]
    fn other_fields_are_passed_over_and_the_last_of_several_counts() {
        let message = [
            0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x18, 5, 0x18, 6,
        ];
        assert_eq!(Fields::new(&message).number(3), 6);
        assert_eq!(Fields::new(&message).number(4), 0);
    }

    proptest! {
        /// For any bytes, reading ends and stays within bounds.
        #[test]
        fn what_is_no_message_ends(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }
    }
}
