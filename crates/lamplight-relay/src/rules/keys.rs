//! Lookup of the attributes that rules refer to, in one pass over those of a span.
//!
//! Most attributes of a span are not used by any rule. A key is first checked by its length, then
//! by a hash of its length and two of its bytes, and compared only if both match; the value is not
//! read before that.

use lamplight_otlp::{
    Fields, Value,
    trace::{AnyValue, Attribute},
};

use super::matcher::Matcher;

/// Marks the absence of an entry.
const NONE: u8 = u8::MAX;

/// Maximum number of keys of a table: 64 leaves and the fields of keys.
pub(super) const MAX_ENTRIES: usize = 254;

/// The keys that rules refer to.
#[derive(Debug)]
pub(super) struct Keys {
    /// The lengths that occur. All lengths from 63 on count as one.
    lengths: u64,
    /// The first entry for each hash.
    first: [u8; 256],
    entries: Vec<Entry>,
    /// All leaves of the table.
    leaves: u64,
    /// True if an entry has slots.
    has_slots: bool,
}

/// A key that rules refer to.
#[derive(Debug)]
struct Entry {
    key: Box<[u8]>,
    /// The next entry with the same hash.
    next: u8,
    leaves: Vec<(u64, Matcher)>,
    slots: Vec<u8>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            lengths: 0,
            first: [NONE; 256],
            entries: Vec::new(),
            leaves: 0,
            has_slots: false,
        }
    }
}

impl Keys {
    /// Adds a leaf: its bit, and the test of the value.
    pub(super) fn leaf(&mut self, key: &str, bit: u64, matcher: Matcher) {
        self.leaves |= bit;
        if let Some(entry) = self.entry(key) {
            entry.leaves.push((bit, matcher));
        }
    }

    /// Adds a slot for the value.
    pub(super) fn slot(&mut self, key: &str, slot: u8) {
        self.has_slots = true;
        if let Some(entry) = self.entry(key) {
            entry.slots.push(slot);
        }
    }

    /// Returns the entry of a key; adds one if there is none and there is room.
    fn entry(&mut self, key: &str) -> Option<&mut Entry> {
        let key = key.as_bytes();
        let found = self.entries.iter().position(|entry| *entry.key == *key);
        let index = match found {
            Some(index) => index,
            None => {
                let index = self.entries.len();
                let number = u8::try_from(index).ok().filter(|number| *number != NONE)?;
                let first = self.first.get_mut(hash(key))?;
                self.entries.push(Entry {
                    key: key.into(),
                    next: std::mem::replace(first, number),
                    leaves: Vec::new(),
                    slots: Vec::new(),
                });
                self.lengths |= length_bit(key);
                index
            }
        };
        self.entries.get_mut(index)
    }

    /// Returns the leaves that attributes can meet.
    pub(super) fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Returns whether values are stored in slots.
    pub(super) fn has_slots(&self) -> bool {
        self.has_slots
    }

    /// Returns the wanted leaves that are met by the attributes in these fields of a message, and
    /// calls `slot` with the values to store in slots. A malformed attribute meets no leaf.
    #[inline]
    pub(super) fn scan(
        &self,
        message: &[u8],
        field: u32,
        wanted: u64,
        mut slot: impl FnMut(u8, &AnyValue<'_>),
    ) -> u64 {
        let mut met = 0;
        for found in Fields::new(message) {
            let attribute = match found {
                Ok((number, Value::Bytes(bytes))) if number == u64::from(field) => bytes,
                Ok(_) => continue,
                Err(_) => break,
            };
            let Some((key, rest)) = split(attribute) else {
                continue;
            };
            let Some(entry) = self.find(key) else {
                continue;
            };
            let Some(value) = value_of(attribute, rest) else {
                continue;
            };
            for (bit, matcher) in &entry.leaves {
                if bit & wanted & !met != 0 && matcher.fits(&value) {
                    met |= bit;
                }
            }
            for index in &entry.slots {
                slot(*index, &value);
            }
        }
        met
    }

    #[inline]
    fn find(&self, key: &[u8]) -> Option<&Entry> {
        if self.lengths & length_bit(key) == 0 {
            return None;
        }
        let mut index = *self.first.get(hash(key))?;
        while let Some(entry) = self.entries.get(usize::from(index)) {
            if *entry.key == *key {
                return Some(entry);
            }
            index = entry.next;
        }
        None
    }
}

#[inline]
fn length_bit(key: &[u8]) -> u64 {
    1 << key.len().min(63)
}

/// Keys of semantic conventions differ at their ends and in their middles.
#[inline]
fn hash(key: &[u8]) -> usize {
    let middle = key.get(key.len() / 2).copied().unwrap_or_default();
    let last = key.last().copied().unwrap_or_default();
    let hash = usize::from(middle) * 13 + usize::from(last) * 7 + key.len() * 31;
    hash & 0xff
}

/// Returns the key of an attribute and the fields after it. The latter are `None` if the key is not
/// the first field or is long: then the whole attribute was read.
#[inline]
fn split(attribute: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if let [0x0a, length @ 0..0x80, rest @ ..] = attribute
        && let Some((key, rest)) = rest.split_at_checked(usize::from(*length))
        // Only if the rest is just the value: a second key would override the first.
        && let [0x12, length @ 0..0x80, value @ ..] = rest
        && value.len() == usize::from(*length)
    {
        return Some((key, Some(value)));
    }
    let attribute = Attribute::new(attribute).ok()?;
    Some((attribute.key, None))
}

#[inline]
fn value_of<'a>(attribute: &'a [u8], value: Option<&'a [u8]>) -> Option<AnyValue<'a>> {
    match value {
        Some(value) => AnyValue::new(value).ok(),
        None => Some(Attribute::new(attribute).ok()?.value),
    }
}

#[cfg(test)]
mod tests {
    use lamplight_otlp::Writer;
    use proptest::prelude::*;

    use super::*;
    use crate::rules::attribute::Test;

    fn exists() -> Matcher {
        Matcher::new(&Test::Exists).unwrap()
    }

    fn text(writer: &mut Writer, key: &[u8], value: &[u8]) {
        writer.message(9, |writer| {
            writer.message(2, |writer| writer.bytes_always(1, value));
            writer.bytes(1, key);
        });
    }

    fn scan(keys: &Keys, message: &[u8]) -> u64 {
        keys.scan(message, 9, u64::MAX, |_, _| {})
    }

    #[test]
    fn the_last_key_of_an_attribute_counts() {
        let mut keys = Keys::default();
        keys.leaf("first", 1, exists());
        keys.leaf("second", 2, exists());
        let mut writer = Writer::default();
        writer.message(9, |writer| {
            writer.bytes(1, b"second");
            writer.message(2, |writer| writer.bytes_always(1, b""));
            writer.bytes(1, b"first");
        });
        assert_eq!(scan(&keys, &writer.into_bytes()), 2);
    }

    #[test]
    fn what_follows_a_malformed_attribute_is_read() {
        let mut keys = Keys::default();
        keys.leaf("key", 1, exists());
        let mut writer = Writer::default();
        text(&mut writer, b"key", b"value");
        writer.bytes(9, &[0x0a, 0x50, 0]);
        assert_eq!(scan(&keys, &writer.into_bytes()), 1);
    }

    proptest! {
        /// Whatever the keys are, each one is found, and no other is.
        #[test]
        fn keys_are_found_as_by_comparing_all(
            wanted in prop::collection::btree_set("[a-c.]{0,5}|[a-z]{60,140}", 1..64),
            present in prop::collection::vec("[a-c.]{0,5}|[a-z]{60,140}", 0..20),
            value in "[a-z]{0,200}",
        ) {
            let mut keys = Keys::default();
            for (bit, key) in wanted.iter().enumerate() {
                keys.leaf(key, 1 << bit, exists());
            }
            let mut writer = Writer::default();
            let mut expected = 0;
            for key in present.iter().chain(wanted.iter().take(3)) {
                text(&mut writer, key.as_bytes(), value.as_bytes());
                let found = wanted.iter().position(|other| other == key);
                expected |= found.map_or(0, |bit| 1 << bit);
            }
            prop_assert_eq!(scan(&keys, &writer.into_bytes()), expected);
        }

        #[test]
        fn any_bytes_are_scanned(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut keys = Keys::default();
            keys.leaf("", 1, exists());
            scan(&keys, &bytes);
            let mut writer = Writer::default();
            writer.bytes(9, &bytes);
            scan(&keys, &writer.into_bytes());
        }
    }
}
