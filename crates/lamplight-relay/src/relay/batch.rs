//! Batches of records that are decided together and delivered at once.

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

/// The share of a batch's time for the delivery of spans; the rest is for dead letters and for
/// metrics of the delivered records.
const FOR_SPANS: f64 = 0.85;

/// The share of the remaining time for dead letters.
const FOR_LETTERS: f64 = 0.5;

/// Maximum wait for sinks that are not critical, after the others are done.
const FOR_BEST_EFFORT: Duration = Duration::from_secs(3);

/// Maximum number of dead letters written concurrently.
const MOST_LETTERS: usize = 64;

/// The outcome of a batch.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct BatchOutcome {
    /// The records that were not delivered to all critical sinks in time. (A record whose traces
    /// are all dropped counts as delivered.)
    pub left: Vec<RecordId>,
    /// The work done. It counts only records before the first one that is left, since the others
    /// come again; it counts everything the sinks did.
    pub telemetry: Telemetry,
}

/// Number of unsettled items per record.
#[derive(Default)]
struct Open(HashMap<u64, (RecordId, usize)>);

impl Relay {
    /// Relays records as a batch: decides all traces in them and delivers them, within this time.
    ///
    /// `letters` are records that could not be read at all. `of_itself` are metrics about the
    /// relay; sinks that receive metrics get them too, but nothing waits for them.
    ///
    /// The caller is expected to pass all records again from the first one that is left, in the
    /// order of their sequence numbers. Therefore dead letters are written, and metrics are made,
    /// only for records before that one, so that none is written or counted twice. If metrics
    /// cannot be delivered to a critical sink, no record counts as delivered.
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
            // A batch is held in memory anyway, so all of it is decided without waiting for room.
            outbox.pump(&|_| true);
        }
        outbox.flush_critical(within.mul_f64(FOR_SPANS)).await;
        outbox.settled_so_far(|number| open.settle(number));
        let mut left = open.left();

        // Records after the first one that is left come again, and become dead letters then.
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
            // All records come again, including those of dead letters that were not written, since
            // these come after a measured record.
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

    /// Writes dead letters within this time, and returns the records of those that could not be
    /// written.
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

    /// Delivers metrics; returns whether all critical sinks have accepted them, and the work of the
    /// sinks. Metrics have queues of their own, since undeliverable spans may block the others.
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
            // The answer must be in time: sinks that are not critical only get the time that is
            // left.
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

    /// Returns the work of the sinks whose queues ended with these statistics.
    fn told(&self, ended: &[SinkStats]) -> Telemetry {
        let mut told = Telemetry::default();
        for (to, stats) in self.plan.sinks.iter().zip(ended) {
            let mut sink = SinkTelemetry {
                queued_bytes: 0,
                ..of_sink(stats)
            };
            // These are not passed again.
            if stats.abandoned > 0 && !to.settings.is_critical() {
                *sink.dropped.entry("time".into()).or_default() += stats.abandoned;
            }
            told.sinks.insert(to.sink.name().into(), sink);
        }
        told
    }

    /// Returns the reporting interval, and whether reports include metrics.
    #[cfg(feature = "function")]
    pub(crate) fn tells(&self) -> (Duration, bool) {
        let timing = &self.plan.timing;
        (timing.telemetry, timing.metrics_of_itself)
    }
}

/// Pushes records and decides their traces; adds their shards.
fn decide<'r>(
    core: &mut Core,
    shards: &mut BTreeSet<ShardId>,
    records: impl Iterator<Item = &'r (ShardId, Record)>,
) {
    for (shard, record) in records {
        if !shards.contains(shard) {
            shards.insert(shard.clone());
            // Opening without a checkpoint cannot fail.
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

/// Returns the first record that comes again.
fn first(left: &[RecordId]) -> Option<SequenceNumber> {
    left.iter().map(|id| id.sequence.clone()).min()
}

/// Returns whether a record is before the first one that comes again.
fn is_before(sequence: &SequenceNumber, first: &Option<SequenceNumber>) -> bool {
    first.as_ref().is_none_or(|first| sequence < first)
}

/// Returns the records of a dead letter, and the reason.
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
