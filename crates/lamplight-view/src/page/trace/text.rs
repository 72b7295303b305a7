//! Text of rows: counts, places, and names that are not too long.

use std::borrow::Cow;

/// Returns a number with thin spaces between groups of three digits.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Returns a count with its noun, in the plural unless it is 1.
pub(super) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Returns a place in a row: `1st`, `22nd`, `113th`.
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

/// Returns a part of a whole in percent, without decimals unless it is small.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let share = if whole == 0 {
        0.0
    } else {
        100.0 * (part as f64 / whole as f64).min(1.0)
    };
    match share {
        _ if part == 0 => "0 %".to_owned(),
        _ if share < 0.1 => "<0.1 %".to_owned(),
        _ if share < 9.95 => format!("{share:.1} %"),
        _ => format!("{share:.0} %"),
    }
}

/// Returns text of at most `most` characters, with dots at its end where some are left out.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // A character has at most four bytes: short texts are not counted.
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

/// Returns text that is never empty.
pub(super) fn or_dash<'a>(text: &'a str, dash: &'a str) -> &'a str {
    if text.trim().is_empty() { dash } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_places_read_as_people_write_them() {
        assert_eq!(count(9_812), "9\u{202f}812");
        assert_eq!(count(123), "123");
        assert_eq!(counted(1, "span"), "1 span");
        assert_eq!(counted(1_000_000, "span"), "1\u{202f}000\u{202f}000 spans");
        let places = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal);
        assert_eq!(
            places,
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th"]
        );
        assert_eq!(percent(1, 100_000), "<0.1 %");
        assert_eq!(percent(2, 3), "67 %");
        assert_eq!(percent(1, 0), "0 %");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut("orders", 6), "orders");
        assert_eq!(cut("ééé", 3), "ééé");
        assert_eq!(cut("éééé", 3), "éé…");
        assert_eq!(cut("a bcd", 3), "a…");
    }
}
