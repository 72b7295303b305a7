//! What a store holds of a shard.

use std::time::Duration;

use bytes::Bytes;

use crate::{
    record::{HashRange, ShardId, StreamTime},
    source::Position,
};

/// What is known of a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The shard.
    pub shard: ShardId,
    /// Those whose keys it took over.
    pub parents: Vec<ShardId>,
    /// Its hash keys.
    pub range: HashRange,
    /// Where reading begins; [`Position::End`] when there is nothing left to do.
    pub position: Position,
    /// What was saved with the position.
    pub state: Bytes,
    /// Who has the lease.
    pub owner: Option<String>,
    /// How often the lease has changed hands: the fencing token.
    pub token: u64,
    /// How often the row has been written since: a dead owner's stands still.
    pub beat: u64,
}

impl Row {
    /// Returns the row of a shard that nobody has read.
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

    /// Returns whether there is nothing left to do.
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
    /// Who has it.
    pub owner: String,
    /// Its number. Each is larger than all that others had before.
    pub token: u64,
}

impl Lease {
    /// Returns a lease: only what a store has written is one.
    pub fn new(shard: ShardId, owner: &str, token: u64) -> Self {
        Self {
            shard,
            owner: owner.to_owned(),
            token,
        }
    }

    /// Returns whether it is the one that a row names.
    pub fn is_of(&self, row: &Row) -> bool {
        row.token == self.token && row.owner.as_deref() == Some(&*self.owner)
    }
}

/// What is written of a shard at once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Save {
    /// Where reading begins again.
    pub position: Position,
    /// What the driver needs to go on there.
    pub state: Bytes,
    /// What is appended to the shard's log; nothing if it is empty.
    pub log: Bytes,
    /// The stream's time of this save.
    pub time: StreamTime,
    /// For how much of the stream's time what is appended is kept.
    pub keep: Duration,
}

impl Save {
    /// Returns a save of a position, without anything for the log.
    pub fn new(position: Position, state: Bytes) -> Self {
        Self {
            position,
            state,
            log: Bytes::new(),
            time: StreamTime::default(),
            keep: Duration::ZERO,
        }
    }

    /// Returns whether nothing follows.
    pub fn is_last(&self) -> bool {
        self.position == Position::End
    }

    /// Adds what is appended to the log at a time of the stream, and for how long.
    #[must_use]
    pub fn append(mut self, log: Bytes, time: StreamTime, keep: Duration) -> Self {
        self.log = log;
        self.time = time;
        self.keep = keep;
        self
    }
}
