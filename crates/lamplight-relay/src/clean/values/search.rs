//! All searches over a text.

use std::ops::Range;

use super::{ValuePattern, ValueSet, cards, emails, ipv4, numbers, tokens, urls};

/// All that is searched for.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Search {
    /// The ready-made sets.
    sets: Suspects,
    /// Names of parameters of URLs, in lower case.
    parameters: Vec<Box<[u8]>>,
    pub(in super::super) patterns: Vec<ValuePattern>,
}

/// What may be in a text: bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in super::super) struct Suspects(u8);

impl Suspects {
    const CARDS: Self = Self(1);
    const EMAILS: Self = Self(2);
    const TOKENS: Self = Self(4);
    const IPV4: Self = Self(8);
    const PARAMETERS: Self = Self(16);
    const PATTERNS: Self = Self(32);
    /// Numbers of cards that are no text.
    const NUMBERS: Self = Self(64);

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns whether there can be nothing.
    pub(in super::super) const fn none(self) -> bool {
        self.0 == 0
    }
}

/// What a search needs over and over.
#[derive(Debug, Default)]
pub(in super::super) struct Scratch {
    found: Vec<Range<usize>>,
    decoded: Vec<u8>,
}

impl Search {
    pub(in super::super) fn add(&mut self, set: ValueSet) {
        let bit = match set {
            ValueSet::CardNumbers => Suspects::CARDS,
            ValueSet::Emails => Suspects::EMAILS,
            ValueSet::Ipv4 => Suspects::IPV4,
            ValueSet::Tokens => {
                urls::CREDENTIALS
                    .iter()
                    .for_each(|name| self.add_parameter(name));
                Suspects::TOKENS
            }
        };
        self.sets.0 |= bit.0;
    }

    pub(in super::super) fn add_parameter(&mut self, name: &str) {
        let name = name.to_ascii_lowercase().into_bytes();
        self.parameters.push(name.into());
    }

    /// Returns whether nothing is searched for.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.sets.none() && self.parameters.is_empty() && self.patterns.is_empty()
    }

    /// Returns what may be in a text, or in texts that are parts of these bytes.
    pub(in super::super) fn suspects(&self, bytes: &[u8]) -> Suspects {
        self.suspects_among(Suspects(u8::MAX), bytes)
    }

    /// Returns what of `known`, which may be in all of a message, may be in these bytes of it.
    pub(in super::super) fn suspects_among(&self, known: Suspects, bytes: &[u8]) -> Suspects {
        let mut suspects = 0;
        let mut look = |set: Suspects, suspect: fn(&[u8]) -> bool| {
            if known.has(set) && self.sets.has(set) && suspect(bytes) {
                suspects |= set.0;
            }
        };
        look(Suspects::CARDS, cards::suspect);
        look(Suspects::EMAILS, emails::suspect);
        look(Suspects::TOKENS, tokens::suspect);
        look(Suspects::IPV4, ipv4::suspect);
        let encodes = self.sets.0 != 0 || !self.parameters.is_empty();
        if known.has(Suspects::PARAMETERS) && encodes && urls::suspect(bytes, &self.parameters) {
            suspects |= Suspects::PARAMETERS.0;
        }
        let has_cards = known.has(Suspects::NUMBERS) && self.sets.has(Suspects::CARDS);
        if has_cards && numbers::suspect(bytes) {
            suspects |= Suspects::NUMBERS.0;
        }
        let mut patterns = self.patterns.iter();
        if known.has(Suspects::PATTERNS) && patterns.any(|pattern| pattern.suspects(bytes)) {
            suspects |= Suspects::PATTERNS.0;
        }
        Suspects(suspects)
    }

    /// Writes a text with what is found in it masked. Returns whether anything was; where not, nothing is
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
        found.clear();
        if suspects.has(Suspects::PARAMETERS) {
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
            // What overlaps is one.
            done = done.max(range.end);
        }
        out.extend_from_slice(text.get(done..).unwrap_or_default());
        true
    }

    /// Returns whether there is anything in the digits of a number.
    pub(in super::super) fn is_in_number(&self, number: i64, suspects: Suspects) -> bool {
        let patterns = suspects.0 & Suspects::PATTERNS.0;
        let cards = match suspects.has(Suspects::NUMBERS) {
            true => Suspects::CARDS.0,
            false => 0,
        };
        if patterns | cards == 0 {
            return false;
        }
        let mut found = Vec::new();
        let digits = number.to_string();
        self.find(digits.as_bytes(), Suspects(patterns | cards), &mut found);
        !found.is_empty()
    }

    fn find(&self, text: &[u8], suspects: Suspects, found: &mut Vec<Range<usize>>) {
        let mut look = |set: Suspects, find: fn(&[u8], &mut Vec<Range<usize>>)| {
            if self.sets.has(set) && suspects.has(set) {
                find(text, found);
            }
        };
        look(Suspects::CARDS, cards::find);
        look(Suspects::EMAILS, emails::find);
        look(Suspects::TOKENS, tokens::find);
        look(Suspects::IPV4, ipv4::find);
        if suspects.has(Suspects::PATTERNS) {
            for pattern in self
                .patterns
                .iter()
                .filter(|pattern| pattern.suspects(text))
            {
                let matches = pattern.regex.find_iter(text).map(|found| found.range());
                let matches = matches.filter(|range| !range.is_empty());
                found.extend(matches.map(|range| whole_characters(text, range)));
            }
        }
    }

    /// Returns whether there is anything in a value that has been decoded.
    fn is_in(&self, value: &[u8]) -> bool {
        let mut found = Vec::new();
        self.find(value, self.suspects(value), &mut found);
        !found.is_empty()
    }
}

/// Returns a range with all of the characters at its ends: an expression that is told to match bytes may find a
/// part of one, and text has to stay text.
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
        let is_in = |search: &Search, number| search.is_in_number(number, Suspects(u8::MAX));
        assert!(is_in(&search, 4_242_424_242_424_242) && is_in(&search, -4_242_424_242_424_242));
        assert!(!is_in(&search, 4_242_424_242_424_241) && !is_in(&search, 17));
        search.patterns.push(ValuePattern::new("^17$").unwrap());
        assert!(is_in(&search, 17));
    }

    proptest! {
        /// What is suspected of the whole is suspected of each part, and text stays text.
        #[test]
        fn text_stays_text(text in "[a-e0-9@.%=&? -é]{0,80}") {
            let _ = masked(&text);
        }

        #[test]
        fn any_bytes_are_searched(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let search = search();
            let suspects = Suspects(u8::MAX);
            search.mask(&bytes, b"*", suspects, &mut Scratch::default(), &mut Vec::new());
            search.suspects(&bytes);
        }

        /// Bytes around a text never hide what is in it.
        #[test]
        fn a_part_is_suspected_as_a_whole_is(
            before in proptest::collection::vec(any::<u8>(), 0..40),
            text in prop_oneof!["4242[ -]?424242424242", "[a-z]@b.co", "10.0.0.[0-9]", "eyJ[a-z]{8}.[a-z]{4}"],
            after in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let search = search();
            let alone = search.suspects(text.as_bytes());
            let whole = [before, text.into_bytes(), after].concat();
            prop_assert_eq!(alone.0 & !search.suspects(&whole).0, 0);
        }
    }
}
