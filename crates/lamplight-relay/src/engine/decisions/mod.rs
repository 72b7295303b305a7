//! Past decisions, for late spans and for the log.

mod entry;
mod log;

use std::collections::VecDeque;

use hashbrown::HashTable;

use super::CheckpointError;
use crate::rules::Rules;
pub(super) use entry::{Entry, Outcome};

/// Number of entries per allocation.
const SEGMENT: usize = 4096;

/// Number of ticks per mark.
const TICKS_PER_MARK: u32 = 64;

/// The remembered decisions of a shard, in order and numbered, including those that are not in the
/// log yet.
///
/// Decisions beyond the late window or the maximum number are forgotten only at ticks, never in
/// between, so that the decisions that were remembered at any tick are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Decisions {
    segments: VecDeque<Vec<Entry>>,
    /// The number of the first entry in the segments.
    base: u64,
    /// The number of the first remembered entry.
    first: u64,
    /// The number of the next entry.
    next: u64,
    /// The number of the first entry that is not in the log.
    unsaved: u64,
    /// The lower halves of numbers, by key.
    index: HashTable<u32>,
    /// Ticks, each with the number of the first decision at that tick or later.
    marks: VecDeque<(u32, u64)>,
}

impl Decisions {
    /// Returns the decisions of a log from number `first` to before `end`, with the current rules.
    pub(super) fn of_log(
        log: &[impl AsRef<[u8]>],
        first: u64,
        end: u64,
        rules: &Rules,
    ) -> Result<Self, CheckpointError> {
        let mut decisions = Self {
            base: first,
            first,
            next: first,
            ..Self::default()
        };
        for entry in log::entries(log, first, end, rules)? {
            decisions.add(entry);
        }
        decisions.unsaved = end;
        Ok(decisions)
    }

    /// Returns the decisions of several shards in the order of their ticks, without duplicates:
    /// parents with a common ancestor both have its decisions. None of them counts as being in the
    /// log of the new shard.
    ///
    /// A decision that several shards have is placed according to the last of them. Then all
    /// decisions that follow it in any shard follow it in the result, and the newest decisions are
    /// the same ones, regardless of whether the shards had forgotten older ones.
    pub(super) fn merged(all: &[&Self]) -> Self {
        let mut entries = Vec::new();
        let mut rest = all;
        while let Some((one, later)) = rest.split_first() {
            let has_later = |entry: &Entry| later.iter().any(|later| later.has(*entry));
            entries.extend(one.entries().filter(|entry| !has_later(entry)));
            rest = later;
        }
        // A stable sort, so that decisions of one tick keep their order.
        entries.sort_by_key(|entry| entry.tick);
        let mut merged = Self::default();
        for entry in entries {
            merged.add(entry);
        }
        merged
    }

    fn has(&self, entry: Entry) -> bool {
        let mut numbers = self.numbers(entry.key);
        numbers.any(|number| self.get(number) == Some(entry))
    }

    fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (self.first..self.next).filter_map(|number| self.get(number))
    }

    pub(super) fn add(&mut self, entry: Entry) {
        let is_new = |mark: &(u32, u64)| mark.0 + TICKS_PER_MARK <= entry.tick;
        if self.marks.back().is_none_or(is_new) {
            self.marks.push_back((entry.tick, self.next));
        }
        match self.segments.back_mut() {
            Some(segment) if segment.len() < SEGMENT => segment.push(entry),
            _ => {
                let mut segment = Vec::with_capacity(SEGMENT);
                segment.push(entry);
                self.segments.push_back(segment);
            }
        }
        let (segments, base) = (&self.segments, self.base);
        let key =
            |number: &u32| get(segments, base, full(base, *number)).map_or(0, |entry| entry.key);
        self.index.insert_unique(entry.key, self.next as u32, key);
        self.next += 1;
    }

    fn get(&self, number: u64) -> Option<Entry> {
        get(&self.segments, self.base, number)
    }

    /// At a tick, forgets decisions older than the late window, and the oldest decisions before the
    /// tick beyond a number of `max`. Returns the number of the latter.
    pub(super) fn forget(&mut self, tick: u32, window: u32, max: usize) -> u64 {
        let kept_from = self.number_at(tick).saturating_sub(max as u64);
        let mut forgotten = 0;
        while let Some(entry) = self.get(self.first) {
            if entry.tick >= tick.saturating_sub(window) {
                if self.first >= kept_from {
                    break;
                }
                forgotten += 1;
            }
            let number = self.first as u32;
            if let Ok(found) = self.index.find_entry(entry.key, |other| *other == number) {
                found.remove();
            }
            self.first += 1;
        }
        // Decisions stay until they are in the log.
        while self.base + SEGMENT as u64 <= self.first.min(self.unsaved) {
            self.segments.pop_front();
            self.base += SEGMENT as u64;
        }
        forgotten
    }

    /// Returns the latest remembered decision of a key.
    pub(super) fn find(&self, key: u64) -> Option<Entry> {
        self.numbers(key).max().and_then(|number| self.get(number))
    }

    /// Returns the decision of a key that the parent with this index among the
    /// [merged](Self::merged) ones made at this tick: several parents may have decided a trace at
    /// that tick, each from its own data.
    pub(super) fn find_of(&self, key: u64, tick: u32, parent: usize) -> Option<Entry> {
        let is_then = |number: &u64| self.get(*number).is_some_and(|entry| entry.tick == tick);
        let mut numbers: Vec<u64> = self.numbers(key).filter(is_then).collect();
        numbers.sort_unstable();
        // If all parents decided the same, there is only one entry.
        let number = numbers.get(parent).or(numbers.last())?;
        self.get(*number)
    }

    /// Returns the decision of a key that applied to a record of this tick: the latest one that was
    /// made before and remembered then, or else the first one after it.
    pub(super) fn find_at(&self, key: u64, tick: u32, window: u32, max: usize) -> Option<Entry> {
        let before = self.number_at(tick);
        let remembered = before.saturating_sub(max as u64);
        let (mut held, mut next) = (None::<(u64, Entry)>, None::<(u64, Entry)>);
        for number in self.numbers(key) {
            let Some(entry) = self.get(number) else {
                continue;
            };
            if entry.tick > tick {
                if next.is_none_or(|next| number < next.0) {
                    next = Some((number, entry));
                }
            } else if number >= remembered
                && tick - entry.tick <= window
                && held.is_none_or(|held| number > held.0)
            {
                held = Some((number, entry));
            }
        }
        held.or(next).map(|(_, entry)| entry)
    }

    fn numbers(&self, key: u64) -> impl Iterator<Item = u64> + '_ {
        self.index
            .iter_hash(key)
            .map(|number| full(self.base, *number))
            .filter(move |number| self.get(*number).is_some_and(|entry| entry.key == key))
    }

    /// Returns the number of the first decision at this tick or later.
    fn number_at(&self, tick: u32) -> u64 {
        let (mut low, mut high) = (self.first, self.next);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle) {
                Some(entry) if entry.tick < tick => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    /// Returns a number up to that of the first decision at this tick or later, or `max` less if
    /// the number of decisions is the limit; discards marks before it.
    pub(super) fn needed_from(&self, tick: u32) -> u64 {
        let mark = self.marks.iter().rev().find(|mark| mark.0 <= tick);
        mark.or(self.marks.front()).map_or(self.next, |mark| mark.1)
    }

    /// Discards marks that are not needed for this tick or later ones.
    pub(super) fn forget_marks(&mut self, tick: u32) {
        while self.marks.get(1).is_some_and(|second| second.0 <= tick) {
            self.marks.pop_front();
        }
    }

    /// Returns decisions that are not in the log yet, as a chunk for it; empty if there are none.
    pub(super) fn save(&mut self, rules: &Rules) -> Vec<u8> {
        let count = (self.next - self.unsaved).min(log::CHUNK as u64) as usize;
        if count == 0 {
            return Vec::new();
        }
        let first = self.unsaved;
        let entries: Vec<Entry> = (first..)
            .map_while(|number| self.get(number))
            .take(count)
            .collect();
        self.unsaved += entries.len() as u64;
        log::chunk(first, &entries, rules)
    }

    /// Discards decisions for the log.
    pub(super) fn skip_log(&mut self) {
        self.unsaved = self.next;
    }

    /// Returns the number of remembered decisions.
    pub(super) fn len(&self) -> usize {
        (self.next - self.first) as usize
    }

    /// Returns the number of decisions made so far.
    pub(super) fn next(&self) -> u64 {
        self.next
    }
}

fn get(segments: &VecDeque<Vec<Entry>>, base: u64, number: u64) -> Option<Entry> {
    let place = usize::try_from(number.checked_sub(base)?).ok()?;
    segments.get(place / SEGMENT)?.get(place % SEGMENT).copied()
}

/// Returns the number with this lower half that is at least `base`.
fn full(base: u64, half: u32) -> u64 {
    base + u64::from(half.wrapping_sub(base as u32))
}

#[cfg(test)]
mod tests;
