//! Attributes of measurements, in a canonical encoding.

use std::borrow::Cow;

use lamplight_otlp::{Fields, Value, trace::AnyValue};

/// Maximum length of text, in bytes, since a series is held and sent as long as there are spans of
/// it.
const MAX_TEXT: usize = 256;

/// Returns valid UTF-8 text of limited length.
#[inline]
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.len() <= MAX_TEXT
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    cut(bytes)
}

#[cold]
fn cut(bytes: &[u8]) -> Cow<'_, str> {
    // Includes the rest of a character that may be cut at the end.
    let start = bytes.get(..MAX_TEXT + 4).unwrap_or(bytes);
    let mut text = String::from_utf8_lossy(start);
    if text.len() > MAX_TEXT {
        let end = (0..=MAX_TEXT).rev().find(|end| text.is_char_boundary(*end));
        text.to_mut().truncate(end.unwrap_or_default());
    }
    text
}

/// Adds a number as a varint.
#[inline]
pub(crate) fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Adds an `AnyValue` that is text.
#[inline]
pub(crate) fn push_text(out: &mut Vec<u8>, value: &str) {
    out.push(0x0a);
    push_varint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// Adds an `AnyValue` in its usual encoding, if it is text, a number or a boolean.
pub(crate) fn push_scalar(out: &mut Vec<u8>, value: AnyValue<'_>) -> bool {
    match value {
        AnyValue::String(bytes) => push_text(out, &text(bytes)),
        AnyValue::Bool(bool) => out.extend([0x10, bool.into()]),
        AnyValue::Int(int) => {
            out.push(0x18);
            push_varint(out, int as u64);
        }
        AnyValue::Double(double) => {
            out.push(0x21);
            out.extend_from_slice(&double.to_bits().to_le_bytes());
        }
        _ => return false,
    }
    true
}

/// Adds a `KeyValue` in field 1, with an encoded `AnyValue` as its value.
pub(crate) fn push_attribute(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    let varint_length = |length: usize| match length {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        _ => 3,
    };
    let length =
        2 + varint_length(key.len()) + key.len() + varint_length(value.len()) + value.len();
    out.push(0x0a);
    push_varint(out, length as u64);
    out.push(0x0a);
    push_varint(out, key.len() as u64);
    out.extend_from_slice(key.as_bytes());
    out.push(0x12);
    push_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Adds an attribute as [`push_attribute`] does, with a text value.
pub(crate) fn push_text_attribute(out: &mut Vec<u8>, key: &str, text: &str) {
    let mut value = Vec::with_capacity(text.len() + 3);
    push_text(&mut value, text);
    push_attribute(out, key, &value);
}

/// Calls `found` with the key and the encoded value of each valid attribute in the fields `number`,
/// up to the first malformed part.
#[inline]
pub(super) fn each<'a>(message: &'a [u8], number: u64, mut found: impl FnMut(&'a [u8], &'a [u8])) {
    for field in Fields::new(message) {
        match field {
            Ok((it, Value::Bytes(attribute))) if it == number => {
                if let Some((key, value)) = plain(attribute).or_else(|| unusual(attribute)) {
                    found(key, value);
                }
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Returns the key and value of an attribute in the usual form: one after the other, both short.
#[inline]
fn plain(attribute: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x0a, length @ ..=0x7f, rest @ ..] = attribute else {
        return None;
    };
    let (key, rest) = rest.split_at_checked((*length).into())?;
    match rest {
        [0x12, length @ ..=0x7f, value @ ..] if usize::from(*length) == value.len() => {
            Some((key, value))
        }
        _ => None,
    }
}

/// Returns the key and value of an attribute in any other form.
fn unusual(attribute: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut key, mut value) = (&b""[..], &b""[..]);
    for field in Fields::new(attribute) {
        match field.ok()? {
            (1, Value::Bytes(bytes)) => key = bytes,
            (2, Value::Bytes(bytes)) => value = bytes,
            _ => {}
        }
    }
    Some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_is_cut_between_characters(text_of in "\\PC{0,200}") {
            let cut = text(text_of.as_bytes());
            prop_assert!(text_of.starts_with(&*cut));
            prop_assert!(cut.len() <= MAX_TEXT && (cut.len() == text_of.len() || cut.len() > MAX_TEXT - 4));
        }

        #[test]
        fn any_bytes_become_text(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(text(&bytes).len() <= MAX_TEXT);
            each(&bytes, 1, |key, value| {
                let mut out = Vec::new();
                let value = AnyValue::new(value).unwrap_or_default();
                push_scalar(&mut out, value);
                assert!(text(key).len() <= MAX_TEXT);
            });
        }
    }
}
