//! Progress of time, and decisions.

use super::{
    Engine, Fate, Reason,
    decisions::{Entry, Outcome},
    emit::{Queued, QueuedKept},
    hash,
    shard::{open, tick, time_of},
    traces::Trace,
};
use crate::record::StreamTime;

impl Engine {
    /// Advances the time of a shard to `to`, if that is later, and decides the traces that are due
    /// by then.
    pub(super) fn pass_time(&mut self, number: u32, to: StreamTime) {
        let Some(shard) = self.shard_mut(number).filter(|shard| shard.time < to) else {
            return;
        };
        shard.time = to;
        let (was, now) = (shard.tick, tick(to));
        while let Some(shard) = self.shard(number)
            && let Some((due, trace)) = shard.pending.first().filter(|(due, _)| *due <= now)
        {
            self.trace_is_due(number, trace, due, now);
        }
        let (late, max) = (self.ticks.late, self.settings.max_decisions);
        let keeps_log = self.settings.keeps_log;
        let Some(shard) = self.shard_mut(number).filter(|_| was < now) else {
            return;
        };
        shard.tick = now;
        if !keeps_log {
            shard.decisions.skip_log();
        }
        if shard.replay.is_none() {
            let forgotten = shard.decisions.forget(now, late, max);
            self.stats.forgotten += forgotten;
            self.forget_marks(number);
        }
    }

    fn trace_is_due(&mut self, number: u32, trace: u32, due: u32, now: u32) {
        let extension = self.ticks.extension;
        let after_root = self.settings.wait_after_root.is_some();
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        shard.tick = due;
        let Some(found) = self.traces.get_mut(trace) else {
            return;
        };
        let Some(reason) = found.reason(after_root, extension) else {
            let due_again = due.saturating_add(extension);
            shard
                .pending
                .reschedule(&mut self.traces, trace, due, due_again);
            return;
        };
        if let Some(replay) = &shard.replay {
            // The trace was undecided when the checkpoint was made. If it would have been decided
            // under the current settings, it is decided as soon as processing continues.
            let soon = tick(replay.read_time).max(now).saturating_add(1);
            shard.pending.reschedule(&mut self.traces, trace, due, soon);
            return;
        }
        self.decide(number, trace, due, reason);
    }

    /// Decides a trace at a tick.
    pub(super) fn decide(&mut self, number: u32, trace: u32, at: u32, reason: Reason) {
        let rules = self.rules.clone();
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        let now = shard.tick.min(at);
        shard.pending.remove(&mut self.traces, trace, now);
        let Some(found) = self.traces.get_mut(trace) else {
            return;
        };
        let (id, evidence) = (found.id, std::mem::take(&mut found.evidence));
        let verdict = rules.decide(&mut shard.rules, &evidence, &id, time_of(at));
        rules.forget(&mut shard.rules, evidence);
        let entry = Entry::new(hash::of_trace(&id), &verdict, at);
        shard.decisions.add(entry);
        self.count_decision(entry, reason);
        self.resolve(number, trace, entry);
    }

    pub(super) fn count_decision(&mut self, entry: Entry, reason: Reason) {
        let fate = match entry.outcome() {
            Outcome::Kept => Fate::Kept,
            Outcome::Dropped => Fate::Dropped,
            Outcome::Vetoed => Fate::Vetoed,
        };
        let rule = entry.verdict().rule;
        let counter = self.stats.decisions.entry((fate, rule, reason));
        *counter.or_default() += 1;
    }

    /// Applies a decision to a trace that is no longer in any shard.
    pub(super) fn resolve(&mut self, shard: u32, trace: u32, entry: Entry) {
        let Some(trace_id) = self.traces.get(trace).map(|trace| trace.id) else {
            return;
        };
        if entry.outcome() == Outcome::Kept {
            let records = self.traces.records(trace);
            self.enqueue(Queued::Kept(QueuedKept {
                shard,
                trace_id,
                // The remembered verdict, so that late spans get the same one.
                verdict: entry.verdict(),
                is_incomplete: false,
                records,
            }));
        }
        self.let_go(trace);
    }

    /// Removes a trace that is no longer in any shard.
    pub(super) fn let_go(&mut self, trace: u32) {
        let records = &mut self.records;
        self.traces.let_go(trace, |slot| records.let_go(slot));
    }

    /// Makes a trace due earlier, if its root has arrived.
    pub(super) fn look_for_root(&mut self, number: u32, trace: u32) {
        let Some(shard) = open(&mut self.shards, number) else {
            return;
        };
        let Some(found) = self.traces.get(trace).filter(|trace| trace.has_root()) else {
            return;
        };
        let due = found.due(shard.tick);
        if let Some(sooner) = shard.due_after_root(&self.ticks, due, found.is_extended()) {
            shard
                .pending
                .reschedule(&mut self.traces, trace, shard.tick, sooner);
        }
    }

    /// Decides all undecided traces of a shard.
    pub(super) fn decide_all(&mut self, number: u32) {
        while let Some(shard) = self.shard(number)
            && let Some((_, trace)) = shard.pending.first()
        {
            self.decide(number, trace, shard.tick, Reason::Finish);
        }
    }
}

impl Trace {
    /// Returns the reason for deciding a trace that is due; `None` if it must wait longer, which is
    /// then recorded in the trace.
    pub(super) fn reason(&mut self, after_root: bool, extension: u32) -> Option<Reason> {
        Some(match (self.has_root(), self.is_extended()) {
            (false, false) if extension > 0 => {
                self.set_extended();
                return None;
            }
            (false, true) => Reason::MaxWait,
            (true, is_extended) if is_extended || after_root => Reason::Root,
            _ => Reason::Wait,
        })
    }
}
