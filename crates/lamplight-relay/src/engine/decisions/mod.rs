//! What was decided, for spans that come late, and for the log.

mod entry;
mod log;

use std::collections::VecDeque;

use hashbrown::HashTable;

use super::CheckpointError;
use crate::rules::Rules;
pub(super) use entry::{Entry, Outcome};

/// How many entries are allocated at once.
const SEGMENT: usize = 4096;

/// How many ticks share a mark.
const TICKS_PER_MARK: u32 = 64;

/// The decisions of a shard that are remembered, in their order, each with a number; and those that are not in
/// the log yet.
///
/// A tick forgets what is older than the late window, and what is too much. Never in between, so
/// that it is known of any tick what was remembered at it.
#[derive(Debug, Clone, Default)]
pub(super) struct Decisions {
    segments: VecDeque<Vec<Entry>>,
    /// The number of the first entry in the segments.
    base: u64,
    /// The number of the first entry that is remembered.
    first: u64,
    /// The number of the next.
    next: u64,
    /// The number of the first that is not in the log.
    unsaved: u64,
    /// The lower halves of numbers, by key.
    index: HashTable<u32>,
    /// Ticks, and the number of the first decision at them or later.
    marks: VecDeque<(u32, u64)>,
}

impl Decisions {
    /// Returns the decisions of a log from number `first` to before `end`, with the rules that there are now.
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

    /// Returns the decisions of several shards, by their ticks, each once: parents that came of one shard have its
    /// decisions both. None of them is in the log of the shard they are for.
    ///
    /// One that several have is where the last of them has it. Behind it is then all that is behind it in any of
    /// them, and the newest of all are the same ones, whether the shards forgot the others before or not.
    pub(super) fn merged(all: &[&Self]) -> Self {
        let mut entries = Vec::new();
        let mut rest = all;
        while let Some((one, later)) = rest.split_first() {
            let has_later = |entry: &Entry| later.iter().any(|later| later.has(*entry));
            entries.extend(one.entries().filter(|entry| !has_later(entry)));
            rest = later;
        }
        // Stable: of those of one tick none comes before one that it was behind.
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

    /// Forgets at a tick what is older than the late window, and of what was decided before the tick what
    /// is more than `max`. Returns how many were too many.
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
        // What is not in the log yet stays until it is.
        while self.base + SEGMENT as u64 <= self.first.min(self.unsaved) {
            self.segments.pop_front();
            self.base += SEGMENT as u64;
        }
        forgotten
    }

    /// Returns the latest decision of a key that is remembered.
    pub(super) fn find(&self, key: u64) -> Option<Entry> {
        self.numbers(key).max().and_then(|number| self.get(number))
    }

    /// Returns the decision of a key that was made at this tick by the parent in this place among those that were
    /// [merged](Self::merged): several may have decided one trace then, each by what it knew.
    pub(super) fn find_of(&self, key: u64, tick: u32, parent: usize) -> Option<Entry> {
        let is_then = |number: &u64| self.get(*number).is_some_and(|entry| entry.tick == tick);
        let mut numbers: Vec<u64> = self.numbers(key).filter(is_then).collect();
        numbers.sort_unstable();
        // Where all that did decided the same, there is one.
        let number = numbers.get(parent).or(numbers.last())?;
        self.get(*number)
    }

    /// Returns the decision of a key that held for a record of this tick, of all decisions before and after
    /// it: the latest of those before it that were remembered, or else the first behind it.
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

    /// Returns the number of the first decision that was made at this tick or later.
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

    /// Returns a number that is not above that of the first decision at this tick or later, and `max` less
    /// if these are what matters then; and forgets where decisions before it began.
    pub(super) fn needed_from(&self, tick: u32) -> u64 {
        let mark = self.marks.iter().rev().find(|mark| mark.0 <= tick);
        mark.or(self.marks.front()).map_or(self.next, |mark| mark.1)
    }

    /// Forgets marks that are not needed for this tick or later ones.
    pub(super) fn forget_marks(&mut self, tick: u32) {
        while self.marks.get(1).is_some_and(|second| second.0 <= tick) {
            self.marks.pop_front();
        }
    }

    /// Returns decisions that are not in the log yet, as a chunk for it; empty where there are none.
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

    /// Keeps nothing for the log.
    pub(super) fn skip_log(&mut self) {
        self.unsaved = self.next;
    }

    /// Returns how many are remembered.
    pub(super) fn len(&self) -> usize {
        (self.next - self.first) as usize
    }

    /// Returns how many were ever made.
    pub(super) fn next(&self) -> u64 {
        self.next
    }
}

fn get(segments: &VecDeque<Vec<Entry>>, base: u64, number: u64) -> Option<Entry> {
    let place = usize::try_from(number.checked_sub(base)?).ok()?;
    segments.get(place / SEGMENT)?.get(place % SEGMENT).copied()
}

/// Returns the number with this lower half that is not below `base`.
fn full(base: u64, half: u32) -> u64 {
    base + u64::from(half.wrapping_sub(base as u32))
}

#[cfg(test)]
mod tests;
