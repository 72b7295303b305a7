//! Storage for data that does not fit into the evidence of a trace.

/// Marks the absence of a value.
pub(super) const NONE: u64 = u64::MAX;

/// Maximum number of key fields in all rules together.
pub(super) const MAX_SLOTS: usize = 32;

/// Indices of the data of a trace.
const RANDOMNESS: usize = 0;
const HEAD: usize = 1;
const START: usize = 2;
const END: usize = 3;
const KEYS: usize = 4;

/// Rows of numbers; each row has as many as the rules need for a trace.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    width: usize,
    numbers: Vec<u64>,
    /// Unused rows.
    free: Vec<u32>,
}

/// The row of a trace.
#[derive(Debug)]
pub(super) struct Row<'a>(pub(super) &'a mut [u64]);

impl Slots {
    /// Returns empty storage, for rules with this number of key fields.
    pub(super) fn new(fields: usize) -> Self {
        Self {
            width: KEYS + fields,
            numbers: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Returns the number of a row without values; 0 if there are too many rows.
    pub(super) fn allocate(&mut self) -> u32 {
        if let Some(row) = self.free.pop() {
            return row;
        }
        let rows = self.numbers.len() / self.width;
        let Some(row) = u32::try_from(rows)
            .ok()
            .and_then(|rows| rows.checked_add(1))
        else {
            return 0;
        };
        self.numbers.resize(self.numbers.len() + self.width, NONE);
        row
    }

    /// Frees a row.
    pub(super) fn free(&mut self, row: u32) {
        if let Some(Row(numbers)) = self.row_mut(row) {
            numbers.fill(NONE);
            self.free.push(row);
        }
    }

    fn range(&self, row: u32) -> Option<std::ops::Range<usize>> {
        let start = usize::try_from(row).ok()?.checked_sub(1)? * self.width;
        Some(start..start + self.width)
    }

    pub(super) fn row(&self, row: u32) -> Option<&[u64]> {
        self.numbers.get(self.range(row)?)
    }

    pub(super) fn row_mut(&mut self, row: u32) -> Option<Row<'_>> {
        let range = self.range(row)?;
        self.numbers.get_mut(range).map(Row)
    }

    /// Returns the memory in use, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<u64>() + self.free.capacity() * size_of::<u32>()
    }
}

impl Row<'_> {
    fn least(&mut self, slot: usize, value: u64) {
        if let Some(number) = self.0.get_mut(slot) {
            *number = (*number).min(value);
        }
    }

    pub(super) fn randomness(&mut self, value: u64) {
        self.least(RANDOMNESS, value);
    }

    pub(super) fn head(&mut self, threshold: u64) {
        self.least(HEAD, threshold);
    }

    pub(super) fn extent(&mut self, start: u64, end: u64) {
        self.least(START, start);
        // The minimum of the complements is the maximum.
        self.least(END, !end);
    }

    pub(super) fn key(&mut self, field: usize, value: u64) {
        self.least(KEYS + field, value);
    }
}

/// Returns the explicit randomness in a row.
pub(super) fn randomness(row: &[u64]) -> Option<u64> {
    value(row, RANDOMNESS)
}

/// Returns the lowest threshold that a head sampler has applied.
pub(super) fn head(row: &[u64]) -> Option<u64> {
    value(row, HEAD)
}

/// Returns the duration of the trace.
pub(super) fn extent(row: &[u64]) -> Option<u64> {
    let end = !value(row, END)?;
    Some(end.saturating_sub(row.get(START).copied()?))
}

/// Returns the value of a field.
pub(super) fn key(row: &[u64], field: usize) -> u64 {
    row.get(KEYS + field).copied().unwrap_or(NONE)
}

fn value(row: &[u64], slot: usize) -> Option<u64> {
    row.get(slot).copied().filter(|value| *value != NONE)
}
