//! What is known without asking the database.

use rusqlite::Connection;

use super::{
    entry::Entry,
    fetch::Reader,
    filter::{BLOCK, BLOCKS, Blocks, Class, Open},
    origin::Origins,
    totals::Totals,
};
use crate::store::{Condition, StoreError};

/// What is known without asking the database.
#[derive(Debug, Default)]
pub(super) struct Cached {
    /// Whether it has to be read again, after something failed.
    pub(super) is_stale: bool,
    pub(super) totals: Totals,
    /// Start of the newest span, as it is stored, where that is known.
    pub(super) newest: Option<i64>,
    pub(super) origins: Origins,
    /// Filters of the block that is not full.
    pub(super) open: Open,
    pub(super) next_id: i64,
    pub(super) next_trace: i64,
}

impl Cached {
    /// Reads it from the database.
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        let last = number("SELECT max(id) FROM spans")?.unwrap_or_default();
        let next_trace = number("SELECT max(trace) FROM traces")?.unwrap_or_default() + 1;
        // Blocks whose spans are all gone do not begin again.
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

    /// Returns the blocks that may have spans of these classes that fit; `None` where all may.
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
