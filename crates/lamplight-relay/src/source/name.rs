//! Names of shards across streams.

use crate::record::ShardId;

/// Returns the shard of this name in a stream.
pub(super) fn shard_of(stream: &str, id: &str) -> ShardId {
    ShardId::new(&format!("{stream}/{id}"))
}

/// Returns the name that a shard has in its stream; `None` if it is of another.
pub(super) fn id_in<'a>(shard: &'a ShardId, stream: &str) -> Option<&'a str> {
    shard.as_str().strip_prefix(stream)?.strip_prefix('/')
}
