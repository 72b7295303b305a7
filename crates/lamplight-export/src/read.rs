//! A protobuf reader, for what endpoints answer.

/// What a field has. Numbers of a fixed width mean nothing in the messages that are read here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of a message, in their order. Ends where the message does, or where it is no message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// Returns the content of the fields of this number that are messages, bytes or text.
    pub(crate) fn bytes(self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.filter_map(move |field| match field {
            (found, Value::Bytes(bytes)) if found == number => Some(bytes),
            _ => None,
        })
    }

    /// Returns the last number in a field of this number, or 0, which is what a missing one means.
    pub(crate) fn number(self, number: u64) -> u64 {
        let numbers = self.filter_map(|field| match field {
            (found, Value::Varint(value)) if found == number => Some(value),
            _ => None,
        });
        numbers.last().unwrap_or_default()
    }

    /// Returns the last text in a field of this number.
    pub(crate) fn text(self, number: u64) -> String {
        let last = self.bytes(number).last().unwrap_or_default();
        String::from_utf8_lossy(last).into_owned()
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Varint(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        field
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
        /// Whatever it is, reading ends and reads nothing outside.
        #[test]
        fn what_is_no_message_ends(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }
    }
}
