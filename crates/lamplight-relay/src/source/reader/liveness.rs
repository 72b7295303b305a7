//! Detection of dead instances by their heartbeats.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

use super::super::store::Row;
use crate::record::ShardId;

/// The observed heartbeats of other instances. They are measured with this machine's monotonic
/// clock: if a row does not change for the duration of a lease, its owner is dead.
#[derive(Debug)]
pub(super) struct Liveness {
    lease: Duration,
    seen: BTreeMap<ShardId, Seen>,
    dead: BTreeSet<ShardId>,
}

/// The last observed change of a row.
#[derive(Debug, Clone, Copy)]
struct Seen {
    token: u64,
    beat: u64,
    at: Instant,
    /// True if a change was observed at all.
    moved: bool,
}

impl Liveness {
    pub(super) fn new(lease: Duration) -> Self {
        Self {
            lease,
            seen: BTreeMap::new(),
            dead: BTreeSet::new(),
        }
    }

    /// Observes all rows, except those of `me`.
    pub(super) fn look<'a>(&mut self, rows: impl Iterator<Item = &'a Row>, me: &str) {
        let now = Instant::now();
        let before = std::mem::take(&mut self.seen);
        self.dead.clear();
        for row in rows {
            if row.is_done() || row.owner.as_deref().is_none_or(|owner| owner == me) {
                continue;
            }
            let last = before.get(&row.shard).copied();
            let seen = match last {
                Some(seen) if (seen.token, seen.beat) == (row.token, row.beat) => seen,
                _ => Seen {
                    token: row.token,
                    beat: row.beat,
                    at: now,
                    moved: last.is_some(),
                },
            };
            if now.duration_since(seen.at) >= self.lease {
                self.dead.insert(row.shard.clone());
            }
            self.seen.insert(row.shard.clone(), seen);
        }
    }

    /// Returns the shards whose owners are dead.
    pub(super) fn dead(&self) -> &BTreeSet<ShardId> {
        &self.dead
    }

    /// Returns whether it is still unknown if a shard's owner is alive.
    pub(super) fn is_unknown(&self, shard: &ShardId) -> bool {
        let seen = self.seen.get(shard);
        seen.is_some_and(|seen| !seen.moved && !self.dead.contains(shard))
    }
}
