//! Takeover of ended shards by their children.

use std::collections::VecDeque;

use md5::{Digest, Md5};

use super::{
    Engine,
    decisions::{Decisions, Entry},
    emit::Queued,
    hash,
    shard::{Shard, open, tick, time_of},
};
use crate::{
    record::{HashRange, ShardId, StreamTime},
    rules::RuleState,
};

/// The state that an ended shard passes to one of its children.
#[derive(Debug)]
pub(super) struct Inheritance {
    /// The parent and its ancestors.
    lineage: Vec<u32>,
    /// Undecided traces with their due times, in that order.
    pub(super) traces: Vec<(u32, u32)>,
    decisions: Decisions,
    /// The state of the parent's adaptive rules, and data of the traces' evidence.
    pub(super) rules: RuleState,
    /// The share of the parent's keys that the child has.
    part: f64,
    time: StreamTime,
}

impl Engine {
    /// Passes the state of an ended shard to its children.
    pub(super) fn hand_over(&mut self, number: u32, children: &[(ShardId, HashRange)]) {
        let is_open = |child: &ShardId| self.numbers.contains_key(child);
        let children: Vec<_> = children
            .iter()
            .filter(|(child, _)| !is_open(child))
            .collect();
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        shard.ended.get_or_insert(shard.time);
        let part = 1.0 / children.len().max(1) as f64;
        let mut left: Vec<Inheritance> = Vec::with_capacity(children.len());
        for _ in &children {
            let mut rules = self.rules.state();
            self.rules.inherit(&mut rules, &shard.rules, 1.0);
            left.push(Inheritance {
                lineage: shard.lineage.clone(),
                traces: Vec::new(),
                decisions: shard.decisions.clone(),
                rules,
                part,
                time: shard.time,
            });
        }
        for (due, trace) in shard.pending.all(&self.traces) {
            // Whenever one of its records is read again, the last one is too, which does not hold
            // for the first.
            let last = self.traces.last(trace);
            let Some(last) = last.and_then(|last| self.records.get(last)) else {
                continue;
            };
            let key = hash_key(&last.record.partition_key);
            let child = children.iter().position(|(_, range)| range.contains(key));
            let Some(left) = child.and_then(|child| left.get_mut(child)) else {
                continue;
            };
            shard.pending.remove(&mut self.traces, trace, shard.tick);
            if let Some(found) = self.traces.get_mut(trace) {
                let evidence = &mut found.evidence;
                self.rules
                    .transfer(&mut shard.rules, &mut left.rules, evidence);
            }
            left.traces.push((due, trace));
        }
        for ((child, _), left) in children.into_iter().zip(left) {
            let heirs = self.heirs.entry(child.clone()).or_default();
            heirs.insert(shard.id.clone(), left);
        }
    }

    /// Opens a shard without a checkpoint.
    pub(super) fn open_new(&mut self, id: ShardId) {
        let inherited = self.heirs.remove(&id).unwrap_or_default().into_iter();
        let (parents, mut inherited): (Vec<_>, Vec<_>) = inherited.unzip();
        let number = self.add_shard(id);
        let rules = self.rules.clone();
        let time = inherited
            .iter()
            .map(|left| left.time)
            .max()
            .unwrap_or_default();
        // The time of each parent advances to the latest of all, since no further records of its
        // traces arrive either.
        for left in &mut inherited {
            self.let_time_pass(number, left, tick(time));
        }
        let (late, max) = (self.ticks.late, self.settings.max_decisions);
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        shard.inherit(&inherited);
        let decisions: Vec<_> = inherited.iter().map(|left| &left.decisions).collect();
        shard.decisions = Decisions::merged(&decisions);
        shard.start_at(time);
        shard.opened = Some(time).filter(|_| !inherited.is_empty());
        shard.parents = parents;
        // How much the parents have forgotten depends on when their time last advanced, and a
        // restart must remember the same at each tick.
        self.stats.forgotten += shard.decisions.forget(shard.tick, late, max);
        for left in &inherited {
            rules.inherit(&mut shard.rules, &left.rules, left.part);
        }
        for (parent, left) in inherited.into_iter().enumerate() {
            self.adopt(number, left, parent, None);
        }
    }

    /// Reschedules traces of one parent that were due by the time at which another one ended, and
    /// must wait longer since their roots have not arrived.
    pub(super) fn wait_longer(&mut self, left: &mut Inheritance, to: u32) {
        let (after_root, extension) = (
            self.settings.wait_after_root.is_some(),
            self.ticks.extension,
        );
        let (longer, mut traces): (Vec<_>, Vec<_>) =
            left.traces.drain(..).partition(|(due, trace)| {
                let found = self.traces.get_mut(*trace).filter(|_| *due <= to);
                found.is_some_and(|found| found.reason(after_root, extension).is_none())
            });
        let longer = longer.into_iter();
        traces.extend(longer.map(|(due, trace)| (due.saturating_add(extension), trace)));
        // A stable sort: at a tick they come after traces that were due then before, as in a shard
        // whose time advances.
        traces.sort_by_key(|(due, _)| *due);
        left.traces = traces;
    }

    /// Decides the traces of one parent that are due by the time at which another one ended.
    fn let_time_pass(&mut self, number: u32, left: &mut Inheritance, to: u32) {
        self.wait_longer(left, to);
        let after_root = self.settings.wait_after_root.is_some();
        let later = left.traces.partition_point(|(due, _)| *due <= to);
        let later = left.traces.split_off(later);
        for (due, trace) in std::mem::replace(&mut left.traces, later) {
            let Some(found) = self.traces.get_mut(trace) else {
                continue;
            };
            let Some(reason) = found.reason(after_root, self.ticks.extension) else {
                continue;
            };
            let (id, evidence) = (found.id, std::mem::take(&mut found.evidence));
            let verdict = self
                .rules
                .decide(&mut left.rules, &evidence, &id, time_of(due));
            self.rules.forget(&mut left.rules, evidence);
            let entry = Entry::new(hash::of_trace(&id), &verdict, due);
            left.decisions.add(entry);
            self.count_decision(entry, reason);
            self.resolve(number, trace, entry);
        }
    }

    /// Adds an empty shard.
    pub(super) fn add_shard(&mut self, id: ShardId) -> u32 {
        self.close(&id);
        let number = self.records.add_shard();
        let shard = Shard::new(id.clone(), number, self.rules.state());
        self.numbers.insert(id.clone(), number);
        self.shard_ids.push(id);
        self.shards.push(Some(Box::new(shard)));
        number
    }

    /// Forgets a shard and its data.
    pub(super) fn forget_shard(&mut self, number: u32) {
        let Some(mut shard) = self.shards.get_mut(number as usize).and_then(Option::take) else {
            return;
        };
        self.numbers.remove(&shard.id);
        for (_, trace) in shard.pending.all(&self.traces) {
            shard.pending.remove(&mut self.traces, trace, shard.tick);
            self.forget_trace(number, trace);
        }
        for left in self.heirs_of(&shard.id) {
            for (_, trace) in left.traces {
                self.forget_trace(number, trace);
            }
        }
        let (gone, stays): (VecDeque<Queued>, _) = std::mem::take(&mut self.queue)
            .into_iter()
            .partition(|queued: &Queued| queued.shard() == number);
        self.queue = stays;
        for queued in gone {
            for slot in queued.records() {
                let is_own = self
                    .records
                    .get(*slot)
                    .is_some_and(|slot| slot.shard == number);
                if !is_own {
                    self.records.pin(*slot);
                }
                self.records.settle(*slot, false);
            }
        }
        self.records.close(number);
    }

    /// Returns whether a child of an ended shard has not been opened yet.
    pub(super) fn has_heirs(&self, parent: &Shard) -> bool {
        self.heirs
            .values()
            .any(|left| left.contains_key(&parent.id))
    }

    fn heirs_of(&mut self, parent: &ShardId) -> Vec<Inheritance> {
        let left = self
            .heirs
            .values_mut()
            .filter_map(|left| left.remove(parent))
            .collect();
        self.heirs.retain(|_, left| !left.is_empty());
        left
    }

    fn forget_trace(&mut self, number: u32, trace: u32) {
        for slot in self.traces.records(trace) {
            let is_own = self
                .records
                .get(slot)
                .is_some_and(|slot| slot.shard == number);
            if !is_own {
                // Its own shard cannot know when it is settled.
                self.records.pin(slot);
            }
            self.records.let_go(slot);
        }
        self.traces.remove(trace);
    }
}

impl Shard {
    pub(super) fn inherit(&mut self, inherited: &[Inheritance]) {
        for left in inherited {
            self.lineage.extend(&left.lineage);
        }
        self.lineage.sort_unstable();
        self.lineage.dedup();
    }
}

/// Returns the hash key of a partition key.
fn hash_key(partition_key: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(partition_key).into())
}
