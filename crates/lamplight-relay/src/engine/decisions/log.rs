//! The decision log.
//!
//! A chunk contains the names of the decisive rules, since their numbers refer to the rules at that
//! time: another configuration may have other rules, or another order.

use std::collections::BTreeSet;

use super::entry::{Entry, SIZE};
use crate::{
    engine::CheckpointError,
    rules::{RuleId, Rules},
};

/// The start of a chunk, followed by a byte with the version.
const MAGIC: &[u8; 3] = b"LLD";

/// The version that is written. Chunks of version 1 have no names: their decisive rules are
/// unknown.
const VERSION: u8 = 2;

/// Maximum number of decisions in a chunk: 256 KiB of them.
pub(super) const CHUNK: usize = (256 << 10) / SIZE - 1;

/// Returns a chunk of decisions. Its header of 16 bytes contains the number of decisions and the
/// number of the first one. The decisions follow, then the total length of the names in bytes, and
/// for each rule its number, the length of its name, and the name.
pub(super) fn chunk(first: u64, entries: &[Entry], rules: &Rules) -> Vec<u8> {
    let mut names = Vec::new();
    let ids: BTreeSet<RuleId> = entries.iter().filter_map(|entry| entry.rule()).collect();
    for rule in ids {
        let name = rules.name(rule).as_bytes();
        names.extend(rule.index().to_be_bytes());
        // A name has at most 200 bytes.
        names.extend((name.len() as u16).to_be_bytes());
        names.extend(name);
    }
    let mut chunk = Vec::with_capacity(SIZE + entries.len() * SIZE + 4 + names.len());
    chunk.extend(MAGIC);
    chunk.push(VERSION);
    chunk.extend((entries.len() as u32).to_be_bytes());
    chunk.extend(first.to_be_bytes());
    for entry in entries {
        chunk.extend(entry.to_bytes());
    }
    chunk.extend((names.len() as u32).to_be_bytes());
    chunk.extend(names);
    chunk
}

/// Returns the decisions of a log from number `first` to before `end`. For decisions in several
/// chunks the last chunk wins; decisions outside of the range are ignored. Each one has the rule
/// with the name of its decisive rule, or none if that rule no longer exists.
///
/// # Errors
///
/// Returns an error if a chunk is invalid, or if a decision is missing.
pub(super) fn entries(
    log: &[impl AsRef<[u8]>],
    first: u64,
    end: u64,
    rules: &Rules,
) -> Result<Vec<Entry>, CheckpointError> {
    let count = usize::try_from(end.saturating_sub(first)).map_err(|_| CheckpointError::Log)?;
    let mut found = Vec::new();
    for mut bytes in log.iter().map(AsRef::as_ref) {
        while let Some((chunk, rest)) = split(bytes)? {
            bytes = rest;
            let known = rules_of(chunk.names, rules)?;
            for (number, entry) in (chunk.first..).zip(chunk.entries) {
                let place = number.checked_sub(first).map(usize::try_from);
                let Some(Ok(place)) = place.filter(|_| number < end) else {
                    continue;
                };
                if found.len() <= place {
                    // Bounded by the size of the log, unless decisions are missing.
                    if place > found.len() + log_size(log) / SIZE {
                        return Err(CheckpointError::Missing(first + found.len() as u64));
                    }
                    found.resize(place + 1, None);
                }
                if let Some(found) = found.get_mut(place) {
                    let entry = Entry::from_bytes(*entry);
                    let rule = entry.rule().and_then(|then| {
                        let mut known = known.iter();
                        known.find(|(id, _)| *id == then).map(|(_, now)| *now)
                    });
                    *found = Some(entry.with_rule(rule));
                }
            }
        }
    }
    let missing = found
        .iter()
        .position(Option::is_none)
        .unwrap_or(found.len());
    if missing < count {
        return Err(CheckpointError::Missing(first + missing as u64));
    }
    Ok(found.into_iter().flatten().collect())
}

/// Returns the rules named in a chunk that still exist: their former numbers, and their current
/// ones.
fn rules_of(mut names: &[u8], rules: &Rules) -> Result<Vec<(RuleId, RuleId)>, CheckpointError> {
    let mut known = Vec::new();
    while !names.is_empty() {
        let (then, name, rest) = split_name(names).ok_or(CheckpointError::Log)?;
        names = rest;
        let mut now = (0..).map(RuleId::new).zip(rules.names());
        known.extend(
            now.find(|(_, other)| other.as_bytes() == name)
                .map(|(now, _)| (then, now)),
        );
    }
    Ok(known)
}

fn split_name(bytes: &[u8]) -> Option<(RuleId, &[u8], &[u8])> {
    let (then, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (name, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    Some((RuleId::new(u16::from_be_bytes(*then)), name, rest))
}

fn log_size(log: &[impl AsRef<[u8]>]) -> usize {
    log.iter().map(|chunk| chunk.as_ref().len()).sum()
}

struct Chunk<'a> {
    first: u64,
    entries: &'a [[u8; SIZE]],
    names: &'a [u8],
}

fn split(bytes: &[u8]) -> Result<Option<(Chunk<'_>, &[u8])>, CheckpointError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let parts = || {
        let (version, rest) = bytes.strip_prefix(MAGIC)?.split_first()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        let (entries, rest) = rest.split_at_checked(length.checked_mul(SIZE)?)?;
        let (names, rest) = match *version {
            1 => (&[][..], rest),
            VERSION => {
                let (length, rest) = rest.split_first_chunk()?;
                rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?
            }
            _ => return None,
        };
        let chunk = Chunk {
            first: u64::from_be_bytes(*first),
            entries: entries.as_chunks().0,
            names,
        };
        Some((chunk, rest))
    };
    parts().map(Some).ok_or(CheckpointError::Log)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::{Condition, Rule};

    fn decisions(from: u64, to: u64) -> Vec<Entry> {
        let entry = |key: u64| {
            let mut bytes = [0; SIZE];
            *bytes.first_chunk_mut().unwrap() = key.to_be_bytes();
            Entry::from_bytes(bytes).with_rule(Some(RuleId::new(0)))
        };
        (from..to).map(entry).collect()
    }

    fn rules(names: &[&str]) -> Rules {
        let rule = |name: &&str| Rule::keep(*name, Condition::always());
        let rules = Rules::builder().rules(names.iter().map(rule));
        rules.build().unwrap()
    }

    fn written(from: u64, to: u64) -> Vec<u8> {
        chunk(from, &decisions(from, to), &rules(&["one"]))
    }

    fn entries(
        log: &[impl AsRef<[u8]>],
        first: u64,
        end: u64,
    ) -> Result<Vec<Entry>, CheckpointError> {
        super::entries(log, first, end, &rules(&["one"]))
    }

    #[test]
    fn a_log_is_read_from_chunks_that_overlap_and_reach_further() {
        let log = [
            written(0, 4),
            [written(4, 6), written(5, 9)].concat(),
            written(12, 14),
        ];
        assert_eq!(entries(&log, 2, 8), Ok(decisions(2, 8)));
        assert_eq!(entries(&log, 9, 9), Ok(Vec::new()));
        assert_eq!(entries(&log, 2, 13), Err(CheckpointError::Missing(9)));
        assert_eq!(entries(&log, 2, u64::MAX), Err(CheckpointError::Missing(9)));
        assert_eq!(
            entries(&[written(u64::MAX - 2, u64::MAX)], 0, u64::MAX),
            Err(CheckpointError::Missing(0))
        );
    }

    #[test]
    fn decisions_of_other_rules_have_the_rule_of_the_same_name_or_none() {
        let [one, two] = [0, 1].map(|number| {
            let [decision] = decisions(number, number + 1)[..] else {
                panic!("one decision");
            };
            decision.with_rule(Some(RuleId::new(number as u16)))
        });
        let none = decisions(2, 3)[0].with_rule(None);
        let log = [
            chunk(0, &[one, two], &rules(&["one", "two"])),
            // From a process with other rules: the same numbers with other names.
            chunk(2, &[none, one, two], &rules(&["two", "three"])),
        ];
        let found = super::entries(&log, 0, 5, &rules(&["zero", "two", "one"])).unwrap();
        let found: Vec<_> = found.iter().map(|entry| entry.rule()).collect();
        let [one, two] = [2, 1].map(|rule| Some(RuleId::new(rule)));
        assert_eq!(found, [one, two, None, two, None]);
    }

    #[test]
    fn a_log_of_version_1_is_read_and_its_rules_are_not_known() {
        let new = written(3, 5);
        let length = SIZE + 2 * SIZE;
        let old = [b"LLD\x01", &new[4..length]].concat();
        let expected: Vec<_> = decisions(3, 6)
            .into_iter()
            .map(|entry| entry.with_rule(entry.rule().filter(|_| entry.key == 5)))
            .collect();
        assert_eq!(entries(&[old, written(5, 6)], 3, 6), Ok(expected));
        let newer = [b"LLD\x03", &new[4..]].concat();
        assert_eq!(entries(&[newer], 3, 5), Err(CheckpointError::Log));
    }

    #[test]
    fn a_chunk_that_was_cut_off_is_none() {
        let log = written(0, 4);
        for length in 1..log.len() {
            let cut = log.get(..length).unwrap();
            assert_eq!(entries(&[cut], 0, 4), Err(CheckpointError::Log));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_log_or_an_error(
            log in proptest::collection::vec(any::<u8>(), 0..100),
            head in any::<bool>(),
            first: u64,
            end: u64,
        ) {
            let head = if head { &b"LLD\x02"[..] } else { b"" };
            let _ = entries(&[[head, &log].concat()], first, end);
        }
    }
}
