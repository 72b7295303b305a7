//! The source that a configuration describes.

use std::sync::Arc;

use tokio::time::Instant;

use crate::{
    config::{Checkpoints, Config, SourceConfig, Start, stream},
    relay::aws,
    source::{
        CheckpointStore, FileStore, KinesisStream, MemoryStore, Pace, Reader, Start as From,
        store::DynamoStore,
    },
};

/// The message of a configuration without a source.
pub(crate) const NO_SOURCE: &str = "the configuration has no [source]: add `[source]`, and below \
it \
                                    `streams = [\"spans\"]` and `checkpoints = { type = \
                                    \"dynamodb\", table = \
                                    \"relay-checkpoints\" }`, or `{ type = \"file\", path = \
                                    \"/var/lib/lamplight-relay\" }` for one process";

/// The end of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Never.
    Never,
    /// At the end of the streams, or at this time.
    AtTip(Option<Instant>),
}

/// Returns the source that a configuration describes. With `is_only_looked_at`, it takes no lease
/// and saves no checkpoint.
///
/// # Errors
///
/// Returns an error if there is no source, or if its checkpoints cannot be read.
///
/// # Panics
///
/// Panics outside of a Tokio runtime.
pub fn source(config: &Config, ends: Ends, is_only_looked_at: bool) -> Result<Reader, String> {
    let source = config.source.as_ref().ok_or(NO_SOURCE)?;
    let store = store(source, is_only_looked_at)?;
    let mut builder = Reader::builder(store)
        .start(match source.start {
            Start::TrimHorizon => From::TrimHorizon,
            Start::Latest => From::Latest,
            Start::At(time) => From::Time(time),
        })
        .pace(Pace {
            share: source.read_share,
            idle: source.poll_interval,
        })
        .lease(source.lease)
        .discovery(source.shard_sync);
    if let Some(owner) = &source.owner {
        builder = builder.owner(owner);
    }
    for stream in &source.streams {
        let (region, name) = match stream::parts(stream) {
            Some((region, name)) => (Some(region), name),
            None => (source.region.as_deref(), &**stream),
        };
        let config = aws::config(region, source.endpoint.as_deref());
        let mut stream = KinesisStream::with_config(name, &config);
        if let Some(consumer) = &source.fan_out {
            stream = stream.fan_out(consumer);
        }
        builder = builder.stream(Arc::new(stream));
    }
    if let Ends::AtTip(deadline) = ends {
        builder = builder.until_tip(deadline);
    }
    Ok(builder.open())
}

fn store(
    source: &SourceConfig,
    is_only_looked_at: bool,
) -> Result<Arc<dyn CheckpointStore>, String> {
    if is_only_looked_at {
        return Ok(Arc::new(MemoryStore::default()));
    }
    Ok(match &source.checkpoints {
        Checkpoints::Memory => Arc::new(MemoryStore::default()),
        Checkpoints::File(path) => {
            Arc::new(FileStore::open(path.clone()).map_err(|error| error.to_string())?)
        }
        Checkpoints::DynamoDb { table, endpoint } => {
            let config = aws::config(source.region.as_deref(), endpoint.as_deref());
            Arc::new(DynamoStore::with_config(table, &config))
        }
    })
}
