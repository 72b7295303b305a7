//! Cached data of the database.

use rusqlite::Connection;

use super::{
    entry::Entry,
    fetch::Reader,
    filter::{BLOCK, BLOCKS, Blocks, Class, Open},
    origin::Origins,
    totals::Totals,
};
use crate::store::{Condition, StoreError};

/// Cached data of the database.
#[derive(Debug, Default)]
pub(super) struct Cached {
    /// True if it must be read again, after a failure.
    pub(super) is_stale: bool,
    pub(super) totals: Totals,
    /// Start of the newest span, as stored, if known.
    pub(super) newest: Option<i64>,
    pub(super) origins: Origins,
    /// Filters of the current block.
    pub(super) open: Open,
    pub(super) next_id: i64,
    pub(super) next_trace: i64,
}

impl Cached {
    /// Loads the data from the database.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        let last = number("SELECT max(id) FROM spans")?.unwrap_or_default();
        let next_trace = number("SELECT max(trace) FROM traces")?.unwrap_or_default() + 1;
        // Numbers of blocks whose spans were all removed are not reused.
        let block = number(&format!("SELECT max(id) FROM filters WHERE id < {BLOCKS}"))?;
        let next_id = (last + 1).max(block.map_or(0, |block| (block + 1) * BLOCK));
        let mut cached = Self {
            is_stale: false,
            totals: Totals::load(connection)?,
            next_id,
            next_trace,
            ..Self::default()
        };
        let mut reader = Reader::new(connection, &mut cached.origins)?;
        for id in next_id / BLOCK * BLOCK..next_id {
            if let Some((span, origin)) = reader.span(id)? {
                cached.open.add(&span, Entry::of(&span).class(), origin);
            }
        }
        drop(reader);
        Ok(cached)
    }

    /// Returns the blocks that may have matching spans of these classes; `None` if all may.
    pub(super) fn blocks(
        &self,
        connection: &Connection,
        conditions: &[Condition],
        classes: &[Class],
    ) -> Result<Option<Blocks>, StoreError> {
        let find = || Blocks::find(connection, conditions, classes, self.next_id / BLOCK);
        (!conditions.is_empty()).then(find).transpose()
    }
}
