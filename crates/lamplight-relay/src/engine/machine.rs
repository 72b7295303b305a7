//! The engine.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Checkpoint, CheckpointError, Observer, Output, RecordNumber, Settings, ShardStats, Stats,
    stand_in::Rules,
};
use crate::record::{HashRange, Record, ShardId, StreamTime};

/// Holds records, and decides about the traces in them. See the [module](super).
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    rules: Arc<Rules>,
    outputs: VecDeque<Output>,
    stats: Stats,
}

impl Engine {
    /// Returns an engine that holds nothing.
    pub fn new(settings: Settings, rules: Arc<Rules>) -> Self {
        Self {
            settings,
            rules,
            outputs: VecDeque::new(),
            stats: Stats::default(),
        }
    }

    /// Opens a shard, with its last checkpoint, and all chunks of its log of decisions in the order in which
    /// they were written. Reading starts at [`Checkpoint::resume`]. A shard that came of others is opened
    /// after these have [ended](Self::end) in this engine, if they are read at all.
    ///
    /// # Errors
    ///
    /// Where the checkpoint is another shard's, or decisions are missing from the log.
    pub fn open(
        &mut self,
        shard: ShardId,
        checkpoint: Option<Checkpoint>,
        log: &[impl AsRef<[u8]>],
    ) -> Result<(), CheckpointError> {
        let _ = (shard, checkpoint, log.len());
        Ok(())
    }

    /// Takes the next record of a shard. Shards that are not open have none.
    pub fn push(&mut self, shard: &ShardId, record: Record, observer: &mut dyn Observer) {
        let _ = (shard, record, observer, &self.rules, &self.settings);
    }

    /// Says that no record will come that arrived before `to`: all there are have been read, and more than
    /// any difference of clocks has passed since. (A record that does is counted as
    /// [`behind`](Stats::behind); it is taken for one that arrived at `to`, and after a restart may not be.)
    pub fn advance(&mut self, shard: &ShardId, to: StreamTime) {
        let _ = (shard, to);
    }

    /// Says that all records of a shard have been read. Its undecided traces go on in the children, each in
    /// that which holds the partition key of its first record. Where there are none, they stay, and
    /// time goes on by [`advance`](Self::advance).
    pub fn end(&mut self, shard: &ShardId, children: &[(ShardId, HashRange)]) {
        let _ = (shard, children);
    }

    /// Decides all that is undecided in a shard, now: for batches, behind which nothing will come.
    pub fn finish(&mut self, shard: &ShardId) {
        let _ = shard;
    }

    /// Forgets a shard: its lease is another's, or its checkpoint is its end. What it held does not come
    /// out; what has come out and is settled later does no harm.
    pub fn close(&mut self, shard: &ShardId) {
        let _ = shard;
    }

    /// Returns what is to be delivered next. Records are decoded one output at a time, so that what was
    /// compressed need not fit into memory at once.
    pub fn next_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns all that is to be delivered.
    pub fn take(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.next_output()).collect()
    }

    /// Says that what one [`Held`](super::Held) or [`DeadLetter`](super::DeadLetter) was for is done: it has
    /// been delivered by all sinks that matter, or is lost and counted.
    pub fn settle(&mut self, record: RecordNumber) {
        let _ = record;
    }

    /// Says that metrics windows of a shard up to this time have been delivered, and are not to be metered
    /// again.
    pub fn metered(&mut self, shard: &ShardId, until: StreamTime) {
        let _ = (shard, until);
    }

    /// Returns the checkpoint of a shard. Before it is saved, [`decisions`](Self::decisions) are, and the
    /// checkpoints of the shards that have taken over its undecided traces: [`checkpoints`](Self::checkpoints)
    /// has this order.
    pub fn checkpoint(&self, shard: &ShardId) -> Option<Checkpoint> {
        let _ = shard;
        None
    }

    /// Returns the checkpoints of all shards, in the order in which they are saved: shards before those they
    /// came from. Where saving one fails, those behind it are not saved.
    pub fn checkpoints(&self) -> Vec<Checkpoint> {
        Vec::new()
    }

    /// Returns the decisions of a shard since the last call, for its log; empty if there were none. What
    /// could not be saved is saved before what the next call returns.
    pub fn decisions(&mut self, shard: &ShardId) -> Vec<u8> {
        let _ = shard;
        Vec::new()
    }

    /// Returns what was counted.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns what is held for each shard.
    pub fn shard_stats(&self) -> Vec<ShardStats> {
        Vec::new()
    }
}
