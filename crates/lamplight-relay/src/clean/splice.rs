//! Copies of messages with some changed fields.

use lamplight_otlp::{Fields, Malformed, Value};

/// A field with its key, and its position in the message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) number: u64,
    pub(super) value: Value<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Returns the fields of a message.
pub(super) fn fields(message: &[u8]) -> impl Iterator<Item = Result<Field<'_>, Malformed>> {
    let mut fields = Fields::new(message);
    std::iter::from_fn(move || {
        let start = message.len() - fields.rest().len();
        let field = fields.next()?;
        let end = message.len() - fields.rest().len();
        Some(field.map(|(number, value)| Field {
            number,
            value,
            start,
            end,
        }))
    })
}

/// A copy of a message in which some fields are replaced or omitted. Nothing is written before the
/// first change.
#[derive(Debug)]
pub(super) struct Splice<'a, 'o> {
    source: &'a [u8],
    out: &'o mut Vec<u8>,
    /// Length of the source that has been copied or omitted.
    done: usize,
    touched: bool,
}

impl<'a, 'o> Splice<'a, 'o> {
    /// Returns a copy that is appended to `out`.
    pub(super) fn new(source: &'a [u8], out: &'o mut Vec<u8>) -> Self {
        Self {
            source,
            out,
            done: 0,
            touched: false,
        }
    }

    /// Omits a field, and returns the buffer to which its replacement is to be written.
    #[inline]
    pub(super) fn replace(&mut self, field: &Field<'_>) -> &mut Vec<u8> {
        self.copy_to(field.start);
        self.done = field.end;
        self.out
    }

    /// Returns the buffer at the end of the message. Afterwards no field can be replaced.
    #[inline]
    pub(super) fn end(&mut self) -> &mut Vec<u8> {
        self.copy_to(self.source.len());
        self.out
    }

    /// Copies the rest. Returns whether anything was written; if not, the message is unchanged.
    #[inline]
    pub(super) fn finish(mut self) -> bool {
        if self.touched {
            self.copy_to(self.source.len());
        }
        self.touched
    }

    #[inline]
    fn copy_to(&mut self, end: usize) {
        let copied = self.source.get(self.done..end).unwrap_or_default();
        self.out.extend_from_slice(copied);
        self.done = end;
        self.touched = true;
    }
}

const VARINT: u64 = 0;
const LEN: u64 = 2;

/// Returns the length of a varint, in bytes.
pub(super) const fn varint_len(value: u64) -> usize {
    // 7 bits per byte, and one byte for zero.
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// Returns the size of a field with this length and a key of one byte.
pub(super) const fn field_len(length: usize) -> usize {
    1 + varint_len(length as u64) + length
}

#[inline]
pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Writes the key and length of a message, string or bytes.
#[inline]
pub(super) fn header(out: &mut Vec<u8>, number: u32, length: usize) {
    varint(out, u64::from(number) << 3 | LEN);
    varint(out, length as u64);
}

/// Writes a message, string or bytes.
#[inline]
pub(super) fn bytes(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    header(out, number, content.len());
    out.extend_from_slice(content);
}

/// Writes an integer.
#[inline]
pub(super) fn uint(out: &mut Vec<u8>, number: u32, value: u64) {
    varint(out, u64::from(number) << 3 | VARINT);
    varint(out, value);
}

/// Writes an attribute with a string value.
pub(super) fn string_attribute(out: &mut Vec<u8>, number: u32, key: &[u8], text: &[u8]) {
    let value = field_len(text.len());
    header(out, number, field_len(key.len()) + field_len(value));
    string_pair(out, key, text);
}

/// Writes the content of an attribute with a string value.
pub(super) fn string_pair(out: &mut Vec<u8>, key: &[u8], text: &[u8]) {
    bytes(out, 1, key);
    header(out, 2, field_len(text.len()));
    bytes(out, 1, text);
}

/// Writes an attribute with an integer (3) or a boolean (2), given by its field number in
/// `AnyValue`.
pub(super) fn varint_attribute(out: &mut Vec<u8>, number: u32, key: &[u8], kind: u32, value: u64) {
    let length = 1 + varint_len(value);
    header(out, number, field_len(key.len()) + field_len(length));
    bytes(out, 1, key);
    header(out, 2, length);
    uint(out, kind, value);
}

/// Writes an attribute with a floating point number.
pub(super) fn double_attribute(out: &mut Vec<u8>, number: u32, key: &[u8], value: f64) {
    header(out, number, field_len(key.len()) + field_len(9));
    bytes(out, 1, key);
    header(out, 2, 9);
    out.push(4 << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

/// Buffers for reuse.
#[derive(Debug, Default)]
pub(super) struct Pool(Vec<Vec<u8>>);

impl Pool {
    /// Maximum size of a buffer to keep, so that a giant one does not stay forever.
    const KEPT: usize = 256 * 1024;

    #[inline]
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    #[inline]
    pub(super) fn give(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= Self::KEPT && self.0.len() < 40 {
            buffer.clear();
            self.0.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_varint_is_as_long_as_is_said(bits in 0..64_u32, low in any::<u64>()) {
            let value = low >> bits;
            let mut out = Vec::new();
            varint(&mut out, value);
            prop_assert_eq!(out.len(), varint_len(value));
            out.insert(0, 0x08);
            prop_assert_eq!(Fields::new(&out).number(1), value);
        }

        /// Whatever is replaced, the rest is copied, and the fields cover the message without gaps.
        #[test]
        fn what_is_not_replaced_is_copied(
            numbers in proptest::collection::vec((1..20_u32, any::<u64>()), 0..20),
            replaced in 1..20_u64,
        ) {
            let mut message = Vec::new();
            let mut expected = Vec::new();
            for (number, value) in &numbers {
                uint(&mut message, *number, *value);
                let value = if u64::from(*number) == replaced { 7 } else { *value };
                uint(&mut expected, *number, value);
            }
            let mut out = Vec::new();
            let mut splice = Splice::new(&message, &mut out);
            let mut end = 0;
            for field in fields(&message) {
                let field = field.unwrap();
                prop_assert_eq!(field.start, end);
                end = field.end;
                if field.number == replaced {
                    uint(splice.replace(&field), field.number as u32, 7);
                }
            }
            if splice.finish() {
                prop_assert_eq!(out, expected);
            } else {
                prop_assert!(out.is_empty());
                prop_assert_eq!(message, expected);
            }
        }
    }

    #[test]
    fn nothing_is_written_where_nothing_changes() {
        let mut out = vec![1];
        assert!(!Splice::new(&[8, 1], &mut out).finish());
        assert_eq!(out, [1]);
    }
}
