//! Email addresses.

use std::ops::Range;

use memchr::memchr2_iter;

use super::places;

/// Returns the range that contains all possible addresses.
pub(super) fn suspect(text: &[u8]) -> Option<Range<usize>> {
    let ats = signs(text).filter(|(at, domain)| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        // Bytes after the text can only make the domain longer.
        before.is_some_and(|byte| is_local(*byte)) && domain_len(domain).is_some()
    });
    places(ats.map(|(at, _)| at..at + 1))
}

/// Finds addresses. In a URL, the `@` may be written as `%40`.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    // The position of the last `@`, and the start of the characters before it.
    let (mut last, mut start) = (0, 0);
    for (at, domain) in signs(text) {
        let since = text.get(last..at).unwrap_or_default();
        let local = since.iter().rev().take_while(|byte| is_local(**byte));
        let length = local.count();
        // An `@` may itself be among the characters before the next one.
        if length < since.len() {
            start = at - length;
        }
        last = at;
        if start < at
            && let Some(length) = domain_len(domain)
        {
            found.push(start..text.len() - domain.len() + length);
        }
    }
}

/// Returns each `@`, which may be written as `%40`, and the text after it.
fn signs(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    memchr2_iter(b'@', b'%', text).filter_map(|at| match text.get(at..)? {
        [b'@', domain @ ..] | [b'%', b'4', b'0', domain @ ..] => Some((at, domain)),
        _ => None,
    })
}

/// Includes the letters of all scripts, whose bytes are all above ASCII.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'!#$*~".contains(&byte) || !byte.is_ascii()
}

/// Returns the length of the domain at the start of a text: at least two labels, the last of which
/// starts with a letter.
fn domain_len(text: &[u8]) -> Option<usize> {
    // Images for high-resolution screens: `icon@2x.png`.
    if let [b'1'..=b'9', b'x', b'.', ..] = text {
        return None;
    }
    let is_label = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || !byte.is_ascii();
    let (mut end, mut longest) = (0, None);
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let label = rest.iter().take_while(|byte| is_label(byte)).count();
        let letter = rest
            .first()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        if label == 0 {
            return longest;
        }
        if end > 0 && label > 1 && letter {
            longest = Some(end + label);
        }
        end += label + 1;
        if text.get(end - 1) != Some(&b'.') {
            return longest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn emails(text: &str) -> Vec<&str> {
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
        for (text, address) in [
            ("a@b.co", "a@b.co"),
            (
                "mail <jan.de-vries+x@mail.example.nl>.",
                "jan.de-vries+x@mail.example.nl",
            ),
            ("mailto:o'neil@example.com?subject=x", "o'neil@example.com"),
            ("?email=a%40b.com&x=1", "a%40b.com"),
            ("user jörg@müller.de said", "jörg@müller.de"),
            ("x@example.com.", "x@example.com"),
            ("x@example.com.2026", "x@example.com"),
            (
                "https://user:secret@host.example.com/",
                "secret@host.example.com",
            ),
        ] {
            assert_eq!(emails(text), [address], "{text}");
        }
    }

    #[test]
    fn what_is_no_address_stays() {
        for text in [
            "@",
            "a@",
            "@b.com",
            "a@b",
            "a@localhost",
            "serde@1.0.2",
            "a @ b.com",
            "50%40",
            "a@.com",
            "/img/icon@2x.png",
        ] {
            assert_eq!(emails(text), [""; 0], "{text}");
        }
    }

    /// Takes minutes if each mark is compared with all the text before it.
    #[test]
    fn a_text_full_of_marks_is_gone_through_once() {
        for piece in ["%40", "a%40b.co", "@", "a@b.co"] {
            let text = piece.repeat(200_000);
            let mut found = Vec::new();
            find(text.as_bytes(), &mut found);
            assert_eq!(found.is_empty(), piece.len() < 6);
        }
    }

    proptest! {
        #[test]
        fn an_address_is_found_wherever_it_is(before in "(.{0,20}[ :<\"])?", after in "([ >\",;].{0,20})?") {
            let text = format!("{before}jan@example.com{after}");
            prop_assert!(emails(&text).contains(&"jan@example.com"));
        }

        /// Also if a name is longer than the search limit.
        #[test]
        fn borders_are_those_of_long_names_too(name in "[a-zé日]{80,400}") {
            emails(&format!("{name}@example.com"));
        }

        #[test]
        fn borders_are_those_of_characters(text in ".{0,10}@.{0,20}") {
            emails(&text);
        }
    }
}
