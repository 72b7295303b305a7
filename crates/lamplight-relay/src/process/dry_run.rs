//! Decisions without delivery.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    engine::Fate,
    record::{ShardId, StreamTime},
    relay::{Core, Delivery, Relay, RelayError},
    source::Happened,
};

/// A relay that decides and prints its decisions. It delivers nothing and saves nothing.
pub struct DryRun<P> {
    relay: Relay,
    print: P,
}

impl<P: FnMut(&str)> DryRun<P> {
    /// Returns the dry run of a relay; `print` receives its lines.
    pub fn new(relay: Relay, print: P) -> Self {
        Self { relay, print }
    }

    /// Decides until the source has ended or `stop` is ready, then decides the remaining traces at
    /// once. Returns a table of kept and dropped traces by rule.
    ///
    /// # Errors
    ///
    /// Returns an error if the relay has no source.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<String, RelayError> {
        let (mut source, mut core) = self.relay.dry()?;
        let mut stop = std::pin::pin!(stop);
        let mut spans = BTreeMap::new();
        loop {
            let event = tokio::select! {
                () = &mut stop => break,
                event = source.next() => event,
            };
            let Some(event) = event else { break };
            match event.what {
                Happened::Opened { .. } => {
                    // Without a checkpoint, traces that were decided before are decided again.
                    let _ = core.open(event.shard, None, &[] as &[&[u8]]);
                }
                Happened::Records { records, now, .. } => {
                    for record in records {
                        core.push(&event.shard, record);
                    }
                    core.advance(&event.shard, now);
                    forget(&mut core, &event.shard, now);
                }
                Happened::Ended { children } => {
                    core.end(&event.shard, &children);
                    let _ = core.last_windows(&event.shard);
                }
                _ => {}
            }
            self.tell(&mut core, &mut spans);
        }
        for shard in core.shard_stats() {
            core.finish(&shard.shard);
        }
        self.tell(&mut core, &mut spans);
        source.close().await;
        Ok(table(&core, &spans))
    }

    fn tell(&mut self, core: &mut Core, spans: &mut BTreeMap<String, u64>) {
        while let Some(delivery) = core.next() {
            match delivery {
                Delivery::Trace(trace) => {
                    let rule = trace.rule.map(|rule| core.rules().name(rule).to_owned());
                    let rule = rule.unwrap_or_else(|| "-".to_owned());
                    let count: usize = trace
                        .parts
                        .iter()
                        .map(|(_, chunks)| chunks.iter().map(|chunk| chunk.count).sum())
                        .max()
                        .unwrap_or_default();
                    let id: String = trace
                        .trace_id
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect();
                    let late = if trace.incomplete { " incomplete" } else { "" };
                    (self.print)(&format!("kept {id} {count} spans by {rule}{late}\n"));
                    *spans.entry(rule).or_default() += count as u64;
                    trace
                        .numbers
                        .into_iter()
                        .for_each(|number| core.settle(number));
                }
                Delivery::Refused(number, letter) => {
                    let ids = letter.records.iter();
                    let ids: Vec<_> = ids
                        .map(|id| format!("{}:{}", id.shard, id.sequence))
                        .collect();
                    (self.print)(&format!("unreadable {} {}\n", ids.join(","), letter.why));
                    core.settle(number);
                }
                Delivery::Metrics(_) => {}
            }
        }
    }
}

impl<P> std::fmt::Debug for DryRun<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DryRun")
            .field("relay", &self.relay)
            .finish_non_exhaustive()
    }
}

/// Discards the metrics and the decision log, which a dry run does not use.
fn forget(core: &mut Core, shard: &ShardId, now: StreamTime) {
    let _ = core.windows(shard, now);
    while !core.decisions(shard).is_empty() {}
}

/// Returns the table of decisions.
fn table(core: &Core, spans: &BTreeMap<String, u64>) -> String {
    let stats = core.stats();
    let mut rows: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for ((fate, rule, _), count) in &stats.decisions {
        let rule = rule.map_or("-", |rule| core.rules().name(rule));
        let place = match fate {
            Fate::Kept => 0,
            Fate::Vetoed => 2,
            Fate::Dropped => 1,
        };
        if let Some(cell) = rows.entry(rule.to_owned()).or_default().get_mut(place) {
            *cell += count;
        }
    }
    let mut total = [0; 3];
    let mut text = format!(
        "\n{:<32} {:>10} {:>10} {:>10} {:>12}\n",
        "rule", "kept", "dropped", "vetoed", "spans kept"
    );
    for (rule, [kept, dropped, vetoed]) in &rows {
        let spans = spans.get(rule).copied().unwrap_or_default();
        let _ = writeln!(
            text,
            "{rule:<32} {kept:>10} {dropped:>10} {vetoed:>10} {spans:>12}"
        );
        for (sum, count) in total.iter_mut().zip([kept, dropped, vetoed]) {
            *sum += count;
        }
    }
    let [kept, dropped, vetoed] = total;
    let all: u64 = spans.values().sum();
    let _ = writeln!(
        text,
        "{:<32} {kept:>10} {dropped:>10} {vetoed:>10} {all:>12}",
        "all"
    );
    let _ = writeln!(
        text,
        "\n{} records with {} spans read; {} duplicates, {} unreadable, {} late kept, {} late \
        dropped.",
        stats.records,
        stats.spans,
        stats.duplicates,
        stats.refused,
        stats.late_kept,
        stats.late_dropped,
    );
    text
}
