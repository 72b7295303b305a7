//! Checkpoints in memory.

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use lamplight_internal::sync::lock;

use super::{CheckpointStore, Lease, Row, Save, StoreError, table::Table};
use crate::{record::ShardId, source::BoxFuture};

/// A store in memory, for dry runs and tests; its content ends with the process. Clones share the
/// content, as instances share a table.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    table: Arc<Mutex<Table>>,
}

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }
}

impl CheckpointStore for MemoryStore {
    fn rows<'a>(&'a self, stream: &'a str) -> BoxFuture<'a, Result<Vec<Row>, StoreError>> {
        Box::pin(async move { Ok(self.table().rows(stream)) })
    }

    fn add<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.table().add(rows);
            Ok(())
        })
    }

    fn take<'a>(
        &'a self,
        seen: &'a Row,
        owner: &'a str,
    ) -> BoxFuture<'a, Result<Lease, StoreError>> {
        Box::pin(async move { self.table().take(seen, owner) })
    }

    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.table().renew(lease) })
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.table().release(lease) })
    }

    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { self.table().save(lease, save).map(drop) })
    }

    fn log<'a>(&'a self, shard: &'a ShardId) -> BoxFuture<'a, Result<Vec<Bytes>, StoreError>> {
        Box::pin(async move { Ok(self.table().log(shard)) })
    }

    fn is_shared(&self) -> bool {
        true
    }
}
