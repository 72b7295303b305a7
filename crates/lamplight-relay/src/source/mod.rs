//! Sources of records: the shards of streams, read in order, with checkpoints.
//!
//! A [`Reader`] reads all shards whose leases it holds, and returns their events as
//! [`ShardEvent`]s. For each shard they come in this order: [`Opened`](Happened::Opened) with the
//! last saved state, [`Records`](Happened::Records) as they arrive, and [`Ended`](Happened::Ended)
//! once a split or a merge has closed the shard and its last record has been read; or
//! [`Lost`](Happened::Lost), if another instance has taken the shard. A shard is opened only after
//! all its parents have ended, across restarts too.
//!
//! There is no read-ahead: a shard is read again when its last records were taken.
//!
//! The driver decides on checkpoints. It saves a [`Position`] and an opaque state for each shard
//! with [`Checkpoints::save`]. A shard that has ended is done when [`Position::End`] is saved for
//! it, and is not read again. A restart opens parents that are not done before their children, even
//! if the children have checkpoints. Children that are already done are listed in the end event of
//! their parent and marked as done.
//!
//! A [`CheckpointStore`] holds the checkpoints: a folder for one process ([`FileStore`]), a
//! DynamoDB table for several ([`DynamoStore`](store::DynamoStore), feature `dynamodb`), or memory
//! ([`MemoryStore`]). Each checkpoint is written under a [`Lease`]; its number fences off an owner
//! that has lost the lease.
//!
//! Shards are named `stream/shardId-000000000000`, since the shards of different streams have the
//! same ids.

mod clock;
mod event;
#[cfg(feature = "kinesis")]
mod kinesis;
mod name;
mod position;
mod reader;
pub mod store;
pub mod stream;

use std::{future::Future, pin::Pin};

pub use clock::WallClock;
pub use event::{Child, Gap, Happened, ShardEvent};
#[cfg(feature = "kinesis")]
pub use kinesis::KinesisStream;
pub use position::Position;
pub use reader::{Checkpoints, Pace, Reader, ReaderBuilder, ReaderStats, Start};
#[doc(inline)]
pub use store::{CheckpointStore, FileStore, Lease, MemoryStore};

/// A boxed future, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
