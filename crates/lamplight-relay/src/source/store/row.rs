//! The stored state of a shard.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    record::{HashRange, ShardId, StreamTime},
    source::Position,
};

/// The stored state of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The shard.
    pub shard: ShardId,
    /// Its parents, whose hash keys it took over.
    pub parents: Vec<ShardId>,
    /// Its range of hash keys.
    pub range: HashRange,
    /// The position from which to read; [`Position::End`] once the shard is done.
    pub position: Position,
    /// The state that was saved with the position.
    pub state: Bytes,
    /// The owner of the lease.
    pub owner: Option<String>,
    /// Number of times the lease has been taken: the fencing token.
    pub token: u64,
    /// Number of writes to the row since then: it stops changing if the owner is dead.
    pub beat: u64,
}

impl Row {
    /// Returns the row of a shard that was never read.
    pub fn new(
        shard: ShardId,
        parents: Vec<ShardId>,
        range: HashRange,
        position: Position,
    ) -> Self {
        Self {
            shard,
            parents,
            range,
            position,
            state: Bytes::new(),
            owner: None,
            token: 0,
            beat: 0,
        }
    }

    /// Returns whether the shard is done.
    pub fn is_done(&self) -> bool {
        self.position == Position::End
    }
}

/// The right to read a shard and to write its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The shard.
    pub shard: ShardId,
    /// The owner.
    pub owner: String,
    /// The fencing token, which is larger than that of all earlier leases.
    pub token: u64,
}

impl Lease {
    /// Returns a lease. It is valid only if a store has written it.
    pub fn new(shard: ShardId, owner: &str, token: u64) -> Self {
        Self {
            shard,
            owner: owner.to_owned(),
            token,
        }
    }

    /// Returns whether this is the lease of the row.
    pub fn is_of(&self, row: &Row) -> bool {
        row.token == self.token && row.owner.as_deref() == Some(&*self.owner)
    }
}

/// The data of one save of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Save {
    /// The position from which to resume.
    pub position: Position,
    /// The state that the driver needs to resume.
    pub state: Bytes,
    /// An entry to append to the shard's log; nothing if empty.
    pub log: Bytes,
    /// The stream time of this save.
    pub time: StreamTime,
    /// The span of stream time for which the log entry is kept.
    pub keep: Duration,
}

impl Save {
    /// Returns a save of a position, without a log entry.
    pub fn new(position: Position, state: Bytes) -> Self {
        Self {
            position,
            state,
            log: Bytes::new(),
            time: StreamTime::default(),
            keep: Duration::ZERO,
        }
    }

    /// Returns whether this is the last save of the shard.
    pub fn is_last(&self) -> bool {
        self.position == Position::End
    }

    /// Adds a log entry with its stream time and the span for which it is kept.
    #[must_use]
    pub fn append(mut self, log: Bytes, time: StreamTime, keep: Duration) -> Self {
        self.log = log;
        self.time = time;
        self.keep = keep;
        self
    }
}
