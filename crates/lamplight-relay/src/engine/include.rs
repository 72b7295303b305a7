//! Processing of a record and its spans.

use lamplight_otlp::trace::{self, Place, ResourceSpans, ScopeSpans, Span};

use super::{
    Engine, Observer, Reason,
    decisions::{Entry, Outcome},
    emit::{Queued, QueuedKept},
    hash,
    shard::{Shard, Ticks, tick},
};
use crate::{
    decode::{Payloads, Refusal, payloads_shown},
    record::Record,
    rules::Evidence,
};

/// Maximum number of spans that are remembered while a record is read, since a record may have a
/// million.
const MOST_SEEN: usize = 256;

/// A span of the current record.
#[derive(Debug, Default)]
pub(super) struct Seen<'a> {
    resource: ResourceSpans<'a>,
    scope: ScopeSpans<'a>,
    span: Span<'a>,
}

impl<'a> Seen<'a> {
    fn new(place: Place<'_, 'a>, span: &Span<'a>) -> Self {
        Self {
            resource: *place.resource,
            scope: *place.scope,
            span: *span,
        }
    }
}

/// Returns the empty allocation, for the spans of another record.
fn room(seen: Vec<Seen<'_>>) -> Vec<Seen<'static>> {
    let nothing = seen.into_iter().take(0);
    // Reuses the allocation, as the standard library does for such a collect.
    nothing.map(|_| Seen::default()).collect()
}

/// The spans of the current record.
#[derive(Clone, Copy)]
struct Spans<'a> {
    payloads: Option<&'a Payloads>,
    /// The spans that were remembered during validation.
    seen: &'a [Seen<'a>],
}

impl Spans<'_> {
    fn each(self, mut look: impl FnMut(Place<'_, '_>, &Span<'_>)) {
        let Some(payloads) = self.payloads else {
            return;
        };
        if payloads.is_verbatim() && payloads.facts().spans as usize == self.seen.len() {
            for seen in self.seen {
                look(Place::new(&seen.resource, &seen.scope), &seen.span);
            }
            return;
        }
        for payload in payloads.iter() {
            // It was found to be well-formed.
            let _ = trace::visit(payload, &mut look);
        }
    }
}

/// A trace with spans in the record.
#[derive(Debug)]
pub(super) struct Target {
    id: [u8; 16],
    way: Way,
}

/// The destination of spans.
#[derive(Debug)]
enum Way {
    /// An undecided trace.
    Pending(u32),
    /// The decision of their trace.
    Decided(Entry),
    /// They are judged on their own, since their trace was dropped.
    Judged(Evidence),
    /// None: the trace already has them.
    Nowhere,
}

impl Engine {
    /// Processes the next record of a shard.
    pub(super) fn include(&mut self, number: u32, record: Record, observer: &mut dyn Observer) {
        let replay = self.shard(number).and_then(|shard| shard.replay.as_ref());
        let until = replay.and_then(|replay| replay.read.clone());
        if until.as_ref().is_some_and(|until| record.sequence > *until) {
            self.catch_up(number);
        }
        if self
            .shard(number)
            .is_some_and(|shard| record.arrival < shard.advanced)
        {
            self.stats.behind += 1;
        }
        self.pass_time(number, record.arrival);
        let is_last = until.as_ref() == Some(&record.sequence);
        self.read(number, record, observer);
        if is_last {
            self.catch_up(number);
        }
    }

    fn read(&mut self, number: u32, record: Record, observer: &mut dyn Observer) {
        let Some(shard) = self
            .shards
            .get_mut(number as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        self.stats.records += 1;
        shard.read = Some(record.sequence.clone());
        let is_metered = shard.meter(&self.ticks, &record.sequence);
        let is_settled = shard.was_settled(&record.sequence);
        self.stats.replayed += u64::from(shard.replay.is_some());
        let data = record.data.clone();
        let mut seen: Vec<Seen<'_>> = std::mem::take(&mut self.seen);
        let payloads = payloads_shown(&data, &self.settings.limits, &mut |place, span| {
            if seen.len() < MOST_SEEN {
                seen.push(Seen::new(place, span));
            }
        });
        let spans = Spans {
            payloads: payloads.as_ref().ok(),
            seen: &seen,
        };
        let mut count = 0;
        self.ids.clear();
        spans.each(|place, span| {
            count += 1;
            if is_metered {
                observer.span(&shard.id, shard.time, place, span);
            }
            let id = span.valid_trace_id();
            if id != self.ids.last().copied() {
                self.ids.extend(id);
            }
        });
        if is_settled {
            return;
        }
        let slot = self.records.insert(number, record, shard.time);
        // Keeps the record until it has been read completely, whatever is decided meanwhile.
        self.records.queue(slot);
        self.ids.sort_unstable();
        self.ids.dedup();
        self.count(count, &payloads);
        let refusal = match &payloads {
            Err(refusal) => Some(refusal.clone()),
            Ok(payloads) => {
                if let Some(found) = self.records.get_mut(slot) {
                    found.is_mixed = self.ids.len() > 1;
                    if payloads.is_verbatim() {
                        found.spans = payloads.facts().spans;
                    }
                }
                self.include_traces(number, slot, spans);
                payloads.refusal().cloned()
            }
        };
        if let Some(refusal) = refusal {
            self.enqueue(Queued::Refused(number, slot, refusal));
        }
        self.seen = room(seen);
        self.records.settle(slot, false);
        self.keep_within_bytes(number);
    }

    /// Counts a record whose trace ids are known.
    fn count(&mut self, spans: u64, payloads: &Result<Payloads, Refusal>) {
        self.stats.spans += spans;
        self.stats.mixed += u64::from(self.ids.len() > 1);
        match payloads {
            Err(_) => self.stats.refused += 1,
            Ok(payloads) => {
                self.stats.refused += u64::from(payloads.refusal().is_some());
                self.stats.compressed += u64::from(payloads.facts().compressed);
                self.stats.aggregated += u64::from(payloads.facts().aggregated);
            }
        }
    }

    fn include_traces(&mut self, number: u32, slot: u32, spans: Spans<'_>) {
        self.find_ways(number, slot);
        self.observe(number, spans);
        let mut targets = std::mem::take(&mut self.targets);
        let parts = targets.len().max(1);
        let weight = self.records.weight(slot) / parts;
        for target in targets.drain(..) {
            match target.way {
                Way::Pending(trace) => {
                    self.traces.hold(trace, slot, weight);
                    self.records.hold(slot);
                    self.look_for_root(number, trace);
                    self.keep_within_trace(number, trace);
                }
                Way::Decided(entry) => self.follow(number, slot, target.id, entry),
                Way::Judged(evidence) => self.judge(number, slot, target.id, evidence),
                Way::Nowhere => {}
            }
        }
        self.targets = targets;
    }

    /// Determines the destination of each trace in a record.
    fn find_ways(&mut self, number: u32, slot: u32) {
        let Some(shard) = self
            .shards
            .get_mut(number as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        let Some(held) = self.records.get(slot) else {
            return;
        };
        let is_of = |other| shard.lineage.contains(&other);
        let is_copy = self.records.has_same(slot, is_of);
        let mut was_held = false;
        for id in self.ids.drain(..) {
            let way = match shard.pending.find(&self.traces, &id) {
                Some(_) if is_copy => {
                    was_held = true;
                    Way::Nowhere
                }
                Some(trace) => Way::Pending(trace),
                None => match shard.decided(
                    &id,
                    held.record.sequence.as_str(),
                    &self.ticks,
                    self.settings.max_decisions,
                ) {
                    Some(Decided::Follow(entry)) => Way::Decided(entry),
                    Some(Decided::Judge) => Way::Judged(Evidence::default()),
                    Some(Decided::Gone) => Way::Nowhere,
                    None => {
                        let due = shard.due(&self.ticks);
                        Way::Pending(shard.pending.insert(&mut self.traces, id, due))
                    }
                },
            };
            self.targets.push(Target { id, way });
        }
        self.stats.duplicates += u64::from(was_held);
    }

    /// Observes the spans of a record, each for its destination.
    fn observe(&mut self, number: u32, spans: Spans<'_>) {
        let Some(shard) = self
            .shards
            .get_mut(number as usize)
            .and_then(Option::as_deref_mut)
        else {
            return;
        };
        let (rules, traces, targets) = (&self.rules, &mut self.traces, &mut self.targets);
        shard.rules.in_record(true);
        spans.each(|place, span| {
            let Some(id) = span.valid_trace_id() else {
                return;
            };
            let Ok(target) = targets.binary_search_by(|target| target.id.cmp(&id)) else {
                return;
            };
            match targets.get_mut(target).map(|target| &mut target.way) {
                Some(Way::Pending(trace)) => {
                    if let Some(trace) = traces.get_mut(*trace) {
                        rules.observe(&mut shard.rules, &mut trace.evidence, place, span);
                        if span.is_root() {
                            trace.set_root();
                        }
                    }
                }
                Some(Way::Judged(evidence)) => {
                    rules.observe(&mut shard.rules, evidence, place, span);
                }
                _ => {}
            }
        });
        shard.rules.in_record(false);
    }

    /// Applies the decision of their trace to late spans.
    pub(super) fn follow(&mut self, shard: u32, slot: u32, trace_id: [u8; 16], entry: Entry) {
        let is_incomplete = entry.key != hash::of_trace(&trace_id);
        match entry.outcome() {
            Outcome::Kept if is_incomplete => {
                self.stats.late_dropped += 1;
                self.stats.late_incomplete += 1;
            }
            Outcome::Kept => self.stats.late_kept += 1,
            Outcome::Dropped | Outcome::Vetoed => self.stats.late_dropped += 1,
        }
        if entry.outcome() == Outcome::Kept {
            self.enqueue(Queued::Kept(QueuedKept {
                shard,
                trace_id,
                verdict: entry.verdict(),
                is_incomplete,
                records: vec![slot],
            }));
        }
    }

    /// Judges late spans of a dropped trace.
    pub(super) fn judge(&mut self, number: u32, slot: u32, trace_id: [u8; 16], evidence: Evidence) {
        let rules = self.rules.clone();
        let sequence = self
            .records
            .get(slot)
            .map(|slot| slot.record.sequence.clone());
        let (Some(shard), Some(sequence)) = (self.shard_mut(number), sequence) else {
            return;
        };
        let verdict = rules.decide_late(&shard.rules, &evidence, &trace_id);
        rules.forget(&mut shard.rules, evidence);
        let key = hash::of_late(&trace_id, sequence.as_str());
        let entry = Entry::new(key, &verdict, shard.tick);
        if verdict.kept && !verdict.vetoed {
            shard.decisions.add(entry);
        }
        self.follow(number, slot, trace_id, entry);
    }

    /// Decides a trace that is too large.
    fn keep_within_trace(&mut self, number: u32, trace: u32) {
        let Some(shard) = self.shard(number).filter(|shard| shard.replay.is_none()) else {
            return;
        };
        let now = shard.tick;
        let spans = self
            .traces
            .get(trace)
            .map_or(0, |trace| trace.evidence.spans());
        if spans > self.settings.max_trace_spans {
            self.decide(number, trace, now, Reason::TraceSpans);
        } else if self.traces.bytes(trace) > self.settings.max_trace_bytes {
            self.decide(number, trace, now, Reason::TraceBytes);
        }
    }

    /// Decides the traces that are due first, as long as too many bytes are held.
    fn keep_within_bytes(&mut self, number: u32) {
        while self.bytes(number) > self.settings.max_bytes {
            let Some(shard) = self.shard(number).filter(|shard| shard.replay.is_none()) else {
                return;
            };
            let (now, Some((_, trace))) = (shard.tick, shard.pending.first()) else {
                return;
            };
            self.decide(number, trace, now, Reason::Bytes);
        }
    }
}

/// The decision on a trace, and its meaning for a record.
enum Decided {
    /// A decision applies: that of the trace, or one on this record alone.
    Follow(Entry),
    /// It must be judged on its own.
    Judge,
    /// It was dropped with its trace, or on its own.
    Gone,
}

impl Shard {
    /// Returns the decision on a trace that is not pending, for a record that is read now.
    fn decided(&self, id: &[u8; 16], sequence: &str, ticks: &Ticks, max: usize) -> Option<Decided> {
        let now = tick(self.time);
        let find = |key| match &self.replay {
            None => self.decisions.find(key),
            Some(_) => self.decisions.find_at(key, now, ticks.late, max),
        };
        let entry = find(hash::of_trace(id))?;
        if entry.outcome() != Outcome::Dropped {
            return Some(Decided::Follow(entry));
        }
        Some(match find(hash::of_late(id, sequence)) {
            Some(late) => Decided::Follow(late),
            None if self.replay.is_some() => Decided::Gone,
            None => Decided::Judge,
        })
    }
}
