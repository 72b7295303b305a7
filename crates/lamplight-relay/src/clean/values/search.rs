//! The combined search of a text.

use std::ops::Range;

use super::{ValuePattern, ValueSet, cards, emails, ipv4, numbers, tokens, urls};

/// All values to search for.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Search {
    /// The built-in sets.
    sets: Sets,
    /// Names of URL parameters.
    parameters: urls::Names,
    pub(in super::super) patterns: Vec<ValuePattern>,
}

/// Possible matches in bytes, and their range.
///
/// A message is examined once as a whole. The range is stored as addresses, so that texts in the
/// message without possible matches need not be examined again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Suspects {
    sets: Sets,
    /// The addresses of the examined bytes.
    bytes: (usize, usize),
    /// The address of the first possible match, and of the end of the last one.
    places: (usize, usize),
}

/// Kinds of values, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Sets(u8);

impl Sets {
    const CARDS: Self = Self(1);
    const EMAILS: Self = Self(2);
    const TOKENS: Self = Self(4);
    const IPV4: Self = Self(8);
    const PARAMETERS: Self = Self(16);
    const PATTERNS: Self = Self(32);
    /// Card numbers in numeric values.
    const NUMBERS: Self = Self(64);
    const ALL: Self = Self(127);

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Suspects {
    /// Returns whether there are no possible matches.
    pub(in super::super) const fn none(self) -> bool {
        self.sets.0 == 0
    }

    /// Returns the possible matches in a text: within the examined bytes, only those that were
    /// found there.
    fn within(self, text: &[u8]) -> Sets {
        let (start, end) = addresses(text);
        let was_looked_at = self.bytes.0 <= start && end <= self.bytes.1;
        let has_place = start < self.places.1 && self.places.0 < end;
        if was_looked_at && !has_place {
            return Sets::default();
        }
        self.sets
    }

    /// Adds possible matches in a range of `bytes`.
    fn add(&mut self, set: Sets, places: Option<Range<usize>>) {
        let Some(places) = places else {
            return;
        };
        let (start, end) = (self.bytes.0 + places.start, self.bytes.0 + places.end);
        self.places = match self.sets {
            Sets(0) => (start, end),
            _ => (self.places.0.min(start), self.places.1.max(end)),
        };
        self.sets.0 |= set.0;
    }
}

fn addresses(bytes: &[u8]) -> (usize, usize) {
    let start = bytes.as_ptr().addr();
    (start, start + bytes.len())
}

/// Buffers for reuse.
#[derive(Debug, Default)]
pub(in super::super) struct Scratch {
    found: Vec<Range<usize>>,
    decoded: Vec<u8>,
}

impl Search {
    pub(in super::super) fn add(&mut self, set: ValueSet) {
        let bit = match set {
            ValueSet::CardNumbers => Sets::CARDS,
            ValueSet::Emails => Sets::EMAILS,
            ValueSet::Ipv4 => Sets::IPV4,
            ValueSet::Tokens => {
                urls::CREDENTIALS
                    .iter()
                    .for_each(|name| self.add_parameter(name));
                Sets::TOKENS
            }
        };
        self.sets.0 |= bit.0;
    }

    pub(in super::super) fn add_parameter(&mut self, name: &str) {
        self.parameters.add(name);
    }

    /// Returns whether there is nothing to search for.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.sets.0 == 0 && self.parameters.is_empty() && self.patterns.is_empty()
    }

    /// Returns the possible matches in a text, or in texts within these bytes.
    pub(in super::super) fn suspects(&self, bytes: &[u8]) -> Suspects {
        self.look(Sets::ALL, bytes)
    }

    /// Returns which of the possible matches in a whole message may be in this part of it.
    pub(in super::super) fn suspects_among(&self, known: Suspects, bytes: &[u8]) -> Suspects {
        match known.within(bytes) {
            Sets(0) => Suspects::default(),
            sets => self.look(sets, bytes),
        }
    }

    /// Returns the possible matches of these sets in bytes.
    fn look(&self, sets: Sets, bytes: &[u8]) -> Suspects {
        let mut suspects = Suspects {
            bytes: addresses(bytes),
            ..Suspects::default()
        };
        let mut look = |set: Sets, suspect: fn(&[u8]) -> Option<Range<usize>>| {
            if sets.has(set) && self.sets.has(set) {
                suspects.add(set, suspect(bytes));
            }
        };
        look(Sets::CARDS, cards::suspect);
        look(Sets::EMAILS, emails::suspect);
        look(Sets::TOKENS, tokens::suspect);
        look(Sets::IPV4, ipv4::suspect);
        let encodes = self.sets.0 != 0 || !self.parameters.is_empty();
        if sets.has(Sets::PARAMETERS) && encodes {
            suspects.add(Sets::PARAMETERS, urls::suspect(bytes, &self.parameters));
        }
        if sets.has(Sets::NUMBERS) && self.sets.has(Sets::CARDS) {
            suspects.add(Sets::NUMBERS, numbers::suspect(bytes));
        }
        if sets.has(Sets::PATTERNS) {
            for pattern in &self.patterns {
                let first = pattern.suspect(bytes);
                suspects.add(Sets::PATTERNS, first.map(|first| first..bytes.len()));
            }
        }
        suspects
    }

    /// Writes a text with all matches masked. Returns whether there was a match; if not, nothing is
    /// written.
    pub(in super::super) fn mask(
        &self,
        text: &[u8],
        mask: &[u8],
        suspects: Suspects,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> bool {
        let Scratch { found, decoded } = scratch;
        let suspects = suspects.within(text);
        if suspects.0 == 0 {
            return false;
        }
        found.clear();
        if suspects.has(Sets::PARAMETERS) {
            let is_secret = |value: &[u8]| self.is_in(value);
            urls::find(text, &self.parameters, decoded, is_secret, found);
        }
        self.find(text, suspects, found);
        if found.is_empty() {
            return false;
        }
        found.sort_unstable_by_key(|range| range.start);
        let mut done = 0;
        for range in found.iter() {
            if range.start >= done {
                out.extend_from_slice(text.get(done..range.start).unwrap_or_default());
                out.extend_from_slice(mask);
            }
            // Overlapping matches are merged.
            done = done.max(range.end);
        }
        out.extend_from_slice(text.get(done..).unwrap_or_default());
        true
    }

    /// Returns whether the digits of a number contain a match.
    pub(in super::super) fn is_in_number(&self, number: i64, suspects: Suspects) -> bool {
        let sets = suspects.sets;
        let patterns = sets.0 & Sets::PATTERNS.0;
        let cards = match sets.has(Sets::NUMBERS) {
            true => Sets::CARDS.0,
            false => 0,
        };
        if patterns | cards == 0 {
            return false;
        }
        let mut found = Vec::new();
        let digits = number.to_string();
        self.find(digits.as_bytes(), Sets(patterns | cards), &mut found);
        !found.is_empty()
    }

    fn find(&self, text: &[u8], suspects: Sets, found: &mut Vec<Range<usize>>) {
        let mut look = |set: Sets, find: fn(&[u8], &mut Vec<Range<usize>>)| {
            if self.sets.has(set) && suspects.has(set) {
                find(text, found);
            }
        };
        look(Sets::CARDS, cards::find);
        look(Sets::EMAILS, emails::find);
        look(Sets::TOKENS, tokens::find);
        look(Sets::IPV4, ipv4::find);
        if suspects.has(Sets::PATTERNS) {
            for pattern in self
                .patterns
                .iter()
                .filter(|pattern| pattern.suspect(text).is_some())
            {
                let matches = pattern.regex.find_iter(text).map(|found| found.range());
                let matches = matches.filter(|range| !range.is_empty());
                found.extend(matches.map(|range| whole_characters(text, range)));
            }
        }
    }

    /// Returns whether a decoded value contains a match.
    fn is_in(&self, value: &[u8]) -> bool {
        let mut found = Vec::new();
        self.find(value, self.suspects(value).sets, &mut found);
        !found.is_empty()
    }
}

/// Extends a range to whole characters: an expression on bytes may match part of a character, but
/// the output must be valid text.
fn whole_characters(text: &[u8], range: Range<usize>) -> Range<usize> {
    let goes_on = |byte: &&u8| **byte & 0xc0 == 0x80;
    let before = text.get(..range.start).unwrap_or_default();
    let rest = text.get(range.end..).unwrap_or_default();
    let is_torn = text.get(range.start).is_some_and(|byte| goes_on(&byte));
    let start = match is_torn {
        true => before.iter().rev().take(3).take_while(goes_on).count() + 1,
        false => 0,
    };
    let end = rest.iter().take(3).take_while(goes_on).count();
    range.start.saturating_sub(start)..range.end + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn search() -> Search {
        let mut search = Search::default();
        search.add(ValueSet::CardNumbers);
        search.add(ValueSet::Emails);
        search.add(ValueSet::Tokens);
        search.add(ValueSet::Ipv4);
        search.patterns.push(
            ValuePattern::new("ACME-[0-9]+")
                .unwrap()
                .containing("ACME-"),
        );
        search
    }

    fn masked(text: &str) -> String {
        let (search, mut out) = (search(), Vec::new());
        let suspects = search.suspects(text.as_bytes());
        let changed = search.mask(
            text.as_bytes(),
            b"*",
            suspects,
            &mut Scratch::default(),
            &mut out,
        );
        if changed {
            String::from_utf8(out).unwrap()
        } else {
            text.to_owned()
        }
    }

    #[test]
    fn everything_that_is_found_is_masked_once() {
        assert_eq!(
            masked("4242424242424242 of jan@example.com at 10.0.0.1"),
            "* of * at *"
        );
        assert_eq!(masked("order ACME-17 and ACME-18"), "order * and *");
        assert_eq!(masked("/q?token=jan@example.com&x=1"), "/q?token=*&x=1");
        assert_eq!(
            masked("/q?card=4242%204242%204242%204242&x=1"),
            "/q?card=*&x=1"
        );
        assert_eq!(masked("/q?card=4242+4242+4242+4242"), "/q?card=*");
        assert_eq!(masked("nothing of 17 here"), "nothing of 17 here");
    }

    #[test]
    fn a_pattern_that_finds_nothing_long_changes_nothing() {
        let mut search = Search::default();
        search.patterns.push(ValuePattern::new("x*").unwrap());
        let mut out = Vec::new();
        let suspects = search.suspects(b"abc");
        assert!(!search.mask(b"abc", b"*", suspects, &mut Scratch::default(), &mut out));
    }

    #[test]
    fn a_pattern_of_bytes_tears_no_character() {
        let mut search = Search::default();
        let pattern = ValuePattern::new(r"(?-u)[\x80-\xbf]").unwrap();
        search.patterns.push(pattern);
        for text in ["é", "a日b", "𝄞", "aé日𝄞"] {
            let (text, mut out) = (text.as_bytes(), Vec::new());
            let suspects = search.suspects(text);
            search.mask(text, b"*", suspects, &mut Scratch::default(), &mut out);
            assert!(std::str::from_utf8(&out).unwrap().is_ascii(), "{out:?}");
        }
    }

    #[test]
    fn numbers_are_searched_by_their_digits() {
        let mut search = search();
        let all = Suspects {
            sets: Sets::ALL,
            ..Suspects::default()
        };
        let is_in = |search: &Search, number| search.is_in_number(number, all);
        assert!(is_in(&search, 4_242_424_242_424_242) && is_in(&search, -4_242_424_242_424_242));
        assert!(!is_in(&search, 4_242_424_242_424_241) && !is_in(&search, 17));
        search.patterns.push(ValuePattern::new("^17$").unwrap());
        assert!(is_in(&search, 17));
    }

    proptest! {
        /// A possible match in the whole is also one in its part, and the output is valid text.
        #[test]
        fn text_stays_text(text in "[a-e0-9@.%=&? -é]{0,80}") {
            let _ = masked(&text);
        }

        #[test]
        fn any_bytes_are_searched(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let search = search();
            let suspects = Suspects { sets: Sets::ALL, ..Suspects::default() };
            search.mask(&bytes, b"*", suspects, &mut Scratch::default(), &mut Vec::new());
            search.suspects(&bytes);
        }

        /// Bytes around a text never hide a possible match in it or its place: the text is preceded
        /// by its length, of which one byte may look like part of the text, and followed by
        /// arbitrary data.
        #[test]
        fn what_is_in_a_part_is_known_of_the_whole(
            before in proptest::collection::vec(any::<u8>(), 0..40),
            length in prop_oneof![any::<u8>(), prop::sample::select(b"=%@.0 -a".to_vec())],
            text in prop_oneof![
                "[45][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}",
                "3[0-9]{3} [0-9]{6} [0-9]{5}",
                "([0-9]{3,6}[ -]){2,5}[0-9]{3,6}",
                "[a-z]@b.co", "[a-z]%40b.co", "10.0.0.[0-9]", "eyJ[a-z]{8}.[a-z]{4}", "ghp_[a-z]{36}",
                "/p\\?token=[a-z%]{1,9}", "q=[a-z]{1,9}%40[a-z]{1,9}.co", "ACME-[0-9]",
            ],
            after in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let search = search();
            let (mut alone, mut told) = (Vec::new(), Vec::new());
            let all = Suspects { sets: Sets::ALL, ..Suspects::default() };
            let scratch = &mut Scratch::default();
            search.mask(text.as_bytes(), b"*", all, scratch, &mut alone);
            let whole = [before.as_slice(), &[0x0a, length], text.as_bytes(), after.as_slice()].concat();
            let suspects = search.suspects(&whole);
            let start = before.len() + 2;
            let part = whole.get(start..start + text.len()).unwrap();
            search.mask(part, b"*", suspects, scratch, &mut told);
            prop_assert_eq!(&told, &alone);
            told.clear();
            search.mask(part, b"*", search.suspects_among(suspects, part), scratch, &mut told);
            prop_assert_eq!(&told, &alone);
        }
    }

    #[test]
    fn what_was_not_looked_at_is_searched() {
        let (search, message) = (search(), "nothing of 17 here, and jan@example.com");
        let suspects = search.suspects(message.as_bytes());
        let mask = |text: &str| {
            let mut out = Vec::new();
            search.mask(
                text.as_bytes(),
                b"*",
                suspects,
                &mut Scratch::default(),
                &mut out,
            );
            String::from_utf8(out).unwrap()
        };
        assert_eq!(mask(message.get(..18).unwrap()), "");
        assert_eq!(mask(message.get(20..).unwrap()), "and *");
        assert_eq!(mask(&String::from("to jan@example.com")), "to *");
    }
}
