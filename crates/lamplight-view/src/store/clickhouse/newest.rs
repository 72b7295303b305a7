//! Time slices, the newest first.

use super::{ClickHouseStore, filter::Range, parameters::Parameters};
use crate::store::StoreError;

/// Length of the first slice, in nanoseconds: an hour.
const SLICE: i64 = 3_600 * 1_000_000_000;

/// The factor by which a slice is longer than the one before.
const GROWTH: i64 = 8;

/// The number of spans, and their first and last start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) spans: u64,
    pub(super) oldest: u64,
    pub(super) newest: u64,
}

impl ClickHouseStore {
    /// Returns the extent of all spans. The server has it in its metadata, and reads no rows.
    pub(super) fn extent(&self) -> Result<Extent, StoreError> {
        let columns = [
            ("spans", "count()".to_owned()),
            ("oldest", "toUnixTimestamp64Nano(min(Timestamp))".to_owned()),
            ("newest", "toUnixTimestamp64Nano(max(Timestamp))".to_owned()),
        ];
        let rows = self
            .client
            .rows(&columns, "FROM otel_traces", &Parameters::default())?;
        let extents = self.client.all(&rows, |row| {
            Some(Extent {
                spans: row.count()?,
                oldest: row.time()?,
                newest: row.time()?,
            })
        })?;
        let none = Extent {
            spans: 0,
            oldest: 0,
            newest: 0,
        };
        Ok(extents.first().copied().unwrap_or(none))
    }

    /// Calls `read` with ranges that end like `range` and become longer, until it returns enough, or
    /// the range has all spans. A page of the newest rows reads few of the others in this way.
    pub(super) fn newest_first<T>(
        &self,
        range: Range,
        mut read: impl FnMut(Range) -> Result<T, StoreError>,
        is_enough: impl Fn(&T) -> bool,
    ) -> Result<T, StoreError> {
        let extent = self.extent()?;
        let number = |time| i64::try_from(time).unwrap_or(i64::MAX);
        let first = range.first.max(number(extent.oldest));
        let last = range.last.min(number(extent.newest));
        let mut length = SLICE;
        loop {
            let from = last.saturating_sub(length);
            if from <= first {
                return read(range);
            }
            let slice = Range {
                first: from,
                last: range.last,
            };
            let found = read(slice)?;
            if is_enough(&found) {
                return Ok(found);
            }
            length = length.saturating_mul(GROWTH);
        }
    }
}
