//! Checkpoints, and what is made of them.

use super::{
    Checkpoint, CheckpointError, Engine, Resume,
    decisions::{Decisions, Entry},
    hash,
    shard::{Shard, tick},
};
use crate::record::{SequenceNumber, ShardId, StreamTime};

impl Engine {
    /// Returns the checkpoint of a shard.
    pub(super) fn save(&self, number: u32) -> Option<Checkpoint> {
        let shard = self.shard(number)?;
        if let Some(replay) = &shard.replay {
            // What is not read again yet is held by nothing else.
            return Some(Checkpoint {
                metered: shard.metered,
                ..replay.clone()
            });
        }
        let (resume, time) = self.resume(number, shard);
        let first = self.records.of_shard(number).next();
        let unsettled = first.map(|(_, slot)| slot.record.sequence.clone());
        Some(Checkpoint {
            shard: shard.id.clone(),
            resume,
            time,
            unsettled,
            read: shard.read.clone(),
            opened: shard.opened,
            parents: shard.parents.clone(),
            read_time: shard.read_time(),
            metered: shard.metered,
            decisions: shard.decisions.next(),
            decisions_from: shard.decisions.needed_from(self.needed_tick(time)),
            rules: shard.rules.snapshot(),
        })
    }

    /// Returns where reading starts again, and the effective time there.
    fn resume(&self, number: u32, shard: &Shard) -> (Resume, StreamTime) {
        let first = self.records.of_shard(number).next();
        let first = first.map(|(_, slot)| (&slot.record.sequence, slot.at));
        let window = shard
            .windows
            .front()
            .map(|window| (&window.first, window.at));
        let at = match (first, window) {
            (Some(first), Some(window)) if window.0 < first.0 => Some(window),
            (first, window) => first.or(window),
        };
        if let Some((sequence, at)) = at {
            return (Resume::At(sequence.clone()), at);
        }
        let resume = match &shard.read {
            // While a child has not been opened, what is known here is its inheritance: a shard that is at its
            // end is forgotten, and not read again.
            _ if shard.ended.is_some() && self.is_done(shard) && !self.has_heirs(shard) => {
                Resume::End
            }
            Some(read) => Resume::After(read.clone()),
            None => Resume::Start,
        };
        (resume, shard.read_time())
    }

    /// Returns whether nothing is left of a shard that has ended. Traces that came through it may be anywhere
    /// by now, but their records are held for the shards they were read from.
    fn is_done(&self, shard: &Shard) -> bool {
        let mut lineage = shard.lineage.iter();
        shard.pending.len() == 0 && lineage.all(|of| self.records.order(*of).len == 0)
    }

    /// Returns the first tick whose decisions are needed where reading starts at this time.
    fn needed_tick(&self, time: StreamTime) -> u32 {
        tick(time).saturating_sub(self.ticks.late)
    }

    /// Forgets where decisions began that nothing needs any more.
    pub(super) fn forget_marks(&mut self, number: u32) {
        let Some(shard) = self.shard(number) else {
            return;
        };
        let (_, time) = self.resume(number, shard);
        let needed = self.needed_tick(time);
        if let Some(shard) = self.shard_mut(number) {
            shard.decisions.forget_marks(needed);
        }
    }

    /// Opens a shard that has a checkpoint.
    pub(super) fn open_again(
        &mut self,
        id: ShardId,
        checkpoint: Checkpoint,
        log: &[impl AsRef<[u8]>],
    ) -> Result<(), CheckpointError> {
        if checkpoint.shard != id {
            return Err(CheckpointError::Shard(checkpoint.shard));
        }
        if checkpoint.is_end() {
            // All that came through it was settled, whatever its parents' checkpoints know.
            let inherited = self.heirs.remove(&id).unwrap_or_default().into_values();
            for trace in inherited.flat_map(|left| left.traces) {
                self.let_go(trace.1);
            }
            return Ok(());
        }
        let (from, end) = (checkpoint.decisions_from, checkpoint.decisions);
        let rules = self.rules.restore(&checkpoint.rules);
        let rules = rules.ok_or(CheckpointError::Member("rules"))?;
        let decisions = Decisions::of_log(log, from, end, &self.rules)?;
        let inherited = self.heirs.remove(&id).unwrap_or_default().into_iter();
        let (parents, mut inherited): (Vec<_>, Vec<_>) = inherited.unzip();
        // What was left is taken over as it was then, and time goes on from there: what is due since comes in the
        // order in which it did. Older relays did not save that time.
        let began = checkpoint.opened.unwrap_or(checkpoint.time);
        for left in &mut inherited {
            self.wait_longer(left, tick(began));
        }
        let number = self.add_shard(id);
        let Some(shard) = self.shard_mut(number) else {
            return Ok(());
        };
        shard.inherit(&inherited);
        shard.decisions = decisions;
        // Observing what was undecided does not change what they know, and nothing else happens up to there.
        shard.rules = rules;
        shard.metered = checkpoint.metered;
        shard.opened = checkpoint.opened;
        shard.parents = checkpoint.parents.clone();
        // Not all of them need be read again.
        let place = |parent: &ShardId| shard.parents.iter().position(|other| other == parent);
        let places: Vec<usize> = (0..)
            .zip(&parents)
            .map(|(number, parent)| place(parent).unwrap_or(number))
            .collect();
        shard.start_at(began);
        let (time, read_tick) = (checkpoint.time, tick(checkpoint.read_time));
        let is_there = !matches!(checkpoint.resume, Resume::At(_));
        shard.replay = Some(checkpoint);
        for (parent, left) in places.into_iter().zip(inherited) {
            self.adopt(number, left, parent, Some(read_tick));
        }
        self.pass_time(number, time);
        if is_there {
            self.catch_up(number);
        }
        Ok(())
    }

    /// Goes on where the checkpoint was made, if records were read again up to there.
    pub(super) fn catch_up(&mut self, number: u32) {
        let Some(shard) = self.shard_mut(number) else {
            return;
        };
        let Some(read_time) = shard.replay.as_ref().map(|replay| replay.read_time) else {
            return;
        };
        self.pass_time(number, read_time);
        let (late, max) = (self.ticks.late, self.settings.max_decisions);
        let Some(shard) = self.shard_mut(number) else {
            return;
        };
        if let Some(checkpoint) = shard.replay.take() {
            shard.read = checkpoint.read;
            shard.decisions.forget(shard.tick, late, max);
        }
    }
}

impl Shard {
    /// Lets time begin.
    pub(super) fn start_at(&mut self, time: StreamTime) {
        self.time = time;
        self.tick = tick(time);
    }

    /// Returns the time up to which records were read. What time did afterwards to the traces that are its
    /// children's now is in their checkpoints.
    fn read_time(&self) -> StreamTime {
        self.ended.unwrap_or(self.time)
    }

    /// Returns whether a record that is read again had been settled.
    pub(super) fn was_settled(&self, sequence: &SequenceNumber) -> bool {
        let replay = self.replay.as_ref();
        replay.is_some_and(|replay| match &replay.unsettled {
            Some(unsettled) => sequence < unsettled,
            None => true,
        })
    }

    /// Returns the decision about a trace that the parent in this place left undecided, if there is one: that when
    /// it was due, if that was before this shard was opened, or else what held or came then.
    pub(super) fn decided_later(
        &self,
        id: &[u8; 16],
        (due, parent): (u32, usize),
        opened: u32,
        late: u32,
        max: usize,
    ) -> Option<Entry> {
        let key = hash::of_trace(id);
        let own = Some(due).filter(|due| *due <= opened);
        let own = own.and_then(|due| self.decisions.find_of(key, due, parent));
        own.or_else(|| self.decisions.find_at(key, opened, late, max))
    }
}
