//! Where a relay reads from.

use std::sync::Arc;

use crate::{
    record::ShardId,
    source::{
        BoxFuture, Checkpoints, Reader, ShardEvent,
        store::{Save, StoreError},
    },
};

/// What a relay reads: shards, and where it is saved how far. A [`Reader`] is one; implement it for another
/// log of records in order.
pub trait Source: Send + Sync + 'static {
    /// Returns what happened next to a shard, or nothing when there is no more to come. It may be dropped
    /// while it waits; nothing is lost by that.
    fn next(&mut self) -> BoxFuture<'_, Option<ShardEvent>>;

    /// Returns where checkpoints are saved.
    fn checkpoints(&self) -> Arc<dyn SaveCheckpoints>;

    /// Ends reading, and gives back what is held.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}

/// Where checkpoints are saved.
pub trait SaveCheckpoints: Send + Sync + 'static {
    /// Saves the checkpoint of a shard. See [`Checkpoints::save`].
    fn save<'a>(
        &'a self,
        shard: &'a ShardId,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns whether what was read of a shard may be delivered. See [`Checkpoints::holds`].
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
