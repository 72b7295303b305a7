//! Columns under construction, by the shape of their data.

use super::{Block, put_text};

/// A column of `String`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Texts(Vec<u8>);

impl Texts {
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        put_text(&mut self.0, text);
    }

    /// Appends the lower-case hex form of an id, or an empty text for an id of zeros.
    #[inline]
    pub(crate) fn push_id(&mut self, id: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        if id.iter().all(|byte| *byte == 0) {
            self.0.push(0);
            return;
        }
        super::put_length(&mut self.0, id.len() * 2);
        let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
        self.0.extend(
            id.iter()
                .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
        );
    }

    /// Appends the rows of another column.
    #[inline]
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the buffer, for a caller that writes the length and the text itself.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }

    pub(crate) fn write(&self, block: &mut Block, name: &str) {
        block.column(name, "String", &[&self.0]);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A column of whole numbers of a fixed width, or of times, which are such numbers.
#[derive(Debug, Default, Clone)]
pub(crate) struct Numbers(Vec<u8>);

impl Numbers {
    #[inline]
    pub(crate) fn push<const N: usize>(&mut self, little_endian: [u8; N]) {
        self.0.extend_from_slice(&little_endian);
    }

    /// Appends a time in nanoseconds since 1970 as a `DateTime64(9)`: the last one there is, where the
    /// time is later.
    #[inline]
    pub(crate) fn push_time(&mut self, nanoseconds: u64) {
        self.push(i64::try_from(nanoseconds).unwrap_or(i64::MAX).to_le_bytes());
    }

    pub(crate) fn write(&self, block: &mut Block, name: &str, kind: &str) {
        block.column(name, kind, &[&self.0]);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// A column of `Float64`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Floats(Numbers);

impl Floats {
    #[inline]
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value.to_le_bytes());
    }

    pub(crate) fn write(&self, block: &mut Block, name: &str) {
        self.0.write(block, name, "Float64");
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

/// The ends of arrays in the column of their items.
#[derive(Debug, Default, Clone)]
pub(crate) struct List {
    ends: Numbers,
    last: u64,
}

impl List {
    /// Appends an array of as many items.
    #[inline]
    pub(crate) fn push(&mut self, items: usize) {
        self.last += items as u64;
        self.ends.push(self.last.to_le_bytes());
    }

    pub(crate) fn clear(&mut self) {
        self.ends.clear();
        self.last = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Writes the column of arrays whose items are `items`.
    pub(crate) fn write(&self, block: &mut Block, name: &str, kind: &str, items: &[u8]) {
        block.column(name, kind, &[self.ends.bytes(), items]);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.ends.bytes()
    }
}

/// A column of `Map(String, String)`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Map {
    list: List,
    keys: Texts,
    values: Texts,
}

impl Map {
    /// Returns the columns of keys and values, for the entries of the next row. [`Map::end_row`] ends it.
    #[inline]
    pub(crate) fn entries(&mut self) -> (&mut Texts, &mut Texts) {
        (&mut self.keys, &mut self.values)
    }

    /// Ends a row of as many entries.
    #[inline]
    pub(crate) fn end_row(&mut self, entries: usize) {
        self.list.push(entries);
    }

    /// Appends a row whose entries were encoded before.
    #[inline]
    pub(crate) fn push_encoded(&mut self, keys: &Texts, values: &Texts, entries: usize) {
        self.keys.append(keys);
        self.values.append(values);
        self.list.push(entries);
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.keys.clear();
        self.values.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len() + self.keys.len() + self.values.len()
    }

    pub(crate) fn write(&self, block: &mut Block, name: &str) {
        block.column(
            name,
            "Map(String, String)",
            &[self.list.bytes(), self.keys.bytes(), self.values.bytes()],
        );
    }
}

/// A column of `Array(Map(String, String))`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Maps(Map);

impl Maps {
    /// Returns the column of the maps in the arrays.
    #[inline]
    pub(crate) fn items(&mut self) -> &mut Map {
        &mut self.0
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes the column, whose arrays end where those of `list` do.
    pub(crate) fn write(&self, block: &mut Block, name: &str, list: &List) {
        let map = &self.0;
        block.column(
            name,
            "Array(Map(String, String))",
            &[
                list.bytes(),
                map.list.bytes(),
                map.keys.bytes(),
                map.values.bytes(),
            ],
        );
    }
}
