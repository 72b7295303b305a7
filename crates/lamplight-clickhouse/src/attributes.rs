//! Attributes as rows of maps.

use lamplight_otlp::trace::{AnyValue, Attribute};

use crate::{
    native::{Map, Texts, put_length},
    text,
};

/// The attributes of a row, sorted by key: as ClickHouse compares and compresses maps in the order of
/// their entries.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a>(Vec<Attribute<'a>>);

impl<'a> Attributes<'a> {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    #[inline]
    pub(crate) fn push(&mut self, attribute: Attribute<'a>) {
        self.0.push(attribute);
    }

    /// Appends a row, and forgets the attributes.
    #[inline]
    pub(crate) fn end_row(&mut self, map: &mut Map) {
        let (keys, values) = map.entries();
        let entries = self.write(keys, values);
        map.end_row(entries);
        self.clear();
    }

    /// Appends keys and values, and returns how many.
    pub(crate) fn write(&mut self, keys: &mut Texts, values: &mut Texts) -> usize {
        // Stable: of equal keys, the order is that in the request.
        self.0.sort_by(|one, other| one.key.cmp(other.key));
        for attribute in &self.0 {
            keys.push(attribute.key);
            push_value(values, &attribute.value);
        }
        self.0.len()
    }
}

/// Appends a value as text.
#[inline]
fn push_value(values: &mut Texts, value: &AnyValue<'_>) {
    if let AnyValue::String(text) = value {
        values.push(text);
        return;
    }
    let buffer = values.buffer();
    let start = buffer.len();
    // The usual length fits into a byte.
    buffer.push(0);
    text::put(buffer, value);
    let length = buffer.len() - start - 1;
    match buffer.get_mut(start) {
        Some(byte) if length < 0x80 => *byte = length as u8,
        _ => {
            let text = buffer.split_off(start + 1);
            buffer.truncate(start);
            put_length(buffer, length);
            buffer.extend_from_slice(&text);
        }
    }
}
