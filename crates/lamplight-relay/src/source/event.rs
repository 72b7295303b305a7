//! Events of a reader.

use std::time::Duration;

use bytes::Bytes;

use super::Position;
use crate::record::{HashRange, Record, SequenceNumber, ShardId, StreamTime};

/// An event of a shard.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShardEvent {
    /// The shard.
    pub shard: ShardId,
    /// The event.
    pub what: Happened,
}

impl ShardEvent {
    /// Returns an event.
    pub fn new(shard: ShardId, what: Happened) -> Self {
        Self { shard, what }
    }
}

/// An event of a shard.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happened {
    /// Reading of the shard begins.
    Opened {
        /// The starting position.
        position: Position,
        /// The state that was saved with the position; empty if none was.
        state: Bytes,
        /// The unexpired entries of its log, in the order in which they were appended.
        log: Vec<Bytes>,
    },
    /// Records were read.
    Records {
        /// The records, in order; may be empty.
        records: Vec<Record>,
        /// All records that arrived before this time have been read. It never goes backward.
        now: StreamTime,
        /// The distance of the reading position from the newest record of the shard.
        behind: Duration,
    },
    /// The stream may have removed records between the checkpoint and the first remaining record,
    /// because they exceeded its retention.
    Gap(Gap),
    /// All records have been read, and there will be no others.
    Ended {
        /// The shards that have its hash keys now; empty if the stream names none.
        children: Vec<Child>,
    },
    /// Another instance has taken the shard. None of its pending data may be delivered, and nothing
    /// can be saved.
    Lost,
}

/// A shard with hash keys of a shard that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Child {
    /// The shard.
    pub shard: ShardId,
    /// Its range of hash keys.
    pub range: HashRange,
    /// True if its checkpoint is at its end: it is not opened, and everything passed to it from its
    /// parents is settled. Other children are opened next, by the same reader. (After a restart
    /// between the save of a child's end and that of its parent's, the parent is read again.)
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

/// Records that no longer existed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// The expected starting position.
    pub expected: Position,
    /// The first record that was found, if any.
    pub found: Option<SequenceNumber>,
    /// True if records are known to be lost, because the checkpoint's own record had not been
    /// settled. Otherwise it had been, and there may have been no records after it.
    pub certain: bool,
}
