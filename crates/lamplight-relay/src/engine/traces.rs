//! Undecided traces.

use std::collections::BTreeMap;

use hashbrown::HashTable;

use super::{
    hash,
    slab::{NONE, Slab},
};
use crate::rules::Evidence;

/// Number of low bits of a tick that a trace stores: enough for all ticks in its future.
const DUE_BITS: u32 = 30;
const DUE: u32 = (1 << DUE_BITS) - 1;
const ROOT: u32 = 1 << 30;
const EXTENDED: u32 = 1 << 31;

/// Memory used by a trace, with its part of the index and one entry that links a record to it.
pub(super) const OVERHEAD: usize = size_of::<Trace>() + 12 + size_of::<Holding>();

/// An undecided trace, in 48 bytes.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) id: [u8; 16],
    pub(super) evidence: Evidence,
    /// The newest of its holdings.
    newest: u32,
    /// Its neighbors in the list of traces that are due at the same tick.
    previous: u32,
    next: u32,
    /// The low bits of its due tick, and two flags.
    due: u32,
}

/// A record with spans of a trace.
#[derive(Debug, Clone, Copy)]
struct Holding {
    slot: u32,
    /// The previous holding.
    older: u32,
    /// The bytes of all records up to this one.
    bytes: u32,
}

/// All undecided traces, of all shards.
#[derive(Debug, Default)]
pub(super) struct Traces {
    traces: Slab<Trace>,
    holdings: Slab<Holding>,
}

/// The undecided traces of a shard, by id and by due tick.
#[derive(Debug, Default)]
pub(super) struct Pending {
    index: HashTable<u32>,
    due: BTreeMap<u32, List>,
}

#[derive(Debug, Clone, Copy)]
struct List {
    first: u32,
    last: u32,
}

impl Traces {
    pub(super) fn get(&self, trace: u32) -> Option<&Trace> {
        self.traces.get(trace)
    }

    pub(super) fn get_mut(&mut self, trace: u32) -> Option<&mut Trace> {
        self.traces.get_mut(trace)
    }

    /// Adds a record to a trace.
    pub(super) fn hold(&mut self, trace: u32, slot: u32, weight: usize) {
        let Some(found) = self.traces.get_mut(trace) else {
            return;
        };
        let bytes = self
            .holdings
            .get(found.newest)
            .map_or(0, |newest| newest.bytes);
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        found.newest = self.holdings.insert(Holding {
            slot,
            older: found.newest,
            bytes: bytes.saturating_add(weight),
        });
    }

    /// Returns the bytes of a trace's records.
    pub(super) fn bytes(&self, trace: u32) -> usize {
        let newest = self.traces.get(trace).map(|trace| trace.newest);
        let newest = newest.and_then(|newest| self.holdings.get(newest));
        newest.map_or(0, |newest| newest.bytes as usize)
    }

    /// Returns the records of a trace, in order.
    pub(super) fn records(&self, trace: u32) -> Vec<u32> {
        let mut slots: Vec<u32> = self.newest_first(trace).collect();
        slots.reverse();
        slots
    }

    /// Returns the first record of a trace.
    pub(super) fn first(&self, trace: u32) -> Option<u32> {
        self.newest_first(trace).last()
    }

    /// Returns the last record of a trace.
    pub(super) fn last(&self, trace: u32) -> Option<u32> {
        self.newest_first(trace).next()
    }

    fn newest_first(&self, trace: u32) -> impl Iterator<Item = u32> + '_ {
        let mut newest = self.traces.get(trace).map_or(NONE, |trace| trace.newest);
        std::iter::from_fn(move || {
            let holding = self.holdings.get(newest)?;
            newest = holding.older;
            Some(holding.slot)
        })
    }

    /// Removes a trace that is no longer in any shard.
    pub(super) fn remove(&mut self, trace: u32) {
        self.let_go(trace, |_| {});
    }

    /// Removes a trace as [`remove`](Self::remove) does, and passes its records to `record`, the
    /// newest first.
    pub(super) fn let_go(&mut self, trace: u32, mut record: impl FnMut(u32)) {
        let mut newest = self.traces.get(trace).map_or(NONE, |trace| trace.newest);
        while let Some(holding) = self.holdings.get(newest) {
            let older = holding.older;
            record(holding.slot);
            self.holdings.remove(newest);
            newest = older;
        }
        self.traces.remove(trace);
    }
}

impl Trace {
    pub(super) fn has_root(&self) -> bool {
        self.due & ROOT != 0
    }

    pub(super) fn set_root(&mut self) {
        self.due |= ROOT;
    }

    /// Returns whether it waits longer than others, because its root has not arrived.
    pub(super) fn is_extended(&self) -> bool {
        self.due & EXTENDED != 0
    }

    pub(super) fn set_extended(&mut self) {
        self.due |= EXTENDED;
    }

    /// Returns its due tick, which is not before `now`.
    pub(super) fn due(&self, now: u32) -> u32 {
        now.wrapping_add(self.due.wrapping_sub(now) & DUE)
    }

    fn set_due(&mut self, due: u32) {
        self.due = self.due & !DUE | due & DUE;
    }
}

impl Pending {
    /// Returns the undecided trace with an id.
    pub(super) fn find(&self, traces: &Traces, id: &[u8; 16]) -> Option<u32> {
        let is_it = |number: &u32| traces.get(*number).is_some_and(|trace| trace.id == *id);
        self.index.find(hash::of_trace(id), is_it).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Adds a new trace that is due at a tick.
    pub(super) fn insert(&mut self, traces: &mut Traces, id: [u8; 16], due: u32) -> u32 {
        let trace = traces.traces.insert(Trace {
            id,
            newest: NONE,
            ..Trace::default()
        });
        self.add(traces, trace, due);
        trace
    }

    /// Adds a trace of another shard.
    pub(super) fn add(&mut self, traces: &mut Traces, trace: u32, due: u32) {
        let Some(found) = traces.get(trace) else {
            return;
        };
        let key = hash::of_trace(&found.id);
        let key_of = |number: &u32| {
            traces
                .get(*number)
                .map_or(0, |trace| hash::of_trace(&trace.id))
        };
        self.index.insert_unique(key, trace, key_of);
        self.append(traces, trace, due);
    }

    /// Removes a trace. `now` is a tick at or before its due tick.
    pub(super) fn remove(&mut self, traces: &mut Traces, trace: u32, now: u32) {
        let Some(found) = traces.get(trace) else {
            return;
        };
        let key = hash::of_trace(&found.id);
        if let Ok(entry) = self.index.find_entry(key, |other| *other == trace) {
            entry.remove();
        }
        self.unlink(traces, trace, now);
    }

    /// Reschedules a trace to another tick, after those that are already due then.
    pub(super) fn reschedule(&mut self, traces: &mut Traces, trace: u32, now: u32, due: u32) {
        self.unlink(traces, trace, now);
        self.append(traces, trace, due);
    }

    /// Returns the trace that is due first, with its tick.
    pub(super) fn first(&self) -> Option<(u32, u32)> {
        self.due
            .first_key_value()
            .map(|(due, list)| (*due, list.first))
    }

    /// Returns all traces, in the order in which they are due.
    pub(super) fn all(&self, traces: &Traces) -> Vec<(u32, u32)> {
        let mut all = Vec::with_capacity(self.len());
        for (due, list) in &self.due {
            let mut trace = list.first;
            while let Some(found) = traces.get(trace) {
                all.push((*due, trace));
                trace = found.next;
            }
        }
        all
    }

    fn append(&mut self, traces: &mut Traces, trace: u32, due: u32) {
        let list = self.due.entry(due).or_insert(List {
            first: trace,
            last: NONE,
        });
        let last = std::mem::replace(&mut list.last, trace);
        if let Some(last) = traces.get_mut(last) {
            last.next = trace;
        }
        if let Some(trace) = traces.get_mut(trace) {
            trace.set_due(due);
            trace.previous = last;
            trace.next = NONE;
        }
    }

    fn unlink(&mut self, traces: &mut Traces, trace: u32, now: u32) {
        let Some(found) = traces.get(trace) else {
            return;
        };
        let (due, previous, next) = (found.due(now), found.previous, found.next);
        let Some(list) = self.due.get_mut(&due) else {
            return;
        };
        match traces.get_mut(previous) {
            Some(previous) => previous.next = next,
            None => list.first = next,
        }
        match traces.get_mut(next) {
            Some(next) => next.previous = previous,
            None => list.last = previous,
        }
        if list.first == NONE {
            self.due.remove(&due);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> [u8; 16] {
        [number; 16]
    }

    fn due(pending: &Pending, traces: &Traces) -> Vec<(u32, u8)> {
        let all = pending.all(traces).into_iter();
        all.map(|(due, trace)| (due, traces.get(trace).unwrap().id[0]))
            .collect()
    }

    #[test]
    fn an_undecided_trace_takes_48_bytes() {
        assert_eq!(size_of::<Trace>(), 48);
        assert_eq!(size_of::<Holding>(), 12);
    }

    /// In addition to the 48 bytes there is a part of an index: 5 bytes per place, of which at most
    /// 7 of 8 are used, and half of that after it has grown.
    #[test]
    fn a_hundred_thousand_undecided_traces_take_48_bytes_each_and_their_index() {
        let (mut traces, mut pending) = (Traces::default(), Pending::default());
        for number in 0..100_000_u32 {
            let mut id = [7; 16];
            *id.first_chunk_mut().unwrap() = number.to_be_bytes();
            pending.insert(&mut traces, id, 17);
        }
        let index = pending.index.allocation_size();
        let all = traces.traces.allocation_size() + index;
        assert!(all <= 100_000 * (48 + 7), "{} each", all / 100_000);
        assert!(all - index <= 100_000 * 48 + 48 * 512);
    }

    #[test]
    fn traces_are_due_in_the_order_in_which_they_were_made_so() {
        let (mut traces, mut pending) = (Traces::default(), Pending::default());
        let now = (1 << 30) - 2;
        let numbers = [1, 2, 3, 4].map(|number| pending.insert(&mut traces, id(number), now + 3));
        let [one, two, three, four] = numbers;
        assert_eq!(
            traces.get(four).unwrap().due(now),
            now + 3,
            "ticks may be of more bits"
        );
        pending.reschedule(&mut traces, two, now, now + 1);
        pending.reschedule(&mut traces, three, now, now + 9);
        pending.reschedule(&mut traces, one, now, now + 3);
        let expected = [(now + 1, 2), (now + 3, 4), (now + 3, 1), (now + 9, 3)];
        assert_eq!(due(&pending, &traces), expected);
        assert_eq!(pending.first(), Some((now + 1, two)));

        for trace in numbers {
            let id = traces.get(trace).unwrap().id;
            assert_eq!(pending.find(&traces, &id), Some(trace));
            pending.remove(&mut traces, trace, now);
            traces.remove(trace);
            assert_eq!(pending.find(&traces, &id), None);
        }
        assert!(pending.due.is_empty() && traces.traces.is_empty());
    }

    #[test]
    fn a_trace_has_its_records_in_order_and_their_bytes() {
        let (mut traces, mut pending) = (Traces::default(), Pending::default());
        let trace = pending.insert(&mut traces, id(1), 7);
        for slot in [5, 3, 9] {
            traces.hold(trace, slot, 100);
        }
        assert_eq!(traces.records(trace), [5, 3, 9]);
        assert_eq!(traces.first(trace), Some(5));
        assert_eq!(traces.last(trace), Some(9));
        assert_eq!(traces.bytes(trace), 300);
        pending.remove(&mut traces, trace, 0);
        traces.remove(trace);
        assert!(traces.holdings.is_empty());
    }
}
