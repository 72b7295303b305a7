//! Continuation of undecided traces in another shard.

use lamplight_otlp::trace;

use super::{
    Engine,
    decisions::{Entry, Outcome},
    hash,
    reshard::Inheritance,
    shard::{open, tick},
};
use crate::rules::Evidence;

impl Engine {
    /// Takes over the undecided traces of the parent with this index. Decisions up to `read_tick`,
    /// if given, are known.
    ///
    /// If another parent has decided a trace and the decision is still remembered, the trace
    /// follows that decision. Therefore no trace is undecided while a decision about it is
    /// remembered, and after a restart the decision that applied to each record is known.
    pub(super) fn adopt(
        &mut self,
        number: u32,
        mut left: Inheritance,
        parent: usize,
        read_tick: Option<u32>,
    ) {
        let (late, max) = (self.ticks.late, self.settings.max_decisions);
        for (due, trace) in left.traces {
            let first = self.traces.first(trace);
            let first = first.and_then(|first| self.records.get(first));
            let first = first.map(|first| first.at).unwrap_or_default();
            let Some(shard) = open(&mut self.shards, number) else {
                return;
            };
            let Some(found) = self.traces.get_mut(trace) else {
                continue;
            };
            let evidence = &mut found.evidence;
            self.rules
                .transfer(&mut left.rules, &mut shard.rules, evidence);
            let id = found.id;
            let opened = tick(shard.opened.unwrap_or(first));
            let entry = if read_tick.is_some() {
                shard.decided_later(&id, (due, parent), opened, late, max)
            } else {
                shard.decisions.find(hash::of_trace(&id))
            };
            if let Some(entry) = entry {
                self.forget_evidence(number, trace);
                match read_tick {
                    Some(_) => self.follow_again(number, trace, entry, opened),
                    None => self.follow_late(number, trace, entry),
                }
                continue;
            }
            // The trace was due before but is not decided, because settings have changed or its
            // decision is forgotten. It is decided as soon as processing continues.
            let soon = shard.tick.max(read_tick.unwrap_or_default());
            let due = if due <= shard.tick {
                soon.saturating_add(1)
            } else {
                due
            };
            match shard.pending.find(&self.traces, &id) {
                None => shard.pending.add(&mut self.traces, trace, due),
                // Another parent had spans of it too.
                Some(other) => self.join(number, trace, due, other),
            }
        }
    }

    /// Applies a decision that was made without this trace: its records count as late.
    fn follow_late(&mut self, number: u32, trace: u32, entry: Entry) {
        let Some(id) = self.traces.get(trace).map(|trace| trace.id) else {
            return;
        };
        for slot in self.traces.records(trace) {
            if entry.outcome() == Outcome::Dropped {
                let mut evidence = Evidence::default();
                self.observe_again(number, &id, &mut evidence, slot);
                self.judge(number, slot, id, evidence);
            } else {
                self.follow(number, slot, id, entry);
            }
        }
        self.let_go(trace);
    }

    /// Applies the decision that was made before a restart.
    fn follow_again(&mut self, number: u32, trace: u32, entry: Entry, opened: u32) {
        if entry.outcome() != Outcome::Dropped {
            self.resolve(number, trace, entry);
            return;
        }
        let Some(id) = self.traces.get(trace).map(|trace| trace.id) else {
            return;
        };
        for slot in self.traces.records(trace) {
            let (late, max) = (self.ticks.late, self.settings.max_decisions);
            let (Some(shard), Some(held)) = (self.shard(number), self.records.get(slot)) else {
                continue;
            };
            let key = hash::of_late(&id, held.record.sequence.as_str());
            if let Some(entry) = shard.decisions.find_at(key, opened, late, max) {
                self.follow(number, slot, id, entry);
            }
        }
        self.let_go(trace);
    }

    /// Frees the evidence of a trace.
    fn forget_evidence(&mut self, number: u32, trace: u32) {
        let shard = open(&mut self.shards, number);
        if let (Some(shard), Some(found)) = (shard, self.traces.get_mut(trace)) {
            self.rules
                .forget(&mut shard.rules, std::mem::take(&mut found.evidence));
        }
    }

    /// Merges two traces with the same id.
    fn join(&mut self, number: u32, trace: u32, due: u32, into: u32) {
        self.forget_evidence(number, trace);
        let Some(found) = self.traces.get_mut(into) else {
            return;
        };
        let (id, mut evidence) = (found.id, std::mem::take(&mut found.evidence));
        for slot in self.traces.records(trace) {
            self.traces.hold(into, slot, self.records.weight(slot));
            self.observe_again(number, &id, &mut evidence, slot);
        }
        let has_root = self.traces.get(trace).is_some_and(|trace| trace.has_root());
        self.traces.remove(trace);
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        let Some(found) = self.traces.get_mut(into) else {
            return;
        };
        found.evidence = evidence;
        if has_root {
            found.set_root();
        }
        if due < found.due(shard.tick) {
            shard
                .pending
                .reschedule(&mut self.traces, into, shard.tick, due);
        }
    }

    /// Observes the spans of a trace in a record.
    fn observe_again(&mut self, number: u32, id: &[u8; 16], evidence: &mut Evidence, slot: u32) {
        let payloads = self.decode(slot);
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        for payload in payloads.iter() {
            let _ = trace::visit(payload, |place, span| {
                if span.trace_id == *id {
                    self.rules.observe(&mut shard.rules, evidence, place, span);
                }
            });
        }
    }
}
