//! Payment card numbers, according to ISO/IEC 7812.

use std::ops::Range;

use super::places;

/// Minimum and maximum number of digits of a card number.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Number of digits in a group of a card number.
const GROUP: std::ops::RangeInclusive<usize> = 3..=6;

/// Returns the range that contains all possible card numbers.
pub(super) fn suspect(text: &[u8]) -> Option<Range<usize>> {
    places(Runs { text, from: 0 })
}

/// Runs of digits, spaces and hyphens that may contain a card number. Every card number is within
/// one of them.
///
/// A card number has at least 13 bytes, so it suffices to look at every 13th byte to find all runs.
struct Runs<'a> {
    text: &'a [u8],
    from: usize,
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let from = self.from;
            let byte = self.text.get(from + 12)?;
            if !is_part(*byte) {
                self.from += 13;
                continue;
            }
            let head = self.text.get(from..from + 12).unwrap_or_default();
            let before = head.iter().rev().take_while(|byte| is_part(**byte)).count();
            let start = from + 12 - before;
            let run = self.text.get(start..).unwrap_or_default();
            let length = run.iter().take_while(|byte| is_part(**byte)).count();
            self.from = start + length;
            if may_have_card(run.get(..length).unwrap_or_default()) {
                return Some(start..self.from);
            }
        }
    }
}

/// Returns whether a run may contain a card number. The run may include bytes around the text: one
/// before it, which is part of its length, and any number after it.
fn may_have_card(run: &[u8]) -> bool {
    if run.len() < *DIGITS.start() {
        return false;
    }
    // Number of digits in previous groups that may belong to the same number, and in the current
    // group.
    let (mut before, mut group) = (0, 0);
    for byte in run {
        if !byte.is_ascii_digit() {
            before = match group {
                3..=6 => before + group,
                // The first byte is the length, not part of the text.
                7 => 6,
                _ => 0,
            };
            group = 0;
            continue;
        }
        group += 1;
        // The last group may continue after the end of the text.
        if group >= *DIGITS.start() || before + group.min(*GROUP.end()) >= *DIGITS.start() {
            return true;
        }
    }
    false
}

/// Digits, spaces and hyphens. With comparisons instead of a table, the search takes a third
/// longer.
#[allow(
    clippy::indexing_slicing,
    reason = "in a constant it would not compile"
)]
const PARTS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut rest: &[u8] = b"0123456789 -";
    while let [first, others @ ..] = rest {
        parts[*first as usize] = true;
        rest = others;
    }
    parts
};

fn is_part(byte: u8) -> bool {
    PARTS.get(usize::from(byte)).is_some_and(|is_part| *is_part)
}

/// Finds card numbers.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    for run in (Runs { text, from: 0 }) {
        let mut at = run.start;
        while at < run.end {
            let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
            // Digits after a decimal point are likely to be random rather than a card number.
            let alone = match text.get(..at).unwrap_or_default() {
                [.., digit, b'.'] => !digit.is_ascii_digit(),
                [.., byte] => !byte.is_ascii_alphanumeric(),
                [] => true,
            };
            if is_digit(at)
                && alone
                && let Some(end) = card(text, at)
            {
                found.push(at..end);
                at = end;
                continue;
            }
            at += 1;
        }
    }
}

/// Returns the end of the longest card number that starts at `start`.
fn card(text: &[u8], start: usize) -> Option<usize> {
    let mut digits = [0_u8; 19];
    let mut count = 0;
    let mut group = 0;
    let mut grouped = false;
    let mut longest = None;
    let mut at = start;
    loop {
        match text.get(at) {
            Some(byte) if byte.is_ascii_digit() => {
                *digits.get_mut(count)? = byte - b'0';
                count += 1;
                group += 1;
                at += 1;
                let next = text.get(at);
                let ends = !next.is_some_and(u8::is_ascii_alphanumeric);
                let group_fits = !grouped || GROUP.contains(&group);
                if ends && group_fits && is_card(digits.get(..count).unwrap_or_default()) {
                    longest = Some(at);
                }
            }
            // Dates and times have groups of two, UUIDs of eight and twelve.
            Some(b' ' | b'-') if GROUP.contains(&group) => {
                grouped = true;
                group = 0;
                at += 1;
            }
            _ => return longest,
        }
        if count == digits.len() {
            return longest;
        }
    }
}

fn is_card(digits: &[u8]) -> bool {
    DIGITS.contains(&digits.len()) && has_issuer(digits) && luhn(digits)
}

/// Returns whether the check digit is correct.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Returns whether a card issuer uses numbers with this start and length. A random number has a
/// correct check digit in one of ten cases; times in nanoseconds start with 1, which no issuer
/// uses.
fn has_issuer(digits: &[u8]) -> bool {
    let start = digits
        .iter()
        .take(6)
        .fold(0, |start, digit| start * 10 + u32::from(*digit));
    let length = digits.len();
    match start {
        // American Express.
        340_000..=349_999 | 370_000..=379_999 => length == 15,
        // Diners Club.
        300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999 => {
            (14..=19).contains(&length)
        }
        // Visa.
        400_000..=499_999 => matches!(length, 13 | 16 | 19),
        // Mastercard.
        510_000..=559_999 | 222_100..=272_099 => length == 16,
        // JCB, Mir.
        352_800..=358_999 | 220_000..=220_499 => length >= 16,
        // Discover, UnionPay, RuPay; Maestro numbers have 13 or more digits.
        500_000..=509_999 | 560_000..=699_999 | 810_000..=829_999 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cards(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found);
        assert!(
            found.is_empty() || suspect(text.as_bytes()).is_some(),
            "{text}"
        );
        found
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn numbers_of_all_issuers_are_found() {
        // Numbers that payment providers publish for tests.
        for card in [
            "4242424242424242",
            "4000056655665556",
            "4222222222222",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "6011111111111117",
            "3056930009020004",
            "36227206271667",
            "3566002020360505",
            "6200000000000005",
            "6759649826438453",
            "5018717422224234",
            "4242 4242 4242 4242",
            "4242-4242-4242-4242",
            "3782 822463 10005",
        ] {
            let valid: Vec<u8> = card
                .bytes()
                .filter(u8::is_ascii_digit)
                .map(|b| b - b'0')
                .collect();
            if luhn(&valid) {
                assert_eq!(cards(&format!("pay {card}, now")), [card]);
            }
        }
        assert_eq!(cards("4242424242424242"), ["4242424242424242"]);
    }

    #[test]
    fn a_number_behind_a_date_is_found() {
        assert_eq!(
            cards("2026-11-26 4242 4242 4242 4242"),
            ["4242 4242 4242 4242"]
        );
        assert_eq!(cards("1234 4242 4242 4242 4242"), ["4242 4242 4242 4242"]);
    }

    #[test]
    fn a_number_behind_a_point_of_a_sentence_is_found() {
        for text in [
            "id.4242424242424242",
            ".4242424242424242",
            "no. 4242424242424242.",
        ] {
            assert_eq!(cards(text), ["4242424242424242"], "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_a_card_stays() {
        for text in [
            "4242424242424241",
            "1732600000000000000",
            "42424242424242424242424242",
            "a4242424242424242",
            "4242424242424242b",
            "4d8e9f6a-4242-4242-4242-424242424242",
            "+31 6 1234 5678",
            "123456789012",
            "0.4242424242424242",
            "took 13.4242424242424242 s",
        ] {
            assert_eq!(cards(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_found_in_what_is_not_suspected(text in "[a 0-9-]{0,60}", before in "[a-z]{0,30}") {
            let text = format!("{before}{text}");
            cards(&text);
        }

        #[test]
        fn a_card_is_found_wherever_it_is(before in "([a-z.: ]{0,40}[.: ])?", after in "([.: ][a-z]{0,40})?") {
            let text = format!("{before}4242424242424242{after}");
            prop_assert_eq!(cards(&text), ["4242424242424242"]);
        }
    }
}
