//! Rows and logs in memory, with the conditions for writes.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;

use super::super::name::id_in;
use super::{Lease, Row, Save, StoreError};
use crate::record::{ShardId, StreamTime};

/// The rows of streams.
#[derive(Debug, Default)]
pub(super) struct Table {
    shards: BTreeMap<ShardId, Entry>,
}

/// The row of a shard, and its log.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) row: Row,
    pub(super) log: Vec<Chunk>,
    /// The number of the next chunk.
    pub(super) next_chunk: u64,
}

/// A log entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) number: u64,
    pub(super) time: StreamTime,
    pub(super) keep: Duration,
    pub(super) data: Bytes,
}

impl Chunk {
    /// Returns whether the chunk is still kept at a stream time.
    pub(super) fn is_kept(&self, now: StreamTime) -> bool {
        self.time.after(self.keep) >= now
    }
}

impl Table {
    pub(super) fn insert(&mut self, entry: Entry) {
        self.shards.insert(entry.row.shard.clone(), entry);
    }

    pub(super) fn rows(&self, stream: &str) -> Vec<Row> {
        let entries = self.shards.values();
        entries
            .filter(|entry| id_in(&entry.row.shard, stream).is_some())
            .map(|entry| entry.row.clone())
            .collect()
    }

    /// Adds rows that do not exist yet; returns their shards.
    pub(super) fn add(&mut self, rows: &[Row]) -> Vec<ShardId> {
        let mut added = Vec::new();
        for row in rows {
            if !self.shards.contains_key(&row.shard) {
                added.push(row.shard.clone());
                self.insert(Entry {
                    row: row.clone(),
                    log: Vec::new(),
                    next_chunk: 0,
                });
            }
        }
        added
    }

    pub(super) fn take(&mut self, seen: &Row, owner: &str) -> Result<Lease, StoreError> {
        let row = self.row_mut(&seen.shard)?;
        if (row.token, row.beat) != (seen.token, seen.beat) {
            return Err(StoreError::Fenced);
        }
        row.token = row.token.saturating_add(1);
        row.beat = 0;
        row.owner = Some(owner.to_owned());
        Ok(Lease::new(seen.shard.clone(), owner, row.token))
    }

    pub(super) fn renew(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let row = self.held_mut(lease)?;
        row.beat = row.beat.saturating_add(1);
        Ok(())
    }

    pub(super) fn release(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let row = self.held_mut(lease)?;
        row.beat = row.beat.saturating_add(1);
        row.owner = None;
        Ok(())
    }

    /// Returns the entry of a lease, if the lease is still that of its row.
    pub(super) fn check(&self, lease: &Lease) -> Result<&Entry, StoreError> {
        let entry = self.shards.get(&lease.shard).ok_or(StoreError::Fenced)?;
        lease
            .is_of(&entry.row)
            .then_some(entry)
            .ok_or(StoreError::Fenced)
    }

    /// Saves, and returns the chunks that are no longer needed.
    pub(super) fn save(&mut self, lease: &Lease, save: &Save) -> Result<Vec<Chunk>, StoreError> {
        self.held_mut(lease)?;
        let Some(entry) = self.shards.get_mut(&lease.shard) else {
            return Err(StoreError::Fenced);
        };
        let row = &mut entry.row;
        row.position = save.position.clone();
        row.state = save.state.clone();
        row.beat = row.beat.saturating_add(1);
        let old = entry
            .log
            .extract_if(.., |chunk| !chunk.is_kept(save.time))
            .collect();
        if !save.log.is_empty() {
            entry.log.push(Chunk {
                number: entry.next_chunk,
                time: save.time,
                keep: save.keep,
                data: save.log.clone(),
            });
            entry.next_chunk = entry.next_chunk.saturating_add(1);
        }
        Ok(old)
    }

    pub(super) fn entry(&self, shard: &ShardId) -> Option<&Entry> {
        self.shards.get(shard)
    }

    pub(super) fn log(&self, shard: &ShardId) -> Vec<Bytes> {
        let entry = self.shards.get(shard);
        let chunks = entry.into_iter().flat_map(|entry| &entry.log);
        chunks.map(|chunk| chunk.data.clone()).collect()
    }

    fn row_mut(&mut self, shard: &ShardId) -> Result<&mut Row, StoreError> {
        let entry = self.shards.get_mut(shard).ok_or(StoreError::Fenced)?;
        Ok(&mut entry.row)
    }

    fn held_mut(&mut self, lease: &Lease) -> Result<&mut Row, StoreError> {
        let row = self.row_mut(&lease.shard)?;
        if lease.is_of(row) {
            Ok(row)
        } else {
            Err(StoreError::Fenced)
        }
    }
}
