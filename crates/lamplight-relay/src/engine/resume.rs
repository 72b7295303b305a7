//! Saving of checkpoints, and resuming from them.

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
            // Records that have not been read again yet are not held by anything else.
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

    /// Returns the position from which to resume, and the effective time there.
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
            // Until a child has been opened, this state is its inheritance: a shard at its end
            // would be forgotten and not read again.
            _ if shard.ended.is_some() && self.is_done(shard) && !self.has_heirs(shard) => {
                Resume::End
            }
            Some(read) => Resume::After(read.clone()),
            None => Resume::Start,
        };
        (resume, shard.read_time())
    }

    /// Returns whether all work of an ended shard is done. Its traces may be in other shards by
    /// now, but their records are held for the shards from which they were read.
    fn is_done(&self, shard: &Shard) -> bool {
        let mut lineage = shard.lineage.iter();
        shard.pending.len() == 0 && lineage.all(|of| self.records.order(*of).len == 0)
    }

    /// Returns the first tick whose decisions are needed to resume at this time.
    fn needed_tick(&self, time: StreamTime) -> u32 {
        tick(time).saturating_sub(self.ticks.late)
    }

    /// Discards marks of decisions that are no longer needed.
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

    /// Opens a shard with a checkpoint.
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
            // Everything passed through this shard was settled, even if its parents' checkpoints do
            // not include that.
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
        // The inheritance is taken over as of that time, and time advances from there: traces that
        // became due since are decided in the original order. Older relays did not save that time.
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
        // The state of the adaptive rules is not changed by observing undecided traces, and nothing
        // else happens until the checkpoint is reached.
        shard.rules = rules;
        shard.metered = checkpoint.metered;
        shard.opened = checkpoint.opened;
        shard.parents = checkpoint.parents.clone();
        // Not all parents need to be read again.
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

    /// Continues from the checkpoint, if records have been read again up to it.
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
    /// Sets the initial time.
    pub(super) fn start_at(&mut self, time: StreamTime) {
        self.time = time;
        self.tick = tick(time);
    }

    /// Returns the time up to which records were read. Later effects of time on traces that are now
    /// in children are in the children's checkpoints.
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

    /// Returns the later decision on a trace that the parent with this index left undecided, if
    /// any: the one at its due time, if that was before this shard was opened, or else the one that
    /// applied then or followed.
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
