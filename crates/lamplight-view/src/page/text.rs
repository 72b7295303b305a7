//! Formatting of numbers and times.

use maud::{Markup, html};

use super::time::date_time;

/// Returns a number with commas between groups of three digits.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a count with its noun, in the plural unless it is 1.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// Returns the share of a part in a whole, from 0 to 1; 0 if the whole is 0.
#[allow(clippy::cast_precision_loss, reason = "for display")]
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        (part as f64 / whole as f64).min(1.0)
    }
}

/// Returns a share in percent. Only an exact 0 or 1 is shown as 0 % or 100 %.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let percent = share(part, whole) * 100.0;
    match percent {
        _ if part == 0 => "0 %".to_owned(),
        _ if percent < 0.1 => "<0.1 %".to_owned(),
        _ if percent < 9.95 => format!("{percent:.1} %"),
        _ if part < whole && percent >= 99.5 => ">99 %".to_owned(),
        _ => format!("{percent:.0} %"),
    }
}

/// Returns a name shortened to `most` letters if it is longer, with its start and end around dots,
/// since names of queues differ at both.
pub(crate) fn shortened(name: &str, most: usize) -> String {
    let letters = name.chars().count();
    if letters <= most {
        return name.to_owned();
    }
    let tail = most / 3;
    let head = most.saturating_sub(tail + 1);
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(letters - tail).collect();
    format!("{start}\u{2026}{end}")
}

/// Returns a time as an element, to which the script adds the time elapsed since.
pub(crate) fn time(nanoseconds: u64) -> Markup {
    let text = date_time(nanoseconds);
    let (date, time) = text.split_once(' ').unwrap_or_default();
    html! {
        time datetime={ (date) "T" (time) "Z" } {
            span.date { (date) " " } (time)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{count, percent, shortened};

    #[test]
    fn a_few_errors_do_not_read_as_none_nor_many_as_all() {
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(1, 1_000_000), "<0.1 %");
        assert_eq!(percent(1, 3), "33 %");
        assert_eq!(percent(9_999, 10_000), ">99 %");
        assert_eq!(percent(3, 3), "100 %");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn a_long_name_keeps_both_its_ends() {
        assert_eq!(shortened("orders", 6), "orders");
        assert_eq!(
            shortened("event-broker-orders-dead", 12),
            "event-b\u{2026}dead"
        );
        assert_eq!(shortened("ééééé", 4), "éé\u{2026}é");
    }
}
