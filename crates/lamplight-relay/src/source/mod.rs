//! Where records come from: the shards of streams, read in order, and where reading starts again.
//!
//! A [`Reader`] reads all shards that it has the lease of, and gives what happens to them as
//! [`ShardEvent`]s, in this order for each shard: [`Opened`](Happened::Opened) with what was saved last,
//! [`Records`](Happened::Records) as they come, and [`Ended`](Happened::Ended) when a split or a merge has
//! closed it and its last record has been read; or [`Lost`](Happened::Lost), when another instance has taken
//! it over. A shard is opened only after all its parents have ended, across restarts too.
//!
//! Nothing is read ahead: a shard is asked for more when its last records were taken.
//!
//! What is decided is the driver's business. It saves a [`Position`] and an opaque state for each shard
//! with [`Checkpoints::save`]; a shard that has ended is done when [`Position::End`] is saved for it, and is
//! not read again. A restart opens the parents that are not done before their children, whatever was saved of
//! these; children that are done already are told with the end of their parent, marked so.
//!
//! Checkpoints are in a [`CheckpointStore`]: a folder for one process ([`FileStore`]), a table of DynamoDB for
//! several ([`DynamoStore`](store::DynamoStore), feature `dynamodb`), or nowhere ([`MemoryStore`]). Each is
//! written under a [`Lease`], whose number refuses the writes of an owner that has lost it.
//!
//! Shards are named `stream/shardId-000000000000`, since those of two streams have the same names.

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

/// A future in a box, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
