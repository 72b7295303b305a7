//! A batch: records that are decided at its end, and delivered at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    builder::Relay,
    core::{Core, Delivery},
    outbox::Outbox,
    report::{of_sink, telemetry},
};
use crate::{
    metrics::MetricsWindow,
    record::{Record, SequenceNumber, ShardId},
    sink::{DeadLetter, RecordId, SinkStats},
    telemetry::{SinkTelemetry, Telemetry},
};

/// How much of its time a batch has to deliver spans in; the rest is for dead letters, and for metrics of what was
/// delivered.
const FOR_SPANS: f64 = 0.85;

/// How much of the rest dead letters have.
const FOR_LETTERS: f64 = 0.5;

/// How long sinks that are not critical are waited for, behind the others.
const FOR_BEST_EFFORT: Duration = Duration::from_secs(3);

/// Most dead letters that are being written at once.
const MOST_LETTERS: usize = 64;

/// What became of a batch.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BatchOutcome {
    /// The records that were not delivered to all critical sinks in time. (One whose traces are all dropped is
    /// done.)
    pub left: Vec<RecordId>,
    /// What was done. Of records it counts those before the first that is left, since the others come again; of
    /// sinks, all they did.
    pub telemetry: Telemetry,
}

/// How often each record is in what has not been settled.
#[derive(Default)]
struct Open(HashMap<u64, (RecordId, usize)>);

impl Relay {
    /// Relays records as a batch: decides all traces in them and delivers, within this time.
    ///
    /// `letters` are what could not be read at all; `of_itself` are metrics that the sinks that are given metrics
    /// get too, and that nothing waits for.
    ///
    /// Whoever gives the batch is taken to give the records again from the first one on that is left, in the order
    /// of their sequence numbers. So dead letters are written, and metrics are made, of the records before that one
    /// only: none is written or counted twice. Where metrics cannot be delivered to a critical sink, nothing counts
    /// as delivered.
    pub async fn batch(
        &self,
        records: Vec<(ShardId, Record)>,
        letters: Vec<DeadLetter>,
        of_itself: Option<Bytes>,
        within: Duration,
    ) -> BatchOutcome {
        let until = Instant::now() + within;
        let rest = || until.saturating_duration_since(Instant::now());
        let mut outbox = Outbox::new(&self.plan);
        let mut open = Open::default();
        let (mut core, mut shards) = (self.plan.batch_core(), BTreeSet::new());
        decide(&mut core, &mut shards, records.iter());
        let (unread, mut letters) = (numbers(&letters), letters);
        while let Some(delivery) = core.next() {
            if let Delivery::Refused(_, letter) = delivery {
                letters.push(letter);
                continue;
            }
            open.note(&delivery);
            outbox.deliver(delivery);
            // A batch is held in any case: nothing waits for room before all of it is decided.
            outbox.pump(&|_| true);
        }
        outbox.flush_critical(within.mul_f64(FOR_SPANS)).await;
        outbox.settled_so_far(|number| open.settle(number));
        let mut left = open.left();

        // What lies behind the first that is left comes again, and becomes a dead letter then.
        let first = first(&left);
        letters.retain(|letter| {
            letter
                .records
                .iter()
                .all(|id| is_before(&id.sequence, &first))
        });
        let refused: Vec<_> = letters.iter().flat_map(because).collect();
        left.extend(self.write(letters, rest().mul_f64(FOR_LETTERS)).await);

        let mut first = self::first(&left);
        if first.is_some() {
            (core, shards) = (self.plan.batch_core(), BTreeSet::new());
            let before = records.iter();
            let before = before.filter(|(_, record)| is_before(&record.sequence, &first));
            decide(&mut core, &mut shards, before);
        }
        let windows = shards.iter().flat_map(|shard| core.last_windows(shard));
        let (is_measured, measuring) = self.measure(windows.collect(), of_itself, until).await;
        if !is_measured {
            // Dead letters that were left lie behind a record that was measured.
            core = self.plan.batch_core();
            left = records.iter().map(id).collect();
            first = self::first(&left);
        }
        let delivering = outbox.finish(rest().min(FOR_BEST_EFFORT), &|_| true).await;

        let mut reasons = BTreeMap::new();
        for (_, why) in refused
            .iter()
            .filter(|(sequence, _)| is_before(sequence, &first))
        {
            *reasons.entry(why.as_str().into()).or_default() += 1;
        }
        let mut telemetry = telemetry(&core, &reasons, std::iter::empty(), &BTreeMap::new());
        let unread = unread.iter().filter(|sequence| is_before(sequence, &first));
        telemetry.records += unread.count() as u64;
        telemetry.shards.clear();
        for ended in [delivering, measuring] {
            telemetry.add(&self.told(&ended));
        }
        BatchOutcome { left, telemetry }
    }

    /// Writes dead letters within this time, and returns the records of those that could not be written.
    async fn write(&self, letters: Vec<DeadLetter>, within: Duration) -> Vec<RecordId> {
        let mut open = Open::default();
        if letters.is_empty() {
            return open.left();
        }
        let until = Instant::now() + within;
        let mut outbox = Outbox::new(&self.plan);
        for letters in letters.chunks(MOST_LETTERS) {
            for letter in letters {
                let number = outbox.letter(letter.clone());
                letter
                    .records
                    .iter()
                    .for_each(|id| open.add(number, id.clone()));
            }
            let rest = until.saturating_duration_since(Instant::now());
            outbox.flush_critical(rest).await;
        }
        outbox.settled_so_far(|number| open.settle(number));
        open.left()
    }

    /// Delivers metrics; returns whether all critical sinks have them, and what the sinks did. They have queues of
    /// their own, since spans that cannot be delivered may be in the way.
    async fn measure(
        &self,
        windows: Vec<MetricsWindow>,
        of_itself: Option<Bytes>,
        until: Instant,
    ) -> (bool, Vec<SinkStats>) {
        if windows.is_empty() && of_itself.is_none() {
            return (true, Vec::new());
        }
        let rest = || until.saturating_duration_since(Instant::now());
        let mut outbox = Outbox::new(&self.plan);
        let windows = windows.into_iter();
        let mut open: BTreeSet<_> = windows.map(|window| outbox.window(window)).collect();
        if !open.is_empty() {
            // The answer must be in time: sinks that hold nothing get what is left, and nothing beyond.
            outbox.flush_critical(rest().mul_f64(FOR_SPANS)).await;
            outbox.settled_so_far(|number| {
                open.remove(&number);
            });
        }
        if let Some(request) = of_itself {
            outbox.metrics(&request, None, None, 1);
        }
        let ended = outbox.finish(rest().min(FOR_BEST_EFFORT), &|_| true).await;
        (open.is_empty(), ended)
    }

    /// Returns what the sinks did whose queues ended so.
    fn told(&self, ended: &[SinkStats]) -> Telemetry {
        let mut told = Telemetry::default();
        for (to, stats) in self.plan.sinks.iter().zip(ended) {
            let mut sink = SinkTelemetry {
                queued_bytes: 0,
                ..of_sink(stats)
            };
            // Nobody gives it those again.
            if stats.abandoned > 0 && !to.settings.is_critical() {
                *sink.dropped.entry("time".into()).or_default() += stats.abandoned;
            }
            told.sinks.insert(to.sink.name().into(), sink);
        }
        told
    }

    /// Returns how often the relay tells of itself, and whether it does so by metrics too.
    #[cfg(feature = "function")]
    pub(crate) fn tells(&self) -> (Duration, bool) {
        let timing = &self.plan.timing;
        (timing.telemetry, timing.metrics_of_itself)
    }
}

/// Pushes records and decides about them; notes their shards.
fn decide<'r>(
    core: &mut Core,
    shards: &mut BTreeSet<ShardId>,
    records: impl Iterator<Item = &'r (ShardId, Record)>,
) {
    for (shard, record) in records {
        if !shards.contains(shard) {
            shards.insert(shard.clone());
            // Without a checkpoint there is nothing that could be wrong with it.
            let _ = core.open(shard.clone(), None, &[] as &[&[u8]]);
        }
        core.push(shard, record.clone());
    }
    shards.iter().for_each(|shard| core.finish(shard));
}

fn id((shard, record): &(ShardId, Record)) -> RecordId {
    RecordId::new(shard.clone(), record.sequence.clone())
}

fn numbers(letters: &[DeadLetter]) -> Vec<SequenceNumber> {
    let ids = letters.iter().flat_map(|letter| &letter.records);
    ids.map(|id| id.sequence.clone()).collect()
}

/// Returns the record from which on all come again.
fn first(left: &[RecordId]) -> Option<SequenceNumber> {
    left.iter().map(|id| id.sequence.clone()).min()
}

/// Returns whether a record does not come again.
fn is_before(sequence: &SequenceNumber, first: &Option<SequenceNumber>) -> bool {
    first.as_ref().is_none_or(|first| sequence < first)
}

/// Returns which records became a dead letter, and why.
fn because(letter: &DeadLetter) -> impl Iterator<Item = (SequenceNumber, String)> {
    let ids = letter.records.iter();
    ids.map(|id| (id.sequence.clone(), letter.why.clone()))
}

impl Open {
    fn add(&mut self, number: u64, id: RecordId) {
        self.0.entry(number).or_insert((id, 0)).1 += 1;
    }

    fn note(&mut self, delivery: &Delivery) {
        if let Delivery::Trace(trace) = delivery {
            for (number, id) in trace.numbers.iter().zip(&trace.records) {
                self.add(number.as_u64(), id.clone());
            }
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
