//! IPv4 addresses.

use std::ops::Range;

use memchr::memchr_iter;

use super::places;

/// Returns the range that contains all possible addresses, which have dots between digits.
pub(super) fn suspect(text: &[u8]) -> Option<Range<usize>> {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let points = memchr_iter(b'.', text);
    places(
        points
            .filter(|point| *point > 0 && digit(point - 1) && digit(point + 1))
            .map(|point| point..point + 1),
    )
}

/// Finds addresses.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for point in memchr_iter(b'.', text) {
        if point < done {
            continue;
        }
        let before = text.get(done..point).unwrap_or_default();
        let digits = before
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let start = point - digits;
        let alone = !start
            .checked_sub(1)
            .and_then(|at| text.get(at))
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
        if alone && let Some(length) = address_len(text.get(start..).unwrap_or_default()) {
            done = start + length;
            found.push(start..done);
        }
    }
}

/// Returns the length of the address at the start of a text.
fn address_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for part in 0..4 {
        let rest = text.get(at..)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = rest.iter().take(digits).take(4);
        let number = number.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        if !(1..=3).contains(&digits) || number > 255 {
            return None;
        }
        at += digits;
        if part < 3 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
    }
    let goes_on = match text.get(at..)? {
        [b'.', byte, ..] => byte.is_ascii_digit(),
        [byte, ..] => byte.is_ascii_alphanumeric(),
        [] => false,
    };
    (!goes_on).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<&str> {
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
    fn addresses_are_found() {
        assert_eq!(addresses("192.0.2.10"), ["192.0.2.10"]);
        assert_eq!(
            addresses("from 10.0.0.1:8080 to http://127.0.0.1/, 1.1.1.1."),
            ["10.0.0.1", "127.0.0.1", "1.1.1.1"]
        );
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in [
            "1.2.3",
            "1.2.3.4.5",
            "256.1.1.1",
            "v1.2.3.4",
            "1.2.3.4a",
            "1..2.3",
            "1234.1.1.1",
        ] {
            assert_eq!(addresses(text), [""; 0], "{text}");
        }
    }
}
