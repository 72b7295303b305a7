//! Why a relay ends.

use std::{error, fmt};

use crate::{engine::CheckpointError, record::ShardId};

/// Why a relay cannot go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum RelayError {
    /// It was given nothing to read.
    NoSource,
    /// The checkpoint of a shard cannot be gone on from.
    Checkpoint(ShardId, CheckpointError),
    /// Not all checkpoints could be saved at the end: some records will be read and delivered again.
    Unsaved(String),
}

impl fmt::Display for RelayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSource => f.write_str("there is nothing to read: set `source`"),
            Self::Checkpoint(shard, error) => write!(f, "{shard}: {error}"),
            Self::Unsaved(why) => write!(
                f,
                "not all checkpoints could be saved, so that some records will be delivered again: {why}"
            ),
        }
    }
}

impl error::Error for RelayError {}
