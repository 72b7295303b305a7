//! Who is alive, by what can be seen of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

use super::super::store::Row;
use crate::record::ShardId;

/// The signs of life of other instances. They are measured with this machine's own clock, which runs
/// forward only: a row that stays as it is for as long as a lease lasts has lost its owner.
#[derive(Debug)]
pub(super) struct Liveness {
    lease: Duration,
    seen: BTreeMap<ShardId, Seen>,
    dead: BTreeSet<ShardId>,
}

/// When a row was last seen to change.
#[derive(Debug, Clone, Copy)]
struct Seen {
    token: u64,
    beat: u64,
    at: Instant,
    /// Whether it was seen to change at all.
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

    /// Looks at all rows. What `me` has is left out.
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

    /// Returns the shards whose owners show no life.
    pub(super) fn dead(&self) -> &BTreeSet<ShardId> {
        &self.dead
    }

    /// Returns whether it is not known yet if a shard's owner is alive.
    pub(super) fn is_unknown(&self, shard: &ShardId) -> bool {
        let seen = self.seen.get(shard);
        seen.is_some_and(|seen| !seen.moved && !self.dead.contains(shard))
    }
}
