//! Sources of records.

use std::sync::Arc;

use crate::{
    record::ShardId,
    source::{
        BoxFuture, Checkpoints, Reader, ShardEvent,
        store::{Save, StoreError},
    },
};

/// A source of shards, with a store for checkpoints. A [`Reader`] is one; implement this trait for
/// another log of ordered records.
pub trait Source: Send + Sync + 'static {
    /// Returns the next event of a shard, or `None` at the end. The future is cancellation safe: no
    /// event is lost if it is dropped.
    fn next(&mut self) -> BoxFuture<'_, Option<ShardEvent>>;

    /// Returns the store for checkpoints.
    fn checkpoints(&self) -> Arc<dyn SaveCheckpoints>;

    /// Ends reading, and releases all leases.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// A store for checkpoints.
pub trait SaveCheckpoints: Send + Sync + 'static {
    /// Saves the checkpoint of a shard. See [`Checkpoints::save`].
    fn save<'a>(
        &'a self,
        shard: &'a ShardId,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns whether records of a shard may be delivered. See [`Checkpoints::holds`].
    fn holds(&self, shard: &ShardId) -> bool;
}

impl Source for Reader {
    fn next(&mut self) -> BoxFuture<'_, Option<ShardEvent>> {
        Box::pin(self.next())
    }

    fn checkpoints(&self) -> Arc<dyn SaveCheckpoints> {
        Arc::new(self.checkpoints())
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin((*self).close())
    }
}

impl SaveCheckpoints for Checkpoints {
    fn save<'a>(
        &'a self,
        shard: &'a ShardId,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.save(shard, save))
    }

    fn holds(&self, shard: &ShardId) -> bool {
        self.holds(shard)
    }
}
