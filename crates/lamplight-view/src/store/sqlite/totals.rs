//! Totals of a store.

use rusqlite::Connection;

use super::number::{counted, unordered};
use crate::store::{State, StoreError};

/// The only row of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Totals {
    pub(super) spans: i64,
    pub(super) traces: i64,
    pub(super) bytes: i64,
    pub(super) for_count: i64,
    pub(super) for_age: i64,
    pub(super) for_size: i64,
    pub(super) again: i64,
    pub(super) refused: i64,
    pub(super) revision: i64,
}

impl Totals {
    pub(super) fn load(connection: &Connection) -> Result<Self, StoreError> {
        Ok(connection.query_row("SELECT * FROM totals", [], |row| {
            Ok(Self {
                spans: row.get("spans")?,
                traces: row.get("traces")?,
                bytes: row.get("bytes")?,
                for_count: row.get("for_count")?,
                for_age: row.get("for_age")?,
                for_size: row.get("for_size")?,
                again: row.get("again")?,
                refused: row.get("refused")?,
                revision: row.get("revision")?,
            })
        })?)
    }

    pub(super) fn store(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut update = connection.prepare_cached(
            "UPDATE totals SET spans = ?1, traces = ?2, bytes = ?3, for_count = ?4, for_age = ?5,
             for_size = ?6, again = ?7, refused = ?8, revision = ?9",
        )?;
        update.execute([
            self.spans,
            self.traces,
            self.bytes,
            self.for_count,
            self.for_age,
            self.for_size,
            self.again,
            self.refused,
            self.revision,
        ])?;
        Ok(())
    }

    /// Returns the state of a store. `newest` is the start of the newest span if known, since
    /// finding it requires a scan of all traces.
    pub(super) fn state(
        &self,
        connection: &Connection,
        newest: &mut Option<i64>,
    ) -> Result<State, StoreError> {
        let time = |sql: &str| {
            let mut select = connection.prepare_cached(sql)?;
            select.query_row([], |row| row.get::<_, Option<i64>>(0))
        };
        if newest.is_none() {
            *newest = time("SELECT max(newest) FROM traces")?;
        }
        Ok(State {
            spans: counted(self.spans),
            traces: counted(self.traces),
            bytes: counted(self.bytes),
            oldest: time("SELECT min(start) FROM traces")?.map(unordered),
            newest: newest.map(unordered),
            dropped_for_count: counted(self.for_count),
            dropped_for_age: counted(self.for_age),
            dropped_for_size: counted(self.for_size),
            again: counted(self.again),
            refused: counted(self.refused),
            revision: counted(self.revision),
        })
    }
}
