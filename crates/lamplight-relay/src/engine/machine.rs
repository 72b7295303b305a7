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

/// Holds records, and decides about the traces in them. See the [module](super).
#[derive(Debug)]
pub struct Engine {
    pub(super) settings: Settings,
    pub(super) ticks: Ticks,
    pub(super) rules: Arc<Rules>,
    pub(super) records: Records,
    pub(super) traces: Traces,
    pub(super) numbers: HashMap<ShardId, u32>,
    /// By their numbers. One that is closed leaves its place empty.
    pub(super) shards: Vec<Option<Box<Shard>>>,
    pub(super) shard_ids: Vec<ShardId>,
    /// What ended shards left to their children, which are not open yet, by child and parent.
    pub(super) heirs: BTreeMap<ShardId, BTreeMap<ShardId, Inheritance>>,
    pub(super) queue: VecDeque<Queued>,
    /// What was decoded last, and of which record.
    pub(super) decoded: Option<(RecordNumber, Payloads)>,
    pub(super) stats: Stats,
    /// Room that is used again.
    pub(super) ids: Vec<[u8; 16]>,
    pub(super) targets: Vec<Target>,
    pub(super) seen: Vec<Seen<'static>>,
}

impl Engine {
    /// Returns an engine that holds nothing.
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

    /// Opens a shard, with its last checkpoint, and all chunks of its log of decisions in the order in which
    /// they were written. Reading starts at [`Checkpoint::resume`]. A shard that came of others is opened
    /// after these have [ended](Self::end) in this engine, if they are read at all. One whose checkpoint is
    /// its end is opened after them too, since they may not know that yet; nothing is read of it.
    ///
    /// # Errors
    ///
    /// Where the checkpoint is another shard's, or decisions are missing from the log. The shard is not open
    /// then, and can be opened with something better.
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

    /// Takes the next record of a shard. A shard that is not open has none.
    pub fn push(&mut self, shard: &ShardId, record: Record, observer: &mut dyn Observer) {
        if let Some(number) = self.number(shard) {
            self.include(number, record, observer);
        }
    }

    /// Says that no record will come that arrived before `to`, of the shard or of one that takes it over: all
    /// there are have been read, and more than any difference of clocks has passed since. (A record that does is counted as
    /// [`behind`](Stats::behind); it is taken for one that arrived at `to`, and after a restart may not be.)
    /// While records are read again, a time up to that of the checkpoint says nothing.
    pub fn advance(&mut self, shard: &ShardId, to: StreamTime) {
        if let Some(number) = self.number(shard) {
            let replay = self.shard(number).and_then(|shard| shard.replay.as_ref());
            if replay.is_some_and(|replay| to <= replay.read_time) {
                // Not all is read again that had been read: nothing is known yet of what is missing.
                return;
            }
            self.catch_up(number);
            self.pass_time(number, to);
            if let Some(shard) = self.shard_mut(number) {
                shard.advanced = shard.advanced.max(to);
            }
        }
    }

    /// Says that all records of a shard have been read. Its undecided traces go on in the children, each in
    /// the one that has the partition key of its last record. What is in none of them, or in one that is
    /// open already, stays, and its time goes on by [`advance`](Self::advance).
    ///
    /// It is best to open the children and save [all checkpoints](Self::checkpoints) before anything else is
    /// delivered: what adaptive rules know is in the children's then, whatever was decided by
    /// [`advance`](Self::advance) before the end.
    pub fn end(&mut self, shard: &ShardId, children: &[(ShardId, HashRange)]) {
        if let Some(number) = self.number(shard) {
            self.catch_up(number);
            self.hand_over(number, children);
        }
    }

    /// Decides all that is undecided in a shard, now: for batches, behind which nothing will come.
    pub fn finish(&mut self, shard: &ShardId) {
        if let Some(number) = self.number(shard) {
            self.catch_up(number);
            self.decide_all(number);
        }
    }

    /// Forgets a shard: its lease is another's, or its checkpoint is its end. What it held does not come
    /// out; what has come out and is settled later does no harm.
    pub fn close(&mut self, shard: &ShardId) {
        if let Some(number) = self.number(shard) {
            self.forget_shard(number);
        }
    }

    /// Returns what is to be delivered next. Records are decoded one output at a time, so that what was
    /// compressed need not fit into memory at once.
    pub fn next_output(&mut self) -> Option<Output> {
        self.emit()
    }

    /// Returns all that is to be delivered.
    pub fn take(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.next_output()).collect()
    }

    /// Says that what one [`Held`](super::Held) or [`DeadLetter`](super::DeadLetter) was for is done: it has
    /// been delivered by all sinks that matter, or is lost and counted.
    pub fn settle(&mut self, record: RecordNumber) {
        if let Some(slot) = self.records.of_number(record) {
            self.records.settle(slot, true);
        }
    }

    /// Says that metrics windows of a shard up to this time have been delivered, and are not to be metered
    /// again.
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

    /// Returns the checkpoint of a shard. What [`decisions`](Self::decisions) returns at the same moment
    /// is saved before it, and so are the checkpoints of the shards that have taken over its undecided
    /// traces: [`checkpoints`](Self::checkpoints) has this order.
    pub fn checkpoint(&self, shard: &ShardId) -> Option<Checkpoint> {
        self.save(self.number(shard)?)
    }

    /// Returns the checkpoints of all shards, in the order in which they are saved: shards before those they
    /// came from. Where saving one fails, those behind it are not saved.
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        // A shard is opened after those it came from.
        let newest_first = (0..self.shards.len() as u32).rev();
        newest_first
            .filter_map(|number| self.save(number))
            .collect()
    }

    /// Returns decisions of a shard that have not been returned, as a chunk for its log, of at most 256 KiB and the
    /// names of the rules that decided; empty if there are none. It is called until it is empty. What could not be saved is saved before
    /// what it returns next.
    ///
    /// A chunk is needed until reading would start later than `late_window` behind the time at which it was
    /// saved: until the [`time`](Checkpoint::time) of the checkpoint is more than that after the
    /// [`read_time`](Checkpoint::read_time) of the one it was saved with. Chunks that do not belong to a saved
    /// checkpoint do no harm.
    pub fn decisions(&mut self, shard: &ShardId) -> Vec<u8> {
        let (number, rules) = (self.number(shard), self.rules.clone());
        let shard = number.and_then(|number| self.shard_mut(number));
        shard
            .map(|shard| shard.decisions.save(&rules))
            .unwrap_or_default()
    }

    /// Returns what was counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns what is held for each shard.
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

    /// Returns the bytes that are held for a shard.
    pub(super) fn bytes(&self, number: u32) -> usize {
        let traces = self.shard(number).map_or(0, |shard| shard.pending.len());
        self.records.order(number).bytes + traces * traces::OVERHEAD
    }
}
