//! The function's own telemetry: a log line, and metrics that are sent with a later batch.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use tokio::time::Instant;

use crate::telemetry::Telemetry;

/// The work since the last report.
#[derive(Debug)]
pub(super) struct Teller {
    interval: Duration,
    is_metrics: bool,
    instance: String,
    /// Time of the last report, in nanoseconds since 1970.
    since: u64,
    told: Option<Instant>,
    done: Telemetry,
    metrics: Option<Bytes>,
}

impl Teller {
    /// Returns a reporter that reports after the first batch, and then after the first batch that
    /// ends an interval or more later: the function is frozen between batches.
    pub(super) fn new(interval: Duration, is_metrics: bool) -> Self {
        Self {
            interval,
            is_metrics,
            instance: format!("{:016x}", fastrand::u64(..)),
            since: now(),
            told: None,
            done: Telemetry::default(),
            metrics: None,
        }
    }

    /// Takes the metrics to send with this batch.
    pub(super) fn take_metrics(&mut self) -> Option<Bytes> {
        self.metrics.take()
    }

    /// Adds the work of a batch, and reports if it is time.
    pub(super) fn saw(&mut self, batch: &Telemetry) {
        if let Some(dropped) = dropped(batch) {
            tracing::warn!(target: "lamplight",
                "sinks that are not critical did not accept all data of this batch: {dropped}; \
                make them critical, set a `filter`, increase `queue`, or give the function more \
                time");
        }
        self.done.add(batch);
        if self.told.is_some_and(|told| told.elapsed() < self.interval) {
            return;
        }
        self.told = Some(Instant::now());
        let done = std::mem::take(&mut self.done);
        tracing::info!(target: "lamplight", "{}", done.line());
        let (start, end) = (self.since, now());
        self.since = end;
        if self.is_metrics {
            self.metrics = Some(done.encode(&self.instance, start, end));
        }
    }
}

/// Returns a description of the data that sinks have dropped.
fn dropped(batch: &Telemetry) -> Option<String> {
    let mut text = String::new();
    for (name, sink) in &batch.sinks {
        for (reason, count) in sink.dropped.iter().filter(|(_, count)| **count > 0) {
            let comma = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{comma}{name} {count} ({reason})");
        }
    }
    (!text.is_empty()).then_some(text)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::SinkTelemetry;

    #[test]
    fn what_was_dropped_is_said_by_sink_and_reason_and_nothing_where_nothing_was() {
        let mut batch = Telemetry::default();
        batch.sinks.insert("fine".into(), SinkTelemetry::default());
        assert_eq!(dropped(&batch), None);
        let counts = [("queue", 3), ("time", 2), ("rejected", 0)];
        let dropped_by_team = counts.map(|(reason, count)| (reason.into(), count));
        let sink = SinkTelemetry {
            dropped: dropped_by_team.into(),
            ..SinkTelemetry::default()
        };
        batch.sinks.insert("team".into(), sink);
        assert_eq!(
            dropped(&batch).as_deref(),
            Some("team 3 (queue), team 2 (time)")
        );
    }
}
