//! Held records.

use hashbrown::HashTable;

use super::{
    RecordNumber, hash,
    slab::{NONE, Slab},
};
use crate::record::{Record, StreamTime};

/// Memory used by a held record in addition to its bytes: its slot, the allocations of its names,
/// and its part of the index.
const OVERHEAD: usize = size_of::<Slot>() + 96;

/// A held record, and the reasons for holding it.
#[derive(Debug)]
pub(super) struct Slot {
    /// The record; without its data once no output needs it.
    pub(super) record: Record,
    /// The shard from which it was read.
    pub(super) shard: u32,
    /// Its effective time.
    pub(super) at: StreamTime,
    /// True if it has spans of several traces, or none.
    pub(super) is_mixed: bool,
    /// Number of undecided traces with spans in it.
    traces: u32,
    /// Number of queued outputs with the record.
    queued: u32,
    /// Number of outputs with the record that are not settled.
    out: u32,
    /// Number of spans, if its data as it is forms the output; 0 if it must be decoded again.
    pub(super) spans: u32,
    weight: u32,
    hash: u64,
    generation: u32,
    previous: u32,
    next: u32,
}

/// The records of a shard that hold its checkpoint, in order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) first: u32,
    last: u32,
    pub(super) len: usize,
    /// Bytes of records with undecided traces.
    pub(super) bytes: usize,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            first: NONE,
            last: NONE,
            len: 0,
            bytes: 0,
        }
    }
}

/// All held records.
#[derive(Debug, Default)]
pub(super) struct Records {
    slots: Slab<Slot>,
    /// The records of each shard.
    orders: Vec<Order>,
    /// Records with undecided traces, by the hash of their data.
    index: HashTable<u32>,
    generation: u32,
}

impl Records {
    /// Adds a shard, and returns its number.
    pub(super) fn add_shard(&mut self) -> u32 {
        self.orders.push(Order::default());
        (self.orders.len() - 1) as u32
    }

    /// Returns the held records of a shard.
    pub(super) fn order(&self, shard: u32) -> Order {
        self.orders.get(shard as usize).copied().unwrap_or_default()
    }

    /// Holds a record at the end of its shard, before anything needs it.
    pub(super) fn insert(&mut self, shard: u32, record: Record, at: StreamTime) -> u32 {
        let last = self.order(shard).last;
        let names = record.sequence.as_str().len() + record.partition_key.len();
        self.generation = self.generation.wrapping_add(1);
        let weight = record.data.len() + names + OVERHEAD;
        let slot = Slot {
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
            spans: 0,
            hash: hash::of_data(&record.data),
            record,
            shard,
            at,
            is_mixed: false,
            traces: 0,
            queued: 0,
            out: 0,
            generation: self.generation,
            previous: last,
            next: NONE,
        };
        let number = self.slots.insert(slot);
        let Some(order) = self.orders.get_mut(shard as usize) else {
            return number;
        };
        match self.slots.get_mut(last) {
            Some(last) => last.next = number,
            None => order.first = number,
        }
        order.last = number;
        order.len += 1;
        number
    }

    /// Returns a record, if it is held.
    pub(super) fn get(&self, slot: u32) -> Option<&Slot> {
        self.slots.get(slot)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Slot> {
        self.slots.get_mut(slot)
    }

    /// Returns the records of a shard, in order.
    pub(super) fn of_shard(&self, shard: u32) -> impl Iterator<Item = (u32, &Slot)> + '_ {
        let mut next = self.order(shard).first;
        std::iter::from_fn(move || {
            let (slot, found) = (next, self.slots.get(next)?);
            next = found.next;
            Some((slot, found))
        })
    }

    /// Returns the number of bytes that count for a record.
    pub(super) fn weight(&self, slot: u32) -> usize {
        self.slots.get(slot).map_or(0, |slot| slot.weight as usize)
    }

    pub(super) fn number(&self, slot: u32) -> RecordNumber {
        let generation = self.slots.get(slot).map_or(0, |found| found.generation);
        RecordNumber::from_u64(u64::from(generation) << 32 | u64::from(slot))
    }

    /// Returns the record with a number, unless it is settled.
    pub(super) fn of_number(&self, number: RecordNumber) -> Option<u32> {
        let slot = number.as_u64() as u32;
        let found = self.slots.get(slot)?;
        let is_it = u64::from(found.generation) == number.as_u64() >> 32 && found.out > 0;
        is_it.then_some(slot)
    }

    /// Returns whether a record with undecided traces has the same data as this one and belongs to
    /// a shard for which `is_of` returns true.
    pub(super) fn has_same(&self, slot: u32, is_of: impl Fn(u32) -> bool) -> bool {
        let Some(found) = self.slots.get(slot) else {
            return false;
        };
        let is_same = |number: &u32| {
            let other = self.slots.get(*number);
            other.is_some_and(|it| is_of(it.shard) && it.record.data == found.record.data)
        };
        self.index.find(found.hash, is_same).is_some()
    }

    /// Counts an undecided trace with spans in a record.
    pub(super) fn hold(&mut self, slot: u32) {
        let Some(found) = self.slots.get_mut(slot) else {
            return;
        };
        found.traces += 1;
        if found.traces == 1 {
            if let Some(order) = self.orders.get_mut(found.shard as usize) {
                order.bytes += found.weight as usize;
            }
            let (hash, slots) = (found.hash, &self.slots);
            let hash_of = |number: &u32| slots.get(*number).map_or(0, |slot| slot.hash);
            self.index.insert_unique(hash, slot, hash_of);
        }
    }

    /// Counts a trace that is no longer undecided.
    pub(super) fn let_go(&mut self, slot: u32) {
        if let Some(found) = self.slots.get_mut(slot) {
            found.traces = found.traces.saturating_sub(1);
            if found.traces == 0 {
                if let Some(order) = self.orders.get_mut(found.shard as usize) {
                    order.bytes = order.bytes.saturating_sub(found.weight as usize);
                }
                if let Ok(entry) = self.index.find_entry(found.hash, |other| *other == slot) {
                    entry.remove();
                }
            }
        }
        self.release(slot);
    }

    /// Counts a queued output with a record.
    pub(super) fn queue(&mut self, slot: u32) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.queued += 1;
        }
    }

    /// Counts an output that was returned.
    pub(super) fn take(&mut self, slot: u32) {
        if let Some(found) = self.slots.get_mut(slot) {
            found.queued = found.queued.saturating_sub(1);
            found.out += 1;
            found.forget_data();
        }
    }

    /// Counts an output as settled; `has_come_out` is false for one that will not be returned.
    pub(super) fn settle(&mut self, slot: u32, has_come_out: bool) {
        if let Some(found) = self.slots.get_mut(slot) {
            let counter = if has_come_out {
                &mut found.out
            } else {
                &mut found.queued
            };
            *counter = counter.saturating_sub(1);
        }
        self.release(slot);
    }

    /// Holds a record until its shard is [closed](Self::close), since it can no longer be known
    /// when it is settled.
    pub(super) fn pin(&mut self, slot: u32) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.out += 1;
        }
    }

    /// Releases a shard's records, except those with spans of traces in other shards.
    pub(super) fn close(&mut self, shard: u32) {
        let mut slot = self.order(shard).first;
        while let Some(found) = self.slots.get_mut(slot) {
            found.out = 0;
            let next = found.next;
            self.release(slot);
            slot = next;
        }
    }

    /// Releases a record that is no longer needed.
    pub(super) fn release(&mut self, slot: u32) {
        let Some(found) = self.slots.get_mut(slot) else {
            return;
        };
        found.forget_data();
        if found.traces > 0 || found.queued > 0 || found.out > 0 {
            return;
        }
        let (previous, next, shard) = (found.previous, found.next, found.shard);
        // Frees its allocations before the slot is reused.
        found.record.data = Default::default();
        found.record.partition_key = Default::default();
        found.generation = 0;
        let Some(order) = self.orders.get_mut(shard as usize) else {
            return;
        };
        match self.slots.get_mut(previous) {
            Some(previous) => previous.next = next,
            None => order.first = next,
        }
        match self.slots.get_mut(next) {
            Some(next) => next.previous = previous,
            None => order.last = previous,
        }
        order.len = order.len.saturating_sub(1);
        self.slots.remove(slot);
    }
}

impl Slot {
    pub(super) fn is_undecided(&self) -> bool {
        self.traces > 0
    }

    fn forget_data(&mut self) {
        if self.traces == 0 && self.queued == 0 {
            self.record.data = Default::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::record::SequenceNumber;

    fn record(sequence: &str, data: &'static [u8]) -> Record {
        let time = StreamTime::from_millis(17);
        Record::new(
            SequenceNumber::new(sequence),
            "key",
            time,
            Bytes::from_static(data),
        )
    }

    fn held(records: &Records, shard: u32) -> Vec<String> {
        let slots = records.of_shard(shard);
        slots
            .map(|(_, slot)| slot.record.sequence.to_string())
            .collect()
    }

    #[test]
    fn a_record_is_held_while_anything_needs_it_and_the_others_stay_in_order() {
        let mut records = Records::default();
        let shard = records.add_shard();
        let slots = ["1", "2", "3"].map(|sequence| {
            let slot = records.insert(shard, record(sequence, b"data"), StreamTime::default());
            records.hold(slot);
            slot
        });
        let [_, two, _] = slots;
        records.queue(two);
        records.let_go(two);
        records.take(two);
        assert_eq!(held(&records, shard), ["1", "2", "3"]);
        assert!(
            records.get(two).unwrap().record.data.is_empty(),
            "nothing of it will come out"
        );
        let number = records.number(two);
        assert_eq!(records.of_number(number), Some(two));
        records.settle(two, true);
        assert_eq!(held(&records, shard), ["1", "3"]);
        assert_eq!(records.of_number(number), None, "it is settled once");

        for slot in slots {
            if slot != two {
                records.let_go(slot);
            }
        }
        let order = records.order(shard);
        assert_eq!((order.len, order.bytes), (0, 0));
        assert!(records.slots.is_empty() && records.index.is_empty());
    }

    #[test]
    fn the_same_data_is_found_while_it_is_undecided() {
        let mut records = Records::default();
        let shard = records.add_shard();
        let mut insert = |data| records.insert(shard, record("1", data), StreamTime::default());
        let [slot, copy, other] = [b"data", b"data", b"date"].map(|data| insert(data));
        assert!(!records.has_same(copy, |_| true));
        records.hold(slot);
        assert!(records.has_same(copy, |of| of == shard));
        assert!(!records.has_same(copy, |of| of != shard));
        assert!(!records.has_same(other, |_| true));
        records.let_go(slot);
        assert!(!records.has_same(copy, |_| true));
    }
}
