//! Filters for blocks of spans.
//!
//! Spans are grouped in blocks by arrival. For each full block, filters are stored: the values of
//! each key, the trigrams of texts, the ranges of numbers, and the values that all its spans have
//! in common. A block that its filters rule out is not read; any other block is.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use rusqlite::Connection;

use super::{
    common::{self, Common},
    hash::{IsHash, hash, mix},
};
use crate::{
    span::{Span, Value},
    store::{
        Condition, StoreError,
        condition::{attributes, texts},
    },
};

/// Number of spans in a block.
pub(super) const BLOCK: i64 = 1024;

/// More than the possible number of blocks.
pub(super) const BLOCKS: i64 = 1 << 40;

/// Size of the trigram filter, in bytes.
const LETTERS: usize = 8192;

/// Seed of the hash of a key.
const KEY: u64 = 1;

/// Seed of the hash of texts other than attributes.
const NO_KEY: u64 = 2;

/// Invocations have their own filters, since they are few and queried most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Invocations,
    Others,
}

/// The subject of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Values,
    Letters,
    Numbers,
    Common,
}

/// Returns the id of the first block's filter; those of other blocks follow.
const fn place(class: Class, about: About) -> i64 {
    let about = match about {
        About::Values => 0,
        About::Letters => 2,
        About::Numbers => 4,
        About::Common => 6,
    };
    let class = match class {
        Class::Invocations => 0,
        Class::Others => 1,
    };
    (about + class) * BLOCKS
}

/// Returns the ids at which the filters of each kind begin.
pub(super) fn places() -> impl Iterator<Item = i64> {
    let all = [About::Values, About::Letters, About::Numbers, About::Common];
    all.into_iter().flat_map(|about| {
        [
            place(Class::Invocations, about),
            place(Class::Others, about),
        ]
    })
}

/// The filters of the current block.
#[derive(Debug, Default)]
pub(super) struct Open {
    invocations: Growing,
    others: Growing,
    /// Buffer for values as text, to save allocations.
    text: String,
}

/// The filters of a class of spans.
#[derive(Debug, Default)]
struct Growing {
    values: HashSet<u64, IsHash>,
    letters: Vec<u8>,
    numbers: HashMap<u64, (f64, f64), IsHash>,
    origins: HashSet<i64>,
    common: Common,
}

impl Open {
    /// Adds a span.
    pub(super) fn add(&mut self, span: &Span, class: Class, origin: i64) {
        let growing = match class {
            Class::Invocations => &mut self.invocations,
            Class::Others => &mut self.others,
        };
        growing.letters.resize(LETTERS, 0);
        for text in texts(span) {
            growing.add_text(NO_KEY, text);
        }
        let is_known = !growing.origins.insert(origin);
        let shared = &span.resource.attributes;
        for attributes in attributes(span) {
            let is_shared = std::ptr::eq(attributes, shared);
            if is_known && is_shared {
                continue;
            }
            growing.common.begin();
            for attribute in attributes {
                let key = hash(KEY, attribute.key.as_bytes());
                if let Some(number) = attribute.value.number().filter(|it| !it.is_nan()) {
                    let bounds = growing.numbers.entry(key).or_insert((number, number));
                    *bounds = (bounds.0.min(number), bounds.1.max(number));
                }
                let value = if let Value::String(value) = &attribute.value {
                    growing.add_text(key, value)
                } else {
                    self.text.clear();
                    // Writing to a string cannot fail.
                    let _ = write!(self.text, "{}", attribute.value);
                    growing.add_text(key, &self.text)
                };
                if !is_shared {
                    growing.common.add(key, value);
                }
            }
        }
        growing.common.end();
    }

    /// Stores the filters of a block, and starts another one.
    pub(super) fn store(&mut self, connection: &Connection, block: i64) -> rusqlite::Result<()> {
        let mut insert = connection
            .prepare_cached("INSERT OR REPLACE INTO filters(id, filter) VALUES (?1, ?2)")?;
        let both = [
            (Class::Invocations, &mut self.invocations),
            (Class::Others, &mut self.others),
        ];
        for (class, growing) in both {
            if growing.letters.is_empty() {
                continue;
            }
            insert.execute((place(class, About::Values) + block, growing.values()))?;
            insert.execute((place(class, About::Letters) + block, &growing.letters))?;
            insert.execute((place(class, About::Numbers) + block, growing.numbers()))?;
            insert.execute((place(class, About::Common) + block, growing.common.bytes()))?;
            *growing = Growing::default();
        }
        Ok(())
    }
}

impl Growing {
    /// Adds a text, and returns its hash.
    fn add_text(&mut self, seed: u64, text: &str) -> u64 {
        let value = hash(seed, text.as_bytes());
        if !self.values.insert(value) {
            return value;
        }
        for run in text.as_bytes().windows(3) {
            if let Some((byte, bit)) = letters(run)
                && let Some(byte) = self.letters.get_mut(byte)
            {
                *byte |= bit;
            }
        }
        value
    }

    /// A Bloom filter with at least ten bits per value.
    fn values(&self) -> Vec<u8> {
        let bits = (self.values.len() * 10).next_power_of_two().max(64);
        let mut filter = vec![0; bits / 8];
        for value in &self.values {
            for (byte, bit) in probes(*value, bits) {
                if let Some(byte) = filter.get_mut(byte) {
                    *byte |= bit;
                }
            }
        }
        filter
    }

    /// The hash of each key, with its minimum and maximum.
    fn numbers(&self) -> Vec<u8> {
        let each = self.numbers.iter();
        each.flat_map(|(key, (least, largest))| {
            [
                key.to_le_bytes(),
                least.to_le_bytes(),
                largest.to_le_bytes(),
            ]
        })
        .flatten()
        .collect()
    }
}

/// Returns the positions of a value in a filter whose number of bits is a power of two.
fn probes(value: u64, bits: usize) -> impl Iterator<Item = (usize, u8)> {
    let step = mix(value) | 1;
    let mask = bits.saturating_sub(1);
    (0..4_u64).map(move |probe| {
        let at = value.wrapping_add(probe.wrapping_mul(step)) >> 16;
        let at = usize::try_from(at).unwrap_or_default() & mask;
        (at / 8, 1 << (at % 8))
    })
}

/// Returns the position of a trigram, regardless of case.
fn letters(run: &[u8]) -> Option<(usize, u8)> {
    let [a, b, c] = run else {
        return None;
    };
    let number = [a, b, c].into_iter().fold(0, |number, letter| {
        number << 8 | u64::from(letter.to_ascii_lowercase())
    });
    let at = usize::try_from(mix(number) >> 48).ok()? % (LETTERS * 8);
    Some((at / 8, 1 << (at % 8)))
}

/// Blocks that may have matching spans.
#[derive(Debug)]
pub(super) struct Blocks {
    first: i64,
    /// True for each block that may, starting with the first one; all later blocks may.
    may: Vec<bool>,
}

impl Blocks {
    /// Returns the blocks that may have a span of one of the classes that meets all conditions.
    /// Nothing is known about blocks from `open` on.
    pub(super) fn find(
        connection: &Connection,
        conditions: &[Condition],
        classes: &[Class],
        open: i64,
    ) -> Result<Self, StoreError> {
        let first = connection.query_row("SELECT min(id) FROM spans", [], |row| row.get(0));
        let first = first.map(|id: Option<i64>| id.unwrap_or_default() / BLOCK)?;
        let length = usize::try_from(open - first).unwrap_or_default();
        let mut any = vec![false; length];
        for class in classes {
            let mut all = vec![true; length];
            for condition in conditions {
                narrow(connection, condition, *class, first, &mut all)?;
            }
            for (any, may) in any.iter_mut().zip(all) {
                *any |= may;
            }
        }
        Ok(Self { first, may: any })
    }

    /// Returns whether the block of a span may match.
    pub(super) fn may(&self, id: i64) -> bool {
        self.may_between(id, id)
    }

    /// Returns whether any block of these spans may match.
    pub(super) fn may_between(&self, first: i64, last: i64) -> bool {
        let place = |id: i64| usize::try_from(id / BLOCK - self.first).unwrap_or_default();
        match self.may.get(place(first)..=place(last)) {
            Some(blocks) => blocks.contains(&true),
            None => true,
        }
    }
}

/// A test of a filter: returns whether its block may have a matching span.
type Test = dyn Fn(&[u8]) -> bool;

/// Keeps only the blocks that may have a matching span.
fn narrow(
    connection: &Connection,
    condition: &Condition,
    class: Class,
    first: i64,
    blocks: &mut [bool],
) -> Result<(), StoreError> {
    let (about, may): (_, Box<Test>) = match condition {
        Condition::NotEqual(key, value) => {
            let value = hash(hash(KEY, key.as_bytes()), value.as_bytes());
            let may = move |filter: &[u8]| !common::has(filter, value);
            (About::Common, Box::new(may))
        }
        Condition::Equal(key, value) => {
            let value = hash(hash(KEY, key.as_bytes()), value.as_bytes());
            (
                About::Values,
                Box::new(move |filter| has_value(filter, value)),
            )
        }
        Condition::Text(text) => {
            let runs: Vec<_> = text.as_bytes().windows(3).filter_map(letters).collect();
            (
                About::Letters,
                Box::new(move |filter| has_all(filter, &runs)),
            )
        }
        Condition::Greater(key, than) => {
            let (key, than) = (hash(KEY, key.as_bytes()), *than);
            let may = move |filter: &[u8]| bounds(filter, key).is_some_and(|it| it.1 > than);
            (About::Numbers, Box::new(may))
        }
        Condition::Less(key, than) => {
            let (key, than) = (hash(KEY, key.as_bytes()), *than);
            let may = move |filter: &[u8]| bounds(filter, key).is_some_and(|it| it.0 < than);
            (About::Numbers, Box::new(may))
        }
    };
    let begin = place(class, about) + first;
    let end = begin + i64::try_from(blocks.len()).unwrap_or_default();
    let mut found = vec![false; blocks.len()];
    let mut select =
        connection.prepare_cached("SELECT id, filter FROM filters WHERE id >= ?1 AND id < ?2")?;
    let mut rows = select.query((begin, end))?;
    while let Some(row) = rows.next()? {
        let at = usize::try_from(row.get::<_, i64>(0)? - begin).unwrap_or_default();
        let filter = row.get_ref(1)?.as_blob().unwrap_or_default();
        if let Some(found) = found.get_mut(at) {
            *found = may(filter);
        }
    }
    for (block, found) in blocks.iter_mut().zip(found) {
        *block &= found;
    }
    Ok(())
}

fn has_value(filter: &[u8], value: u64) -> bool {
    has_all(filter, &probes(value, filter.len() * 8).collect::<Vec<_>>())
}

fn has_all(filter: &[u8], places: &[(usize, u8)]) -> bool {
    places
        .iter()
        .all(|(byte, bit)| filter.get(*byte).is_some_and(|byte| byte & bit != 0))
}

fn bounds(filter: &[u8], key: u64) -> Option<(f64, f64)> {
    let (words, _) = filter.as_chunks::<8>();
    let (each, _) = words.as_chunks::<3>();
    let [_, least, largest] = each.iter().find(|it| it[0] == key.to_le_bytes())?;
    Some((f64::from_le_bytes(*least), f64::from_le_bytes(*largest)))
}
