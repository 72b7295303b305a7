//! Properties that must hold for any input. The fuzz targets call these functions, and so does
//! `tests/it/fuzz_smoke.rs`, which replays a corpus on the stable compiler.

use lamplight_clickhouse::{MetricBlocks, TRACE_COLUMNS, TraceBlock};

/// Any input results in a block in which each column has as many rows as were added.
pub fn spans(data: &[u8]) {
    let mut block = TraceBlock::default();
    let pushed = block.push(data);
    let again = block.push(data);
    assert_eq!(pushed, again);
    let rows = block.rows();
    assert_eq!(rows, 2 * pushed.rows);
    assert_eq!(columns(&block.finish(), rows), TRACE_COLUMNS);
    assert!(block.is_empty());
    assert_eq!(columns(&block.finish(), 0), TRACE_COLUMNS);
}

/// Any input results in blocks in which each column has as many rows as were added.
pub fn metrics(data: &[u8]) {
    let mut blocks = MetricBlocks::default();
    let pushed = blocks.push(data);
    assert_eq!(blocks.rows(), pushed.rows);
    let mut rows = 0;
    for block in blocks.finish() {
        assert!(block.rows > 0);
        rows += block.rows;
        for name in columns(&block.body, block.rows) {
            assert!(block.statement("d").contains(&format!("`{name}`")));
        }
    }
    assert_eq!(rows, pushed.rows);
    assert_eq!(blocks.rows(), 0);
}

/// Returns the names of the columns of a block, read as the server reads them.
fn columns(block: &[u8], rows: usize) -> Vec<String> {
    let mut reader = Reader(block);
    let columns = reader.length();
    assert_eq!(reader.length(), rows);
    let names = (0..columns).map(|_| {
        let (name, kind) = (reader.text(), reader.text());
        reader.column(&String::from_utf8(kind).unwrap(), rows);
        String::from_utf8(name).unwrap()
    });
    let names = names.collect();
    assert!(reader.0.is_empty(), "{} bytes are left", reader.0.len());
    names
}

/// A reader of the format `Native`.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        bytes.to_vec()
    }

    fn length(&mut self) -> usize {
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = self.bytes(1)[0];
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return length;
            }
        }
    }

    fn text(&mut self) -> Vec<u8> {
        let length = self.length();
        self.bytes(length)
    }

    /// Skips the rows of a column of this type.
    fn column(&mut self, kind: &str, rows: usize) {
        if let Some(item) = inside(kind, "Array(") {
            let items = self.ends(rows);
            return self.column(item, items);
        }
        if let Some(entry) = inside(kind, "Map(") {
            let (key, value) = entry.split_once(", ").unwrap();
            let entries = self.ends(rows);
            self.column(key, entries);
            return self.column(value, entries);
        }
        let width = match kind {
            "String" => {
                (0..rows).for_each(|_| drop(self.text()));
                return;
            }
            "UInt64" | "Int64" | "Float64" | "DateTime64(9)" => 8,
            "UInt32" | "Int32" => 4,
            "UInt8" | "Bool" => 1,
            other => panic!("{other}"),
        };
        self.bytes(width * rows);
    }

    /// Reads where the items of each row end, and returns the number of all.
    fn ends(&mut self, rows: usize) -> usize {
        let mut last = 0;
        for _ in 0..rows {
            let end = u64::from_le_bytes(self.bytes(8).try_into().unwrap());
            assert!(end >= last);
            last = end;
        }
        last.try_into().unwrap()
    }
}

/// Returns what is in the parentheses of a type.
fn inside<'k>(kind: &'k str, name: &str) -> Option<&'k str> {
    kind.strip_prefix(name)?.strip_suffix(')')
}
