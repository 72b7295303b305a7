//! What a reader tells.

use std::time::Duration;

use bytes::Bytes;

use super::Position;
use crate::record::{HashRange, Record, SequenceNumber, ShardId, StreamTime};

/// What happened to a shard.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShardEvent {
    /// The shard.
    pub shard: ShardId,
    /// What happened.
    pub what: Happened,
}

impl ShardEvent {
    /// Returns an event.
    pub fn new(shard: ShardId, what: Happened) -> Self {
        Self { shard, what }
    }
}

/// What can happen to a shard.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happened {
    /// It is read from now on.
    Opened {
        /// Where reading begins.
        position: Position,
        /// The state that was saved with the position; empty if none ever was.
        state: Bytes,
        /// What was appended to its log and has not expired, in the order in which it was.
        log: Vec<Bytes>,
    },
    /// It was asked for records.
    Records {
        /// Those it had, in its order; there may be none.
        records: Vec<Record>,
        /// All records that arrived before this have been read. It does not run backwards.
        now: StreamTime,
        /// How far behind the newest record of the shard reading is.
        behind: Duration,
    },
    /// Records between the checkpoint and the first that is left may have been removed by the stream,
    /// because they were older than its retention.
    Gap(Gap),
    /// All its records have been read, and there will be no others.
    Ended {
        /// The shards that hold its hash keys now; none where the stream names none.
        children: Vec<Child>,
    },
    /// Another instance has it. Nothing may be delivered of what was held for it, and nothing can be saved.
    Lost,
}

/// A shard that holds hash keys of one that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Child {
    /// The shard.
    pub shard: ShardId,
    /// Its hash keys.
    pub range: HashRange,
    /// Whether its checkpoint is at its end: it is not opened, and all that came to it from its parents is
    /// settled. The others are opened next, by the same reader. (A restart between the saves of a child's end
    /// and of its parent's reads the parent again.)
    pub is_done: bool,
}

impl Child {
    /// Returns a child that is opened next.
    pub const fn new(shard: ShardId, range: HashRange) -> Self {
        Self {
            shard,
            range,
            is_done: false,
        }
    }
}

/// Records that were not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// Where reading should have begun.
    pub expected: Position,
    /// The first record that was there, if there was one.
    pub found: Option<SequenceNumber>,
    /// Whether records are known to be lost: the checkpoint's own record had not been settled. Otherwise
    /// it had, and there may have been none behind it.
    pub certain: bool,
}
