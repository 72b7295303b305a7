//! Errors that end a relay.

use std::{error, fmt};

use crate::{engine::CheckpointError, record::ShardId};

/// An error that ends a relay.
#[derive(Debug)]
#[non_exhaustive]
pub enum RelayError {
    /// The relay has no source.
    NoSource,
    /// The relay cannot resume from the checkpoint of a shard.
    Checkpoint(ShardId, CheckpointError),
    /// Some checkpoints could not be saved at the end: some records will be read and delivered
    /// again.
    Unsaved(String),
}

impl fmt::Display for RelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSource => f.write_str("there is nothing to read: set `source`"),
            Self::Checkpoint(shard, error) => write!(f, "{shard}: {error}"),
            Self::Unsaved(why) => write!(
                f,
                "not all checkpoints could be saved, so that some records will be delivered \
                again: {why}"
            ),
        }
    }
}

impl error::Error for RelayError {}
