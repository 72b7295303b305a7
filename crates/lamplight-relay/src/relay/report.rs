//! The relay's own telemetry.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;

use super::core::{Core, Delivery};
use crate::{
    engine::Fate,
    record::ShardId,
    sink::SinkStats,
    telemetry::{Decision, ShardTelemetry, SinkTelemetry, Telemetry},
};

/// A summary of a relay's work.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Its counters.
    pub telemetry: Telemetry,
    /// Number of traces that were kept and passed to the sinks.
    pub delivered_traces: u64,
    /// Number of items left in the queues at the end.
    pub abandoned: u64,
}

/// Makes reports from statistics.
pub(super) struct Reporter {
    is_metrics: bool,
    instance: String,
    since: u64,
    before: Telemetry,
    refused: BTreeMap<Box<str>, u64>,
    traces: u64,
}

impl Reporter {
    pub(super) fn new(is_metrics: bool) -> Self {
        Self {
            is_metrics,
            instance: format!("{:016x}", fastrand::u64(..)),
            since: now(),
            before: Telemetry::default(),
            refused: BTreeMap::new(),
            traces: 0,
        }
    }

    /// Counts a delivery.
    pub(super) fn saw(&mut self, delivery: &Delivery) {
        match delivery {
            Delivery::Trace(_) => self.traces += 1,
            Delivery::Refused(_, letter) => {
                *self.refused.entry(letter.why.as_str().into()).or_default() += 1;
            }
            Delivery::Metrics(_) => {}
        }
    }

    /// Logs the work since the last report; also returns it as metrics, with their number, if these
    /// are enabled.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "an iterator made for this call"
    )]
    pub(super) fn tell<'s>(
        &mut self,
        core: &Core,
        sinks: impl Iterator<Item = (&'s str, SinkStats)>,
        behind: BTreeMap<ShardId, Duration>,
    ) -> Option<(Bytes, u64)> {
        let total = telemetry(core, &self.refused, sinks, &behind);
        let since = total.since(&self.before);
        tracing::info!(target: "lamplight", "{}", since.line());
        let day = Duration::from_secs(86_400);
        if let Some((shard, age)) = total.overdue(day) {
            tracing::warn!(target: "lamplight", %shard,
                "{} h behind: records that expire before delivery are lost", age.as_secs() / 3600);
        }
        let (start, end) = (self.since, now());
        (self.since, self.before) = (end, total);
        self.is_metrics
            .then(|| (since.encode(&self.instance, start, end), 1))
    }

    pub(super) fn summary(&self, core: &Core, ended: &[SinkStats]) -> Summary {
        Summary {
            telemetry: telemetry(core, &self.refused, std::iter::empty(), &BTreeMap::new()),
            delivered_traces: self.traces,
            abandoned: ended.iter().map(|sink| sink.abandoned).sum(),
        }
    }
}

/// Returns the work of the core and of the sinks so far.
pub(super) fn telemetry<'s>(
    core: &Core,
    refused: &BTreeMap<Box<str>, u64>,
    sinks: impl Iterator<Item = (&'s str, SinkStats)>,
    behind: &BTreeMap<ShardId, Duration>,
) -> Telemetry {
    let stats = core.stats();
    let mut telemetry = Telemetry {
        records: stats.records,
        spans: stats.spans,
        late_kept: stats.late_kept,
        late_dropped: stats.late_dropped,
        duplicates: stats.duplicates,
        refused: refused.clone(),
        ..Telemetry::default()
    };
    for ((fate, rule, reason), count) in &stats.decisions {
        let rule = rule.map(|rule| core.rules().name(rule));
        let decision = Decision::new(*fate == Fate::Kept, rule, reason.as_str());
        *telemetry.decisions.entry(decision).or_default() += count;
    }
    for shard in core.shard_stats() {
        let behind = behind.get(&shard.shard).copied().unwrap_or_default();
        // Data that holds back the checkpoint has not been relayed, however far reading is.
        let age = behind + shard.checkpoint_age;
        let held = ShardTelemetry::new(age, shard.bytes as u64, shard.traces as u64);
        telemetry.shards.insert(shard.shard, held);
    }
    for (name, sink) in sinks {
        telemetry.sinks.insert(name.into(), of_sink(&sink));
    }
    telemetry
}

pub(super) fn of_sink(stats: &SinkStats) -> SinkTelemetry {
    let reasons = |counts: &[(&str, u64)]| {
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        counts
            .map(|(reason, count)| ((*reason).into(), *count))
            .collect()
    };
    SinkTelemetry {
        delivered: stats.delivered,
        dropped: reasons(&[("rejected", stats.rejected), ("queue", stats.dropped)]),
        dead_lettered: reasons(&[("rejected", stats.dead_lettered)]),
        retries: stats.retried,
        queued_bytes: stats.queued_bytes as u64,
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}
