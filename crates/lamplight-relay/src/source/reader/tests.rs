//! The combined result of several instances that plan independently.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::plan::{Stage, View};
use crate::{
    record::{HashRange, ShardId},
    source::{Position, store::Row},
};

/// Instances that plan one after the other in a random order.
#[derive(Debug)]
struct World {
    rows: BTreeMap<ShardId, Row>,
    /// Shards that accept no more records.
    closed: BTreeSet<ShardId>,
    instances: Vec<Instance>,
    takes: usize,
}

#[derive(Debug, Default)]
struct Instance {
    name: String,
    mine: BTreeMap<ShardId, Stage>,
    is_dead: bool,
}

fn id(number: usize) -> ShardId {
    ShardId::new(&format!("s/{number:04}"))
}

impl World {
    fn new(shards: usize, instances: usize) -> Self {
        let mut world = Self {
            rows: BTreeMap::new(),
            closed: BTreeSet::new(),
            instances: Vec::new(),
            takes: 0,
        };
        for _ in 0..shards {
            world.add(Vec::new());
        }
        for number in 0..instances {
            world.instances.push(Instance {
                name: format!("instance {number}"),
                ..Instance::default()
            });
        }
        world
    }

    fn add(&mut self, parents: Vec<ShardId>) {
        let shard = id(self.rows.len());
        let row = Row::new(
            shard.clone(),
            parents,
            HashRange::ALL,
            Position::TrimHorizon,
        );
        self.rows.insert(shard, row);
    }

    fn open_shards(&self) -> Vec<ShardId> {
        let all = self.rows.keys();
        all.filter(|shard| !self.closed.contains(shard))
            .cloned()
            .collect()
    }

    /// Splits the chosen shard, or merges it with the next.
    fn reshard(&mut self, chosen: usize, merges: bool) {
        let open = self.open_shards();
        if self.rows.len() > 30 {
            return;
        }
        let Some(first) = open.get(chosen % open.len().max(1)) else {
            return;
        };
        let second = open.get(chosen % open.len() + 1);
        self.closed.insert(first.clone());
        match second.filter(|_| merges) {
            Some(second) => {
                self.closed.insert(second.clone());
                self.add(vec![first.clone(), second.clone()]);
            }
            None => {
                self.add(vec![first.clone()]);
                self.add(vec![first.clone()]);
            }
        }
    }

    /// Lets an instance observe, plan and act.
    fn act(&mut self, chosen: usize) {
        let chosen = chosen % self.instances.len();
        if self.instances[chosen].is_dead {
            return;
        }
        let dead = self.dead();
        loop {
            let instance = &self.instances[chosen];
            let view = view(&self.rows, instance, &dead);
            let plan = view.plan();
            let mut changed = false;
            for shard in plan.drop {
                self.instances[chosen].mine.remove(&shard);
                self.rows.get_mut(&shard).unwrap().owner = None;
                changed = true;
            }
            for shard in plan.take {
                assert!(!self.instances[chosen].mine.contains_key(&shard));
                for other in &mut self.instances {
                    other.mine.remove(&shard);
                }
                self.instances[chosen]
                    .mine
                    .insert(shard.clone(), Stage::Waiting);
                let owner = self.instances[chosen].name.clone();
                self.rows.get_mut(&shard).unwrap().owner = Some(owner);
                self.takes += 1;
                changed = true;
            }
            self.end_and_open(chosen, &dead);
            if !changed {
                return;
            }
        }
    }

    fn end_and_open(&mut self, chosen: usize, dead: &BTreeSet<ShardId>) {
        let view_of = view(&self.rows, &self.instances[chosen], dead);
        let ended: Vec<_> = view_of
            .mine
            .iter()
            .filter(|(shard, stage)| **stage == Stage::Drained && view_of.is_family_here(shard))
            .map(|(shard, _)| shard.clone())
            .collect();
        for shard in ended {
            self.instances[chosen].mine.insert(shard, Stage::Ended);
        }
        let view_of = view(&self.rows, &self.instances[chosen], dead);
        let ready: Vec<_> = view_of
            .ready()
            .into_iter()
            .map(|row| row.shard.clone())
            .collect();
        for shard in ready {
            // The guarantee: no instance reads a shard while a parent of it may have unread
            // records.
            for parent in &self.rows[&shard].parents {
                let ended = self.instances[chosen].mine.get(parent) == Some(&Stage::Ended);
                assert!(
                    self.rows[parent].is_done() || ended,
                    "{shard} before {parent}"
                );
            }
            self.instances[chosen].mine.insert(shard, Stage::Reading);
        }
    }

    /// Lets closed shards be read to their ends, or settles ended ones.
    fn go_on(&mut self, chosen: usize) {
        let chosen = chosen % self.instances.len();
        let instance = &mut self.instances[chosen];
        if instance.is_dead {
            return;
        }
        let mut done = Vec::new();
        for (shard, stage) in &mut instance.mine {
            let parents = self.rows[shard].parents.iter();
            let mut open = parents.filter(|parent| !self.rows[*parent].is_done());
            match stage {
                Stage::Reading if self.closed.contains(shard) => *stage = Stage::Drained,
                Stage::Ended if open.next().is_none() => done.push(shard.clone()),
                _ => {}
            }
        }
        for shard in done {
            self.instances[chosen].mine.remove(&shard);
            self.rows.get_mut(&shard).unwrap().position = Position::End;
        }
    }

    fn die(&mut self, chosen: usize) {
        let alive = self
            .instances
            .iter()
            .filter(|instance| !instance.is_dead)
            .count();
        let chosen = chosen % self.instances.len();
        if alive > 1 {
            self.instances[chosen].is_dead = true;
            self.instances[chosen].mine.clear();
        }
    }

    fn dead(&self) -> BTreeSet<ShardId> {
        let dead: Vec<_> = self
            .instances
            .iter()
            .filter(|instance| instance.is_dead)
            .collect();
        let rows = self.rows.values();
        rows.filter(|row| {
            dead.iter()
                .any(|instance| row.owner.as_ref() == Some(&instance.name))
        })
        .map(|row| row.shard.clone())
        .collect()
    }
}

fn view<'a>(
    rows: &'a BTreeMap<ShardId, Row>,
    instance: &'a Instance,
    dead: &'a BTreeSet<ShardId>,
) -> View<'a> {
    View {
        rows,
        mine: &instance.mine,
        dead,
        me: &instance.name,
        balance: true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_split_merged_and_dies_everything_is_read_parents_first_and_shared_evenly(
        shards in 1..6_usize,
        instances in 1..5_usize,
        steps in proptest::collection::vec((0..12_u8, any::<usize>()), 0..120),
    ) {
        let mut world = World::new(shards, instances);
        for (step, chosen) in steps {
            match step {
                0 => world.reshard(chosen, false),
                1 => world.reshard(chosen, true),
                2 => world.die(chosen),
                3..6 => world.go_on(chosen),
                _ => world.act(chosen),
            }
        }
        // From here on, the shards no longer change, and the instances must converge.
        for _ in 0..120 {
            for number in 0..instances {
                world.act(number);
                world.go_on(number);
            }
        }
        let takes = world.takes;
        for number in 0..instances {
            world.act(number);
        }
        prop_assert_eq!(world.takes, takes, "it never rests: {:?}", &world);
        for (shard, row) in &world.rows {
            let done = world.closed.contains(shard);
            prop_assert_eq!(row.is_done(), done, "{} in {:?}", shard, &world);
        }
        let alive = world.instances.iter().filter(|instance| !instance.is_dead);
        let counts: Vec<_> = alive.map(|instance| instance.mine.len()).collect();
        let all_read = world.instances.iter().flat_map(|instance| instance.mine.values());
        prop_assert!(all_read.into_iter().all(|stage| *stage == Stage::Reading));
        let (most, least) = (counts.iter().max(), counts.iter().min());
        prop_assert!(most.unwrap() - least.unwrap() <= 1, "{:?}", counts);
    }
}
