//! Stores of checkpoints and leases.

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

/// A store of checkpoints, each under a lease.
///
/// Every write is conditional and atomic: [`CheckpointStore::take`] requires that the row has not
/// changed since it was seen, and all writes under a [`Lease`] require that its number is still
/// that of the row.
pub trait CheckpointStore: fmt::Debug + Send + Sync {
    /// Returns the rows of all known shards of a stream; empty if the stream was never read.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] if the store failed.
    fn rows<'a>(&'a self, stream: &'a str) -> BoxFuture<'a, Result<Vec<Row>, StoreError>>;

    /// Adds rows; existing rows stay unchanged.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] if the store failed.
    fn add<'a>(&'a self, rows: &'a [Row]) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Takes the lease of a shard for `owner`, if its row is still as `seen`.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Fenced`] if another instance was faster, or if the owner that seemed
    /// dead is alive.
    fn take<'a>(
        &'a self,
        seen: &'a Row,
        owner: &'a str,
    ) -> BoxFuture<'a, Result<Lease, StoreError>>;

    /// Renews a lease.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Fenced`] if another instance has the lease.
    fn renew<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Releases a lease, so that other instances need not wait until it has expired.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Fenced`] if another instance has the lease.
    fn release<'a>(&'a self, lease: &'a Lease) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Saves a checkpoint, and appends to the shard's log.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Fenced`] if another instance has the lease.
    fn save<'a>(
        &'a self,
        lease: &'a Lease,
        save: &'a Save,
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Returns the unexpired entries of a shard's log, in order.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Unavailable`] if the store failed.
    fn log<'a>(&'a self, shard: &'a ShardId) -> BoxFuture<'a, Result<Vec<Bytes>, StoreError>>;

    /// Returns whether several processes may use the store, so that leases must be renewed and
    /// shared.
    fn is_shared(&self) -> bool;
}

/// The error of a failed store operation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// Another instance has the lease.
    Fenced,
    /// The store could not be reached, or has no room left.
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
