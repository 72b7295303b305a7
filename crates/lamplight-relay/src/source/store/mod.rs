//! Where checkpoints and leases are.

#[cfg(feature = "dynamodb")]
mod dynamo;
mod file;
mod files;
mod memory;
mod row;
mod table;

use std::fmt;

use bytes::Bytes;

#[cfg(feature = "dynamodb")]
pub use dynamo::DynamoStore;
pub use file::FileStore;
pub use memory::MemoryStore;
pub use row::{Lease, Row, Save};

use super::BoxFuture;
use crate::record::ShardId;

/// A place for checkpoints, each under a lease.
///
/// Every write has a condition, and all of it happens or nothing: [`CheckpointStore::take`] that nobody
/// else has written since, everything under a [`Lease`] that its number is still the row's.
pub trait CheckpointStore: fmt::Debug + Send + Sync {
    /// Returns the rows of all shards of a stream that are known; none if the stream was never read.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    fn rows<'a>(&'a self, stream: &'a str) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// Adds rows that are not there yet; leaves those that are.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    fn add<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Takes the lease of a shard for `owner`, unless its row is not `seen` any more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another was faster, or the owner that seemed dead is alive.
    fn take<'a>(
        &'a self,
        seen: &'a Row,
        owner: &'a str,
    ) -> BoxFuture<'a, Result<Lease, StoreError>>;

    /// Shows that a lease's owner is alive.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another has it.
    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Gives a lease back, so that another need not wait until it has expired.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another has it.
    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Saves a checkpoint, and appends to the shard's log.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] if another has the lease.
    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns what was appended to a shard's log, in order, but for what has expired.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    fn log<'a>(&'a self, shard: &'a ShardId) -> BoxFuture<'a, Result<Vec<Bytes>, StoreError>>;

    /// Returns whether several processes may use the store, so that leases are renewed and shared.
    fn is_shared(&self) -> bool;
}

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The lease is another's.
    Fenced,
    /// The store could not be reached, or has not the room.
    Unavailable(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced => f.write_str("another instance has the lease"),
            Self::Unavailable(why) => write!(f, "the checkpoint store failed: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}
