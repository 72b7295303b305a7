//! What the relay says about itself: numbers, as metrics and as one line for the log.
//!
//! Nothing is counted here. Whoever drives the relay fills a [`Telemetry`] in, from the statistics of the engine, the
//! reader and the sinks, and takes the [difference](Telemetry::since) to the one before, once a minute. Where a relay
//! lasts for a batch only, those of several are [added up](Telemetry::add).
//!
//! # The one alarm
//!
//! A record that is not delivered stays in the stream until its retention is over, 24 hours unless it is set
//! otherwise. So nothing is lost as long as the iterator age is below that, and the alarm belongs at half of it:
//! `lamplight.relay.iterator.age` above 43 200 seconds ([`Telemetry::overdue`]), which leaves as much time again. All
//! that can go wrong for long, a backend that is gone or a relay that is too small, shows there. The
//! stream's own `GetRecords.IteratorAgeMilliseconds` says the same when the relay says nothing any more.

mod encode;
mod line;

use std::{collections::BTreeMap, time::Duration};

use crate::record::ShardId;

/// What a relay did, and what it holds now. Counters are of the time since the process started, or of an
/// interval: see [`since`](Self::since).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Telemetry {
    /// The shards that are read.
    pub shards: BTreeMap<ShardId, ShardTelemetry>,
    /// Records that were read.
    pub records: u64,
    /// Spans in them.
    pub spans: u64,
    /// Traces that were decided.
    pub decisions: BTreeMap<Decision, u64>,
    /// Records with spans that came late to a trace that was kept, or that were kept for their own sake.
    pub late_kept: u64,
    /// Records with spans that came late to a trace that was dropped.
    pub late_dropped: u64,
    /// Records that were the same as one that was held.
    pub duplicates: u64,
    /// Records that became dead letters because they could not be read, by reason.
    pub refused: BTreeMap<Box<str>, u64>,
    /// The sinks, by name.
    pub sinks: BTreeMap<Box<str>, SinkTelemetry>,
}

/// What is held of a shard now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ShardTelemetry {
    /// How far the relay is behind the newest record.
    pub iterator_age: Duration,
    /// Bytes of records with undecided traces.
    pub undecided_bytes: u64,
    /// Undecided traces.
    pub undecided_traces: u64,
}

/// What was decided of traces, and why then.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Decision {
    /// Whether they were kept.
    pub is_kept: bool,
    /// The rule that was decisive, if any was.
    pub rule: Option<Box<str>>,
    /// Why they were decided when they were, such as `wait`.
    pub reason: Box<str>,
}

/// What a sink did, and what waits for it now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SinkTelemetry {
    /// Spans that were delivered.
    pub delivered: u64,
    /// Spans that were dropped, and are in no dead letter, by reason.
    pub dropped: BTreeMap<Box<str>, u64>,
    /// Spans that became dead letters, by reason.
    pub dead_lettered: BTreeMap<Box<str>, u64>,
    /// Requests that were made once more.
    pub retries: u64,
    /// Bytes that wait.
    pub queued_bytes: u64,
}

impl ShardTelemetry {
    /// Returns what is held of a shard.
    pub fn new(iterator_age: Duration, undecided_bytes: u64, undecided_traces: u64) -> Self {
        Self {
            iterator_age,
            undecided_bytes,
            undecided_traces,
        }
    }
}

impl Decision {
    /// Returns a decision.
    pub fn new(is_kept: bool, rule: Option<&str>, reason: &str) -> Self {
        Self {
            is_kept,
            rule: rule.map(Into::into),
            reason: reason.into(),
        }
    }
}

impl Telemetry {
    /// Returns what happened after `earlier`; what is held is that of now.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let nothing = SinkTelemetry::default();
        let mut sinks = BTreeMap::new();
        for (name, sink) in &self.sinks {
            let before = earlier.sinks.get(name).unwrap_or(&nothing);
            let since = SinkTelemetry {
                delivered: sink.delivered.saturating_sub(before.delivered),
                dropped: difference(&sink.dropped, &before.dropped),
                dead_lettered: difference(&sink.dead_lettered, &before.dead_lettered),
                retries: sink.retries.saturating_sub(before.retries),
                queued_bytes: sink.queued_bytes,
            };
            sinks.insert(name.clone(), since);
        }
        Self {
            shards: self.shards.clone(),
            records: self.records.saturating_sub(earlier.records),
            spans: self.spans.saturating_sub(earlier.spans),
            decisions: difference(&self.decisions, &earlier.decisions),
            late_kept: self.late_kept.saturating_sub(earlier.late_kept),
            late_dropped: self.late_dropped.saturating_sub(earlier.late_dropped),
            duplicates: self.duplicates.saturating_sub(earlier.duplicates),
            refused: difference(&self.refused, &earlier.refused),
            sinks,
        }
    }

    /// Adds what was done elsewhere, or at another time; what is held is that of `other` where both know it.
    pub fn add(&mut self, other: &Self) {
        let held = other.shards.iter();
        self.shards
            .extend(held.map(|(id, shard)| (id.clone(), *shard)));
        for (count, more) in [
            (&mut self.records, other.records),
            (&mut self.spans, other.spans),
            (&mut self.late_kept, other.late_kept),
            (&mut self.late_dropped, other.late_dropped),
            (&mut self.duplicates, other.duplicates),
        ] {
            *count = count.saturating_add(more);
        }
        sum(&mut self.decisions, &other.decisions);
        sum(&mut self.refused, &other.refused);
        for (name, more) in &other.sinks {
            let sink = self.sinks.entry(name.clone()).or_default();
            sink.delivered = sink.delivered.saturating_add(more.delivered);
            sink.retries = sink.retries.saturating_add(more.retries);
            sink.queued_bytes = more.queued_bytes;
            sum(&mut sink.dropped, &more.dropped);
            sum(&mut sink.dead_lettered, &more.dead_lettered);
        }
    }

    /// Returns the shard that is furthest behind, if that is more than half of the stream's retention.
    pub fn overdue(&self, retention: Duration) -> Option<(&ShardId, Duration)> {
        self.furthest_behind()
            .filter(|(_, age)| *age > retention / 2)
    }

    fn furthest_behind(&self) -> Option<(&ShardId, Duration)> {
        let ages = self
            .shards
            .iter()
            .map(|(id, shard)| (id, shard.iterator_age));
        ages.max_by_key(|(_, age)| *age)
    }
}

/// Adds to counters.
fn sum<K: Ord + Clone>(counts: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (key, more) in more {
        let count = counts.entry(key.clone()).or_default();
        *count = count.saturating_add(*more);
    }
}

/// Returns what has been added to counters, without those to which nothing has.
fn difference<K: Ord + Clone>(
    now: &BTreeMap<K, u64>,
    before: &BTreeMap<K, u64>,
) -> BTreeMap<K, u64> {
    let since =
        |key: &K, count: u64| count.saturating_sub(before.get(key).copied().unwrap_or_default());
    now.iter()
        .map(|(key, count)| (key.clone(), since(key, *count)))
        .filter(|(_, count)| *count != 0)
        .collect()
}
