//! The interface between a reader and a stream.

use std::{fmt, time::Duration};

use super::{BoxFuture, Position};
use crate::record::{HashRange, Record};

/// A client of a stream.
pub trait StreamClient: fmt::Debug + Send + Sync {
    /// Returns the name of the stream, which prefixes the names of its shards.
    fn name(&self) -> &str;

    /// Returns all shards of which the stream still has records, including closed ones.
    ///
    /// # Errors
    ///
    /// Returns the errors of the service.
    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>>;

    /// Returns a cursor at a position of a shard. If the record at that position has been removed,
    /// the cursor is at the oldest remaining one.
    ///
    /// # Errors
    ///
    /// Returns the errors of the service; [`ReadError::Gone`] for a shard that has been removed
    /// with all its records.
    fn open<'a>(
        &'a self,
        shard: &'a str,
        position: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>>;
}

/// A position in a shard that advances with each read.
pub trait Cursor: fmt::Debug + Send {
    /// Reads at most `limit` records and advances. After an error other than
    /// [`ReadError::Throttled`] and [`ReadError::Unavailable`], the cursor is not used again.
    ///
    /// # Errors
    ///
    /// Returns the errors of the service.
    fn read(&mut self, limit: u32) -> BoxFuture<'_, Result<Batch, ReadError>>;

    /// Returns whether the stream pushes records, so that calls need no rate limit.
    fn is_pushed(&self) -> bool {
        false
    }
}

/// A listed shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardInfo {
    /// Its id, without the name of the stream.
    pub id: String,
    /// The shards whose keys it took over: one for a split, two for a merge. They may have been removed.
    pub parents: Vec<String>,
    /// Its range of hash keys.
    pub range: HashRange,
    /// True if it accepts no more records.
    pub closed: bool,
}

impl ShardInfo {
    /// Returns an open shard.
    pub fn new(id: &str, parents: &[&str], range: HashRange) -> Self {
        Self {
            id: id.to_owned(),
            parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
            range,
            closed: false,
        }
    }
}

/// The result of one read.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Batch {
    /// The records, in the shard's order.
    pub records: Vec<Record>,
    /// The distance from the newest record of the shard.
    pub behind: Duration,
    /// The children of the shard, if this was its end; empty if the service did not name them.
    pub ended: Option<Vec<ShardInfo>>,
}

impl Batch {
    /// Returns the result of a read.
    pub fn new(records: Vec<Record>, behind: Duration) -> Self {
        Self {
            records,
            behind,
            ended: None,
        }
    }
}

/// The error of a failed read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The cursor has expired; a new one continues.
    Expired,
    /// The shard's limits were exceeded, by this reader or by others.
    Throttled,
    /// The shard or the stream does not exist.
    Gone,
    /// The service does not know the position: the record has been removed, or never existed.
    Position,
    /// The service did not respond, or failed temporarily.
    Unavailable(String),
    /// The service refused the call: only a change of configuration helps.
    Refused(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the iterator has expired"),
            Self::Throttled => f.write_str("the shard's read limits are exceeded"),
            Self::Gone => f.write_str("the stream or shard does not exist"),
            Self::Position => f.write_str("the position is not in the shard"),
            Self::Unavailable(why) => write!(f, "the stream cannot be read now: {why}"),
            Self::Refused(why) => write!(f, "the stream refused the call: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
