//! Text of rows: ordinals, and shortened names.

use std::borrow::Cow;

pub(super) use crate::page::text::{count, counted, percent};

/// Returns an ordinal number: `1st`, `22nd`, `113th`.
pub(super) fn ordinal(number: u64) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{end}", count(number))
}

/// Returns text of at most `most` characters, with dots at its end if it was shortened.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // A character has at most four bytes, so short texts need not be counted.
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some(_) => {
            let start: String = text.chars().take(most.saturating_sub(1)).collect();
            Cow::Owned(format!("{}…", start.trim_end()))
        }
    }
}

/// Returns the text, or a dash if it is empty.
pub(super) fn or_dash<'a>(text: &'a str, dash: &'a str) -> &'a str {
    if text.trim().is_empty() { dash } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_people_write_them() {
        let places = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal);
        assert_eq!(
            places,
            [
                "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"
            ]
        );
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut("orders", 6), "orders");
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("éééé", 3), "éé…");
        assert_eq!(cut("a bcd", 3), "a…");
    }
}
