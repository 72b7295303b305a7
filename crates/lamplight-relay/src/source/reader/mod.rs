//! Reading all shards that one has the lease of.

mod settings;
mod stats;

use std::fmt;

pub use settings::{Pace, ReaderBuilder, Start};
pub use stats::ReaderStats;

use std::sync::Arc;

use settings::Settings;

use super::{
    CheckpointStore, ShardEvent,
    store::{Save, StoreError},
};
use crate::record::ShardId;

/// A reader of the shards of one or several streams.
///
/// Dropping it ends reading, and leaves the leases to expire; [`Reader::close`] gives them back.
#[derive(Debug)]
pub struct Reader {
    checkpoints: Checkpoints,
}

impl Reader {
    /// Returns a reader to set up, with its checkpoints in a store.
    pub fn builder(store: Arc<dyn CheckpointStore>) -> ReaderBuilder {
        ReaderBuilder::new(store)
    }

    pub(self) fn start(_settings: Settings) -> Self {
        Self {
            checkpoints: Checkpoints {},
        }
    }

    /// Returns the next event, or nothing when the reader was to end and has. It may be dropped while it
    /// waits; nothing is lost by that.
    pub async fn next(&mut self) -> Option<ShardEvent> {
        None
    }

    /// Returns where checkpoints are saved.
    pub fn checkpoints(&self) -> Checkpoints {
        self.checkpoints.clone()
    }

    /// Returns what was done so far.
    pub fn stats(&self) -> ReaderStats {
        ReaderStats::default()
    }

    /// Ends reading and gives all leases back, so that others need not wait for them to expire.
    pub async fn close(self) {}
}

/// The checkpoints of the shards that a [`Reader`] has the leases of. Clones are the same.
#[derive(Debug, Clone)]
pub struct Checkpoints {}

impl Checkpoints {
    /// Saves the checkpoint of a shard. One at [`Position::End`](super::Position::End) gives the shard up for
    /// good.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another instance has the shard: a [`Lost`](super::Happened::Lost) follows.
    /// [`StoreError::Unavailable`] if the store failed: it may not have been written, and can be tried again.
    pub async fn save(&self, _shard: &ShardId, _save: &Save) -> Result<Saving, StoreError> {
        Err(StoreError::Fenced)
    }

    /// Returns whether the lease of a shard is held now, by this machine's clock. What was read under a lease
    /// that is not must not be delivered: another instance may have begun to.
    pub fn holds(&self, _shard: &ShardId) -> bool {
        false
    }
}

/// What became of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Saving {
    /// It is written.
    Done,
    /// It is not written, since a parent of the shard has not been saved at its end: what is held for the
    /// parent's records may belong with this shard's. It can be tried again when that is.
    ParentFirst,
}

impl fmt::Display for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("saved"),
            Self::ParentFirst => f.write_str("waits for the parent's checkpoint"),
        }
    }
}
