//! Blocks in ClickHouse's `Native` format: a column after the other, each with its name and its type.
//!
//! The server casts columns to the types of its table, so that a table of one's own may have other types
//! than the ones sent, such as `LowCardinality(String)` for `String` or `DateTime` for `DateTime64(9)`.
//!
//! Format: <https://clickhouse.com/docs/interfaces/formats/Native>.

mod column;

pub(crate) use column::{Floats, List, Map, Maps, Numbers, Texts};

/// A block under construction.
pub(crate) struct Block {
    bytes: Vec<u8>,
}

impl Block {
    /// Begins a block of as many columns and rows, and reserves room.
    pub(crate) fn new(columns: usize, rows: usize, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(room);
        put_length(&mut bytes, columns);
        put_length(&mut bytes, rows);
        Self { bytes }
    }

    /// Adds a column: its name, its type, and its data in parts.
    pub(crate) fn column(&mut self, name: &str, kind: &str, parts: &[&[u8]]) {
        put_text(&mut self.bytes, name.as_bytes());
        put_text(&mut self.bytes, kind.as_bytes());
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
    }

    /// Returns the encoded block.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Appends a length as LEB128.
#[inline]
pub(crate) fn put_length(bytes: &mut Vec<u8>, length: usize) {
    let mut rest = length as u64;
    while rest >= 0x80 {
        bytes.push((rest as u8) | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// Appends a text with its length before it.
#[inline]
pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &[u8]) {
    put_length(bytes, text.len());
    bytes.extend_from_slice(text);
}
