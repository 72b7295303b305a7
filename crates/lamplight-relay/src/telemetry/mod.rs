//! The relay's own telemetry, as metrics and as a log line.
//!
//! This module does not count anything. Once a minute, the driver of the relay fills in a
//! [`Telemetry`] from the statistics of the engine, the reader and the sinks, and takes the
//! [difference](Telemetry::since) from the previous one. The telemetry of relays that last for a
//! single batch is [added up](Telemetry::add).
//!
//! # The one alarm
//!
//! A record that is not delivered stays in the stream until its retention ends, by default after 24
//! hours. No data is lost as long as the iterator age is below that. The alarm should be at half of
//! it, `lamplight.relay.iterator.age` above 43 200 seconds ([`Telemetry::overdue`]), which leaves
//! as much time again to react. Every lasting failure, such as an unavailable backend or a relay
//! that is too small, shows in this metric. The stream's own `GetRecords.IteratorAgeMilliseconds`
//! shows the same if the relay no longer reports.

mod encode;
mod line;

use std::{collections::BTreeMap, time::Duration};

use crate::record::ShardId;

/// The work of a relay, and its current state. Counters cover the time since the process started,
/// or an interval: see [`since`](Self::since).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Telemetry {
    /// The shards being read.
    pub shards: BTreeMap<ShardId, ShardTelemetry>,
    /// Records read.
    pub records: u64,
    /// Spans in them.
    pub spans: u64,
    /// Decided traces.
    pub decisions: BTreeMap<Decision, u64>,
    /// Records with spans that arrived late for a kept trace, or that were kept on their own.
    pub late_kept: u64,
    /// Records with spans that arrived late for a dropped trace.
    pub late_dropped: u64,
    /// Duplicates of records that were held.
    pub duplicates: u64,
    /// Records that became dead letters because they could not be read, by reason.
    pub refused: BTreeMap<Box<str>, u64>,
    /// The sinks, by name.
    pub sinks: BTreeMap<Box<str>, SinkTelemetry>,
}

/// The current state of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ShardTelemetry {
    /// The relay's distance from the newest record.
    pub iterator_age: Duration,
    /// Bytes of records with undecided traces.
    pub undecided_bytes: u64,
    /// Number of undecided traces.
    pub undecided_traces: u64,
}

/// A decision on traces, with the reason for its time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Decision {
    /// True if the traces were kept.
    pub is_kept: bool,
    /// The decisive rule, if any.
    pub rule: Option<Box<str>>,
    /// The reason for deciding at that time, such as `wait`.
    pub reason: Box<str>,
}

/// The work of a sink, and its current state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SinkTelemetry {
    /// Spans that were delivered.
    pub delivered: u64,
    /// Spans that were dropped without a dead letter, by reason.
    pub dropped: BTreeMap<Box<str>, u64>,
    /// Spans that became dead letters, by reason.
    pub dead_lettered: BTreeMap<Box<str>, u64>,
    /// Requests that were retried.
    pub retries: u64,
    /// Bytes in the queue.
    pub queued_bytes: u64,
}

impl ShardTelemetry {
    /// Returns the state of a shard.
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
    /// Returns the difference from `earlier`; the current state is that of `self`.
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

    /// Adds the work of another relay or another time; for shards and sinks in both, the current
    /// state is that of `other`.
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

    /// Returns the shard that is furthest behind, if that is more than half of the stream's
    /// retention.
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

/// Returns the increase of each counter, without counters that did not increase.
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
