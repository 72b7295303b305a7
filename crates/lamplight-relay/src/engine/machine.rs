//! The engine.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

use super::{
    Checkpoint, CheckpointError, Observer, Output, RecordNumber, Settings, ShardStats, Stats,
    emit::Queued,
    include::{Seen, Target},
    records::Records,
    reshard::Inheritance,
    shard::{Shard, Ticks},
    traces::{self, Traces},
};
use crate::{
    decode::Payloads,
    record::{HashRange, Record, ShardId, StreamTime},
    rules::Rules,
};

/// Holds records, and decides the traces in them. See the [module](super).
#[derive(Debug)]
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) ticks: Ticks,
    pub(super) rules: Arc<Rules>,
    pub(super) records: Records,
    pub(super) traces: Traces,
    pub(super) numbers: HashMap<ShardId, u32>,
    /// Indexed by number. A closed shard leaves an empty place.
    pub(super) shards: Vec<Option<Box<Shard>>>,
    pub(super) shard_ids: Vec<ShardId>,
    /// The state that ended shards pass to their children which are not open yet, by child and
    /// parent.
    pub(super) heirs: BTreeMap<ShardId, BTreeMap<ShardId, Inheritance>>,
    pub(super) queue: VecDeque<Queued>,
    /// The last decoded payloads, and their record.
    pub(super) decoded: Option<(RecordNumber, Payloads)>,
    pub(super) stats: Stats,
    /// A buffer for reuse.
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) targets: Vec<Target>,
    pub(super) seen: Vec<Seen<'static>>,
}

impl Engine {
    /// Returns an empty engine.
    pub fn new(settings: Settings, rules: Arc<Rules>) -> Self {
        Self {
            ticks: Ticks::of(&settings),
            settings,
            rules,
            records: Records::default(),
            traces: Traces::default(),
            numbers: HashMap::new(),
            shards: Vec::new(),
            shard_ids: Vec::new(),
            heirs: BTreeMap::new(),
            queue: VecDeque::new(),
            decoded: None,
            stats: Stats::default(),
            ids: Vec::new(),
            targets: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Opens a shard with its last checkpoint, and all chunks of its decision log in the order in
    /// which they were written. Reading starts at [`Checkpoint::resume`]. A shard with parents must
    /// be opened after these have [ended](Self::end) in this engine, if they are read at all. A
    /// shard whose checkpoint is its end must be opened after its parents too, since their
    /// checkpoints may not include that yet; no records of it are read.
    ///
    /// # Errors
    ///
    /// Returns an error if the checkpoint belongs to another shard, or if decisions are missing
    /// from the log. Then the shard is not open, and can be opened with other data.
    pub fn open(
        &mut self,
        shard: ShardId,
        checkpoint: Option<Checkpoint>,
        log: &[impl AsRef<[u8]>],
    ) -> Result<(), CheckpointError> {
        match checkpoint {
            None => self.open_new(shard),
            Some(checkpoint) => self.open_again(shard, checkpoint, log)?,
        }
        Ok(())
    }

    /// Processes the next record of a shard. Records of a shard that is not open are ignored.
    pub fn push(&mut self, shard: &ShardId, record: Record, observer: &mut dyn Observer) {
        if let Some(number) = self.number(shard) {
            self.include(number, record, observer);
        }
    }

    /// Declares that no further record arrived before `to`, in this shard or in its children: all
    /// existing records have been read, and the maximum difference of clocks has passed since. (A
    /// record that violates this is counted as [`behind`](Stats::behind). It is treated as if it
    /// had arrived at `to`, but after a restart possibly not.) While records are read again, times
    /// up to that of the checkpoint are ignored.
    pub fn advance(&mut self, shard: &ShardId, to: StreamTime) {
        if let Some(number) = self.number(shard) {
            let replay = self.shard(number).and_then(|shard| shard.replay.as_ref());
            if replay.is_some_and(|replay| to <= replay.read_time) {
                // Not all records have been read again, so it is unknown which ones are missing.
                return;
            }
            self.catch_up(number);
            self.pass_time(number, to);
            if let Some(shard) = self.shard_mut(number) {
                shard.advanced = shard.advanced.max(to);
            }
        }
    }

    /// Declares that all records of a shard have been read. Its undecided traces continue in the
    /// children, each in the one that has the partition key of the trace's last record. Traces that
    /// belong to none of the children, or to one that is already open, stay, and their time
    /// advances with [`advance`](Self::advance).
    ///
    /// Before anything else is delivered, it is best to open the children and save [all
    /// checkpoints](Self::checkpoints): then the state of adaptive rules is in those of the
    /// children, whatever was decided by [`advance`](Self::advance) before the end.
    pub fn end(&mut self, shard: &ShardId, children: &[(ShardId, HashRange)]) {
        if let Some(number) = self.number(shard) {
            self.catch_up(number);
            self.hand_over(number, children);
        }
    }

    /// Decides all undecided traces of a shard now: for batches, after which no records follow.
    pub fn finish(&mut self, shard: &ShardId) {
        if let Some(number) = self.number(shard) {
            self.catch_up(number);
            self.decide_all(number);
        }
    }

    /// Forgets a shard, because another instance has its lease or its checkpoint is its end. Its
    /// pending data is not output; settling earlier output later is harmless.
    pub fn close(&mut self, shard: &ShardId) {
        if let Some(number) = self.number(shard) {
            self.forget_shard(number);
        }
    }

    /// Returns the next output to deliver. Records are decoded one output at a time, so that
    /// compressed data need not fit into memory all at once.
    pub fn next_output(&mut self) -> Option<Output> {
        self.emit()
    }

    /// Returns all outputs to deliver.
    pub fn take(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.next_output()).collect()
    }

    /// Declares one [`Held`](super::Held) or [`DeadLetter`](super::DeadLetter) done: all relevant
    /// sinks have accepted it, or it was dropped and counted.
    pub fn settle(&mut self, record: RecordNumber) {
        if let Some(slot) = self.records.of_number(record) {
            self.records.settle(slot, true);
        }
    }

    /// Declares that metrics windows of a shard up to this time have been delivered, and are not to
    /// be measured again.
    pub fn metered(&mut self, shard: &ShardId, until: StreamTime) {
        let number = self.number(shard);
        if let Some(shard) = number.and_then(|number| self.shard_mut(number)) {
            shard.metered = shard.metered.max(Some(until));
            while shard
                .windows
                .front()
                .is_some_and(|window| window.start < until)
            {
                shard.windows.pop_front();
            }
        }
    }

    /// Returns the checkpoint of a shard. Two things must be saved before it: the result of
    /// [`decisions`](Self::decisions) at the same moment, and the checkpoints of the shards that
    /// have taken over its undecided traces. [`checkpoints`](Self::checkpoints) returns all of them
    /// in this order.
    pub fn checkpoint(&self, shard: &ShardId) -> Option<Checkpoint> {
        self.save(self.number(shard)?)
    }

    /// Returns the checkpoints of all shards, in the order in which they must be saved: shards
    /// before their parents. If saving one fails, the following ones must not be saved.
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        // A shard is opened after its parents.
        let newest_first = (0..self.shards.len() as u32).rev();
        newest_first
            .filter_map(|number| self.save(number))
            .collect()
    }

    /// Returns new decisions of a shard, as a chunk for its log, of at most 256 KiB plus the names
    /// of the decisive rules; empty if there are none. Call it until it returns an empty chunk. A
    /// chunk that could not be saved must be saved before the following ones.
    ///
    /// A chunk is needed until a restart would read from a time later than `late_window` after the
    /// chunk was saved: that is, until the [`time`](Checkpoint::time) of the checkpoint is more
    /// than that after the [`read_time`](Checkpoint::read_time) of the one the chunk was saved
    /// with. Chunks that do not belong to a saved checkpoint are harmless.
    pub fn decisions(&mut self, shard: &ShardId) -> Vec<u8> {
        let (number, rules) = (self.number(shard), self.rules.clone());
        let shard = number.and_then(|number| self.shard_mut(number));
        shard
            .map(|shard| shard.decisions.save(&rules))
            .unwrap_or_default()
    }

    /// Returns the counters.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns the current state of each shard.
    pub fn shard_stats(&self) -> Vec<ShardStats> {
        let shards = (0..).zip(&self.shards);
        let open = shards.filter_map(|(number, shard)| Some((number, shard.as_ref()?)));
        open.map(|(number, shard)| {
            let order = self.records.order(number);
            let age = |undecided: bool| {
                let mut held = self.records.of_shard(number);
                let oldest = held.find(|(_, slot)| !undecided || slot.is_undecided());
                oldest.map_or_else(Default::default, |(_, slot)| shard.time.since(slot.at))
            };
            ShardStats {
                shard: shard.id.clone(),
                traces: shard.pending.len(),
                bytes: self.bytes(number),
                records: order.len,
                decisions: shard.decisions.len(),
                undecided_age: age(true),
                checkpoint_age: age(false),
                is_replaying: shard.replay.is_some(),
            }
        })
        .collect()
    }

    pub(super) fn number(&self, shard: &ShardId) -> Option<u32> {
        self.numbers.get(shard).copied()
    }

    pub(super) fn shard(&self, number: u32) -> Option<&Shard> {
        self.shards.get(number as usize)?.as_deref()
    }

    pub(super) fn shard_mut(&mut self, number: u32) -> Option<&mut Shard> {
        self.shards.get_mut(number as usize)?.as_deref_mut()
    }

    /// Returns the number of bytes held for a shard.
    pub(super) fn bytes(&self, number: u32) -> usize {
        let traces = self.shard(number).map_or(0, |shard| shard.pending.len());
        self.records.order(number).bytes + traces * traces::OVERHEAD
    }
}
