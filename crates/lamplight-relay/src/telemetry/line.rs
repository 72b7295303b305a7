//! Telemetry as a log line.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{ShardTelemetry, Telemetry};

impl Telemetry {
    /// Returns the telemetry as one log line.
    pub fn line(&self) -> String {
        let mut line = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_line(&mut line);
        // Names of rules and sinks may contain any characters.
        line.replace(char::is_control, " ")
    }

    fn write_line(&self, line: &mut String) -> std::fmt::Result {
        let of = |is_kept: bool| {
            let decisions = self.decisions.iter();
            decisions.filter(move |(decision, _)| decision.is_kept == is_kept)
        };
        let (records, spans) = (self.records, self.spans);
        write!(line, "read {records} records, {spans} spans")?;
        write!(line, "; kept {} traces", total(of(true)))?;
        let mut rules = BTreeMap::<&str, u64>::new();
        for (decision, count) in of(true) {
            let rule = decision.rule.as_deref().unwrap_or("no rule");
            *rules.entry(rule).or_default() += count;
        }
        write_each(line, rules.iter().map(|(rule, count)| (*rule, *count)))?;
        write!(line, ", dropped {}", total(of(false)))?;
        let (late, duplicates) = (
            self.late_kept.saturating_add(self.late_dropped),
            self.duplicates,
        );
        write!(line, "; late {late} records, duplicate {duplicates}")?;
        write!(line, ", refused {}", total(self.refused.iter()))?;
        let refused = self
            .refused
            .iter()
            .map(|(reason, count)| (&**reason, *count));
        write_each(line, refused)?;
        let held = |of: fn(&ShardTelemetry) -> u64| -> u64 { self.shards.values().map(of).sum() };
        let (traces, bytes) = (
            held(|it| it.undecided_traces),
            held(|it| it.undecided_bytes),
        );
        write!(line, "; undecided {traces} traces, {bytes} bytes")?;
        write!(line, "; {} shards", self.shards.len())?;
        if let Some((shard, age)) = self.furthest_behind() {
            write!(
                line,
                ", {shard} furthest behind by {:.1} s",
                age.as_secs_f64()
            )?;
        }
        for (name, sink) in &self.sinks {
            write!(line, "; sink {name}: delivered {} spans", sink.delivered)?;
            write!(line, ", dropped {}", total(sink.dropped.iter()))?;
            write!(line, ", dead-lettered {}", total(sink.dead_lettered.iter()))?;
            let (retries, waiting) = (sink.retries, sink.queued_bytes);
            write!(
                line,
                ", retried {retries} requests, {waiting} bytes waiting"
            )?;
        }
        Ok(())
    }
}

fn total<'a, K>(counts: impl Iterator<Item = (K, &'a u64)>) -> u64 {
    counts.fold(0, |total, (_, count)| total.saturating_add(*count))
}

/// Writes the parts of a number, in brackets.
fn write_each<'a>(
    line: &mut String,
    each: impl Iterator<Item = (&'a str, u64)>,
) -> std::fmt::Result {
    let mut is_first = true;
    for (name, count) in each {
        let before = if is_first { " (" } else { ", " };
        write!(line, "{before}{name} {count}")?;
        is_first = false;
    }
    if is_first {
        Ok(())
    } else {
        line.write_char(')')
    }
}
