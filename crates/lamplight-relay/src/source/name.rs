//! Names of shards across streams.

use crate::record::ShardId;

/// Returns the shard with this id in a stream.
pub(super) fn shard_of(stream: &str, id: &str) -> ShardId {
    ShardId::new(&format!("{stream}/{id}"))
}

/// Returns the id of a shard in its stream; `None` if it belongs to another stream.
pub(super) fn id_in<'a>(shard: &'a ShardId, stream: &str) -> Option<&'a str> {
    shard.as_str().strip_prefix(stream)?.strip_prefix('/')
}
