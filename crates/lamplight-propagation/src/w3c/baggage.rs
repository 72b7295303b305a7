//! The `baggage` field (W3C Baggage, section 3).

use std::{error, fmt};

use opentelemetry::baggage::{Baggage, BaggageMetadata};
use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};

const MAX_MEMBERS: usize = 64;
const MAX_BYTES: usize = 8192;

/// The characters encoded in a value: all except the unreserved characters of RFC 3986. The grammar allows
/// more (section 3.3.1), but readers are less careful: some take `+` for a space, as in forms, and some end a
/// value at its second `=`, which would corrupt times, phone numbers and base64.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The characters encoded in properties, which arrive encoded: only those that would break the list.
const BREAKING: &AsciiSet = &CONTROLS.remove(b'\t').add(b'"').add(b',').add(b'\\');

/// The reason a member of a baggage list was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageError {
    /// The member is not `key=value` in the characters that the grammar allows.
    Member,
    /// The list already has 64 members.
    TooMany,
    /// The member would make the list longer than 8192 bytes.
    TooLong,
}

impl fmt::Display for BaggageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Member => "it breaks the key or value grammar",
            Self::TooMany => "there are 64 before it",
            Self::TooLong => "the list would be longer than 8192 bytes",
        })
    }
}

impl error::Error for BaggageError {}

/// Parses baggage from all its header values, in order. Members that violate the grammar are left out and the
/// others kept. If two members have the same key, the later one counts, because [`Baggage`] holds one value
/// per key. Returns `None` if no member is left.
pub(crate) fn parse(values: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Box<Baggage>> {
    parse_telling(values, |_, _| {})
}

/// Parses baggage, and reports the position (from 1) and the reason of each member that is left out.
pub(crate) fn parse_telling(
    values: impl IntoIterator<Item = impl AsRef<str>>,
    mut left_out: impl FnMut(u32, BaggageError),
) -> Option<Box<Baggage>> {
    let mut baggage: Option<Box<Baggage>> = None;
    let mut position = 0;
    for value in values {
        for member in value.as_ref().split(',') {
            position += 1;
            match member_parts(member) {
                Some((key, value, properties)) => {
                    let baggage = baggage.get_or_insert_default();
                    if let Err(error) = insert(baggage, key, decode(value), properties) {
                        left_out(position, error);
                    }
                }
                // An empty member is skipped.
                None if member.trim_matches([' ', '\t']).is_empty() => {}
                None => left_out(position, BaggageError::Member),
            }
        }
    }
    baggage.filter(|baggage| !baggage.is_empty())
}

/// Adds a member, or returns the reason for which [`Baggage`] does not accept it.
pub(crate) fn insert(
    baggage: &mut Baggage,
    key: &str,
    value: String,
    properties: BaggageMetadata,
) -> Result<(), BaggageError> {
    let before = baggage.len();
    let replaced = baggage.insert_with_metadata(key.to_owned(), value, properties);
    match replaced.is_some() || baggage.len() > before {
        true => Ok(()),
        false if !is_token(key) => Err(BaggageError::Member),
        false if before >= MAX_MEMBERS && baggage.get(key).is_none() => Err(BaggageError::TooMany),
        false => Err(BaggageError::TooLong),
    }
}

/// Returns the key, the encoded value and the properties of a member that follows the grammar.
fn member_parts(member: &str) -> Option<(&str, &str, BaggageMetadata)> {
    let (pair, properties) = member.split_once(';').unwrap_or((member, ""));
    let (key, value) = pair.split_once('=')?;
    let key = key.trim_matches([' ', '\t']);
    let value = value.trim_matches([' ', '\t']);
    let is_valid = is_token(key) && value.bytes().all(is_octet);
    // Properties are opaque here: they are kept as received, including escapes.
    is_valid.then(|| (key, value, BaggageMetadata::from(properties)))
}

/// Returns the field to write, with members in the order of their keys, so that equal baggage gives equal
/// text. Members beyond 64 members or 8192 bytes are left out. `None` if there is nothing to write.
pub(crate) fn to_text(baggage: &Baggage) -> Option<String> {
    if baggage.is_empty() {
        return None;
    }
    let mut members: Vec<_> = baggage.iter().collect();
    members.sort_unstable_by(|a, b| a.0.as_str().cmp(b.0.as_str()));

    let mut text = String::new();
    let mut count = 0;
    for (key, (value, properties)) in members {
        if count == MAX_MEMBERS || !is_token(key.as_str()) {
            continue;
        }
        let before = text.len();
        if before > 0 {
            text.push(',');
        }
        text.push_str(key.as_str());
        text.push('=');
        text.extend(utf8_percent_encode(value.as_str(), RESERVED));
        if !properties.as_str().is_empty() {
            text.push(';');
            text.extend(utf8_percent_encode(properties.as_str(), BREAKING));
        }
        if text.len() > MAX_BYTES {
            text.truncate(before);
        } else {
            count += 1;
        }
    }
    (!text.is_empty()).then_some(text)
}

/// Returns the longest prefix of whole members for which `fits` holds; `None` if not even the first member
/// fits.
pub(crate) fn truncate(text: &str, fits: impl Fn(&str) -> bool) -> Option<String> {
    let mut kept = text;
    loop {
        if fits(kept) {
            return Some(kept.to_owned());
        }
        kept = kept.rsplit_once(',')?.0;
    }
}

/// Percent-decodes a member value; bytes that are not UTF-8 become U+FFFD (section 3.3.1).
fn decode(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// Returns whether a byte is a `baggage-octet`, which a value may contain on the wire.
fn is_octet(b: u8) -> bool {
    matches!(b, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// Returns whether a key is a `token` of RFC 7230.
fn is_token(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(
                    b,
                    b'!' | b'#'
                        ..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
                )
        })
}
