//! What a reader needs of a stream.

use std::{fmt, time::Duration};

use super::{BoxFuture, Position};
use crate::record::{HashRange, Record};

/// A stream, as its service shows it.
pub trait StreamClient: fmt::Debug + Send + Sync {
    /// Returns the stream's name. It stands before the names of its shards.
    fn name(&self) -> &str;

    /// Returns all shards of which the stream has records, closed ones too.
    ///
    /// # Errors
    ///
    /// Those of the service.
    fn shards(&self) -> BoxFuture<'_, Result<Vec<ShardInfo>, ReadError>>;

    /// Returns a cursor at a place of a shard. One at a record that has been removed is at the oldest that is
    /// left.
    ///
    /// # Errors
    ///
    /// Those of the service; [`ReadError::Gone`] for a shard that has been removed with all its records.
    fn open<'a>(
        &'a self,
        shard: &'a str,
        position: &'a Position,
    ) -> BoxFuture<'a, Result<Box<dyn Cursor>, ReadError>>;
}

/// A place in a shard that moves as it is read.
pub trait Cursor: fmt::Debug + Send {
    /// Reads at most `limit` records and moves on. A cursor is not read again after an error other than
    /// [`ReadError::Throttled`] and [`ReadError::Unavailable`].
    ///
    /// # Errors
    ///
    /// Those of the service.
    fn read(&mut self, limit: u32) -> BoxFuture<'_, Result<Batch, ReadError>>;

    /// Returns whether records come by themselves, so that calls need no pace.
    fn is_pushed(&self) -> bool {
        false
    }
}

/// A shard, as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardInfo {
    /// Its name, without the stream's.
    pub id: String,
    /// The shards whose keys it took over: one for a split, two for a merge. They may have been removed.
    pub parents: Vec<String>,
    /// Its hash keys.
    pub range: HashRange,
    /// Whether it takes no more records.
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

/// What was read with one call.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Batch {
    /// The records, in the shard's order.
    pub records: Vec<Record>,
    /// How far behind the newest record of the shard this is.
    pub behind: Duration,
    /// The shard's children, if this was its end; there are none if the service did not say which.
    pub ended: Option<Vec<ShardInfo>>,
}

impl Batch {
    /// Returns what was read.
    pub fn new(records: Vec<Record>, behind: Duration) -> Self {
        Self {
            records,
            behind,
            ended: None,
        }
    }
}

/// Why reading failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The cursor is too old; a new one continues.
    Expired,
    /// More was read than the shard allows, by this reader or by others.
    Throttled,
    /// The shard, or the stream, is not there.
    Gone,
    /// The service does not know the position: the record has been removed, or was never there.
    Position,
    /// The service did not answer, or not well: later it may.
    Unavailable(String),
    /// The service refused: only a change of configuration helps.
    Refused(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("the iterator has expired"),
            Self::Throttled => f.write_str("the shard's read limits are used up"),
            Self::Gone => f.write_str("the stream or shard does not exist"),
            Self::Position => f.write_str("the position is not in the shard"),
            Self::Unavailable(why) => write!(f, "the stream cannot be read now: {why}"),
            Self::Refused(why) => write!(f, "the stream refused to be read: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
