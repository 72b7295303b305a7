//! A batch: records that are decided at its end, and delivered at once.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    builder::Relay,
    core::{Core, Delivery},
    outbox::Outbox,
};
use crate::{
    metrics::MetricsWindow,
    record::{Record, ShardId},
    sink::{DeadLetter, RecordId},
};

/// How much of its time a batch has to deliver spans in; the rest is for metrics of what was delivered.
const FOR_SPANS: f64 = 0.85;

/// How long sinks that are not critical are waited for, behind the others.
const FOR_BEST_EFFORT: Duration = Duration::from_secs(3);

/// How often each record is in what has not been settled.
#[derive(Default)]
struct Open(HashMap<u64, (RecordId, usize)>);

impl Relay {
    /// Relays records as a batch: decides all traces in them, delivers, and returns the records that were not
    /// delivered to all critical sinks within this time. (A record whose traces are all dropped is done.)
    /// `letters` are what could not be read at all.
    ///
    /// Metrics are of the records before the first that was not delivered, since the others come again. Where
    /// metrics cannot be delivered to a critical sink, nothing counts as delivered.
    pub async fn batch(
        &self,
        records: Vec<(ShardId, Record)>,
        letters: Vec<DeadLetter>,
        within: Duration,
    ) -> Vec<RecordId> {
        let until = Instant::now() + within;
        let mut outbox = Outbox::new(&self.plan);
        let mut open = Open::default();
        for letter in letters {
            let ids = letter.records.clone();
            let number = outbox.letter(letter);
            ids.into_iter().for_each(|id| open.add(number, id));
        }
        let mut core = self.plan.batch_core();
        let shards = decide(&mut core, &records);
        while let Some(delivery) = core.next() {
            open.note(&delivery);
            outbox.deliver(delivery);
            // A batch is held in any case: nothing waits for room before all of it is decided.
            outbox.pump(&|_| true);
        }
        let for_spans = within.mul_f64(FOR_SPANS);
        outbox.flush_critical(for_spans).await;
        outbox.settled_so_far(|number| open.settle(number));
        let mut left = open.left();
        let windows = match (self.plan.meter.is_some(), left.is_empty()) {
            (false, _) => Vec::new(),
            (true, true) => last_windows(&mut core, &shards),
            (true, false) => self.measured_again(&records, &left),
        };
        let rest = || until.saturating_duration_since(Instant::now());
        if !windows.is_empty() && !self.measure(windows, until).await {
            let all = records.iter();
            let id = |(shard, record): &(ShardId, Record)| {
                RecordId::new(shard.clone(), record.sequence.clone())
            };
            left = all.map(id).collect();
        }
        outbox.finish(rest().min(FOR_BEST_EFFORT), &|_| true).await;
        left
    }

    /// Delivers metrics, and returns whether all critical sinks have them. They have queues of their own,
    /// since spans that cannot be delivered may be in the way.
    async fn measure(&self, windows: Vec<MetricsWindow>, until: Instant) -> bool {
        let rest = || until.saturating_duration_since(Instant::now());
        let mut outbox = Outbox::new(&self.plan);
        let windows = windows.into_iter();
        let mut open: BTreeSet<_> = windows.map(|window| outbox.window(window)).collect();
        // The answer must be in time: sinks that hold nothing get what is left, and nothing beyond.
        outbox.flush_critical(rest().mul_f64(FOR_SPANS)).await;
        outbox.settled_so_far(|number| {
            open.remove(&number);
        });
        outbox.finish(rest().min(FOR_BEST_EFFORT), &|_| true).await;
        open.is_empty()
    }

    /// Returns what is measured of the records before the first that is left.
    fn measured_again(
        &self,
        records: &[(ShardId, Record)],
        left: &[RecordId],
    ) -> Vec<MetricsWindow> {
        let is_left = |(shard, record): &(ShardId, Record)| {
            left.iter()
                .any(|id| id.shard == *shard && id.sequence == record.sequence)
        };
        let first = records.iter().position(is_left).unwrap_or_default();
        let mut core = self.plan.batch_core();
        let before = records.get(..first).unwrap_or_default();
        let shards = decide(&mut core, before);
        last_windows(&mut core, &shards)
    }
}

/// Pushes records and decides about them; returns their shards.
fn decide(core: &mut Core, records: &[(ShardId, Record)]) -> BTreeSet<ShardId> {
    let mut shards = BTreeSet::new();
    for (shard, record) in records {
        if !shards.contains(shard) {
            shards.insert(shard.clone());
            // Without a checkpoint there is nothing that could be wrong with it.
            let _ = core.open(shard.clone(), None, &[] as &[&[u8]]);
        }
        core.push(shard, record.clone());
    }
    shards.iter().for_each(|shard| core.finish(shard));
    shards
}

fn last_windows(core: &mut Core, shards: &BTreeSet<ShardId>) -> Vec<MetricsWindow> {
    let windows = shards.iter().flat_map(|shard| core.last_windows(shard));
    windows.collect()
}

impl Open {
    fn add(&mut self, number: u64, id: RecordId) {
        self.0.entry(number).or_insert((id, 0)).1 += 1;
    }

    fn note(&mut self, delivery: &Delivery) {
        match delivery {
            Delivery::Trace(trace) => {
                for (number, id) in trace.numbers.iter().zip(&trace.records) {
                    self.add(number.as_u64(), id.clone());
                }
            }
            Delivery::Refused(number, letter) => {
                let ids = letter.records.iter().cloned();
                ids.for_each(|id| self.add(number.as_u64(), id));
            }
            Delivery::Metrics(_) => {}
        }
    }

    fn settle(&mut self, number: u64) {
        if let Some((_, count)) = self.0.get_mut(&number) {
            *count = count.saturating_sub(1);
        }
    }

    fn left(&self) -> Vec<RecordId> {
        let open = self.0.values().filter(|(_, count)| *count > 0);
        open.map(|(id, _)| id.clone()).collect()
    }
}
