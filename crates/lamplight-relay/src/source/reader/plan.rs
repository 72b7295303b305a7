//! The choice of shards to take, as a pure function of the known state.
//!
//! A shard is *free-standing* when all its parents are done. Free-standing shards are shared evenly
//! between instances. A shard whose parents are not done belongs to the reader of its parents,
//! since undecided traces of the parents continue in it along with the hash keys. It is read once
//! that reader has read all its parents to their ends. The two parents of a merge may be read by
//! two instances; then the one with the smaller parent takes the other parent over as well.

use std::collections::{BTreeMap, BTreeSet};

use super::super::store::Row;
use crate::record::ShardId;

/// The known state.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// All shards.
    pub(super) rows: &'a BTreeMap<ShardId, Row>,
    /// The shards that this instance holds.
    pub(super) mine: &'a BTreeMap<ShardId, Stage>,
    /// The shards whose owners are dead.
    pub(super) dead: &'a BTreeSet<ShardId>,
    /// The name of this instance.
    pub(super) me: &'a str,
    /// True if shards are taken from live instances to balance the load.
    pub(super) balance: bool,
}

/// The progress of a shard that this instance holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The lease is held; reading has not started.
    Waiting,
    /// It is being read.
    Reading,
    /// It has been read as far as requested.
    Stopped,
    /// It has been read to its end.
    Drained,
    /// Its end was reported.
    Ended,
}

/// The steps to take.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Shards to take, whatever their owner.
    pub(super) take: BTreeSet<ShardId>,
    /// Shards to give up, because another instance has their parents.
    pub(super) drop: BTreeSet<ShardId>,
}

impl View<'_> {
    /// Returns the steps to take.
    pub(super) fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        for shard in self.mine.keys() {
            let row = self.rows.get(shard);
            if row.is_some_and(|row| !self.is_free_standing(row) && !self.is_attached(row)) {
                plan.drop.insert(shard.clone());
            }
        }
        for (shard, stage) in self.mine {
            if *stage == Stage::Drained && !plan.drop.contains(shard) {
                self.plan_family(shard, &mut plan);
            }
        }
        self.plan_share(&mut plan);
        plan
    }

    /// Returns the children of a shard, including those that are done.
    pub(super) fn children<'a>(&'a self, parent: &'a ShardId) -> impl Iterator<Item = &'a Row> {
        let rows = self.rows.values();
        rows.filter(|row| row.parents.contains(parent))
    }

    /// Returns the children of a shard that are not done.
    fn open_children<'a>(&'a self, parent: &'a ShardId) -> impl Iterator<Item = &'a Row> {
        self.children(parent).filter(|row| !row.is_done())
    }

    /// Returns the parents of a shard that are not done. Parents without a row count as done.
    pub(super) fn open_parents<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = &'a Row> {
        let parents = row.parents.iter();
        parents
            .filter_map(|parent| self.rows.get(parent))
            .filter(|parent| !parent.is_done())
    }

    /// Returns whether this instance has read a shard to its end.
    pub(super) fn is_drained(&self, shard: &ShardId) -> bool {
        let stage = self.mine.get(shard);
        matches!(stage, Some(Stage::Drained | Stage::Ended))
    }

    /// Returns whether this instance holds all children of a shard and can read them once it has
    /// ended, because all their other parents have been read to their ends too.
    pub(super) fn is_family_here(&self, parent: &ShardId) -> bool {
        self.open_children(parent).all(|child| {
            let mut parents = self.open_parents(child);
            self.mine.contains_key(&child.shard)
                && parents.all(|parent| self.is_drained(&parent.shard))
        })
    }

    /// Returns the shards that are held and whose parents have ended.
    pub(super) fn ready(&self) -> Vec<&Row> {
        let waiting = self.mine.iter();
        let waiting = waiting.filter(|(_, stage)| **stage == Stage::Waiting);
        let rows = waiting.filter_map(|(shard, _)| self.rows.get(shard));
        rows.filter(|row| {
            let mut parents = self.open_parents(row);
            parents.all(|parent| self.mine.get(&parent.shard) == Some(&Stage::Ended))
        })
        .collect()
    }

    fn is_free_standing(&self, row: &Row) -> bool {
        !row.is_done() && self.open_parents(row).next().is_none()
    }

    /// Returns whether a parent of a shard is read here.
    fn is_attached(&self, row: &Row) -> bool {
        !row.is_done()
            && self
                .open_parents(row)
                .all(|parent| self.mine.contains_key(&parent.shard))
    }

    /// Takes the children of a drained shard if all their parents are drained here.
    fn plan_family(&self, shard: &ShardId, plan: &mut Plan) {
        for child in self.open_children(shard) {
            let missing: Vec<_> = self
                .open_parents(child)
                .filter(|parent| !self.is_drained(&parent.shard))
                .collect();
            if missing.is_empty() {
                if !self.mine.contains_key(&child.shard) {
                    plan.take.insert(child.shard.clone());
                }
                continue;
            }
            for parent in missing {
                // A shard that is not free-standing will be later: its ancestors may be partners in
                // a merge with shards of other instances, and taking them would move them back and
                // forth.
                let is_elsewhere =
                    self.is_free_standing(parent) && !self.mine.contains_key(&parent.shard);
                if is_elsewhere && (*shard < parent.shard || self.is_free(parent)) {
                    plan.take.insert(parent.shard.clone());
                }
            }
        }
    }

    /// Returns whether a shard has no live owner.
    fn is_free(&self, row: &Row) -> bool {
        match &row.owner {
            None => true,
            Some(owner) => owner == self.me || self.dead.contains(&row.shard),
        }
    }

    /// Takes free shards up to this instance's share, or else one shard of an instance that has
    /// more.
    fn plan_share(&self, plan: &mut Plan) {
        let shared: Vec<_> = self
            .rows
            .values()
            .filter(|row| self.is_free_standing(row))
            .collect();
        let mut held: BTreeMap<&str, usize> = BTreeMap::from([(self.me, 0)]);
        for row in &shared {
            let here = self.mine.contains_key(&row.shard) || plan.take.contains(&row.shard);
            let owner = row.owner.as_deref().filter(|_| !self.is_free(row));
            let owner = if here { Some(self.me) } else { owner };
            if let Some(owner) = owner {
                *held.entry(owner).or_default() += 1;
            }
        }
        let share = shared.len().div_ceil(held.len());
        let mut mine = held.get(self.me).copied().unwrap_or_default();
        let before = mine;
        for row in &shared {
            let here = self.mine.contains_key(&row.shard) || plan.take.contains(&row.shard);
            if mine < share && !here && self.is_free(row) {
                plan.take.insert(row.shard.clone());
                mine += 1;
            }
        }
        if self.balance && mine == before && mine < share {
            plan.take.extend(self.steal(&shared, &held, mine));
        }
    }

    /// Returns a shard of the instance that has the most, if it has at least two more than this
    /// one. A shard with children stays, since it is about to end.
    fn steal(&self, shared: &[&Row], held: &BTreeMap<&str, usize>, mine: usize) -> Option<ShardId> {
        let (richest, most) = held.iter().max_by_key(|(_, count)| **count)?;
        if *most < mine + 2 {
            return None;
        }
        let theirs = shared
            .iter()
            .filter(|row| row.owner.as_deref() == Some(richest) && !self.is_free(row));
        theirs
            .map(|row| &row.shard)
            .find(|shard| self.open_children(shard).next().is_none())
            .cloned()
    }
}
