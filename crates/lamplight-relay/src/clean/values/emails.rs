//! E-mail addresses.

use std::ops::Range;

use memchr::memchr2_iter;

use super::places;

/// Returns from where to where there may be addresses.
pub(super) fn suspect(text: &[u8]) -> Option<Range<usize>> {
    let ats = signs(text).filter(|(at, domain)| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        // What follows the text can only make a domain longer.
        before.is_some_and(|byte| is_local(*byte)) && domain_len(domain).is_some()
    });
    places(ats.map(|(at, _)| at..at + 1))
}

/// Finds the addresses; the `@` of one in a URL may be `%40`.
pub(super) fn find(text: &[u8], found: &mut Vec<Range<usize>>) {
    // Where the last sign was, and where what is before it starts.
    let (mut last, mut start) = (0, 0);
    for (at, domain) in signs(text) {
        let since = text.get(last..at).unwrap_or_default();
        let local = since.iter().rev().take_while(|byte| is_local(**byte));
        let length = local.count();
        // A sign may itself be a part of what is before the next one.
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

/// Returns each `@`, which may be `%40`, and what follows.
fn signs(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    memchr2_iter(b'@', b'%', text).filter_map(|at| match text.get(at..)? {
        [b'@', domain @ ..] | [b'%', b'4', b'0', domain @ ..] => Some((at, domain)),
        _ => None,
    })
}

/// Letters of any script are whole: their bytes are all above ASCII.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'!#$*~".contains(&byte) || !byte.is_ascii()
}

/// Returns how long the domain is that a text starts with: two labels at least, the last of which starts
/// with a letter.
fn domain_len(text: &[u8]) -> Option<usize> {
    // Images for fine screens: `icon@2x.png`.
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

    /// Whoever waits for these waits for minutes where each is compared with all before it.
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

        /// Also where a name is longer than is looked at.
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
