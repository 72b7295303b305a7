//! Durations in addresses and forms: a number and a unit, without loss.

/// Units of time in nanoseconds, the largest first. Other spellings are parsed but never written.
const UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Returns nanoseconds as an integer with the largest lossless unit: `250ms`, `90s`.
pub(crate) fn quantity(nanoseconds: u64) -> String {
    let fits = |(_, size): &&(&str, u64)| nanoseconds.is_multiple_of(*size);
    match UNITS.iter().find(fits) {
        Some((unit, size)) if nanoseconds > 0 => format!("{}{unit}", nanoseconds / size),
        _ => format!("{nanoseconds}ns"),
    }
}

/// Returns the nanoseconds of a number with a unit; the default unit is milliseconds.
pub(super) fn nanoseconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|it: char| it.is_alphabetic() || it == ' ');
    let unit = match text.strip_prefix(digits)?.trim() {
        "" => "ms",
        "\u{b5}s" | "\u{3bc}s" => "us",
        "min" => "m",
        unit => unit,
    };
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    if let Ok(whole) = digits.parse::<u64>() {
        return whole.checked_mul(*size);
    }
    let number: f64 = digits.parse().ok()?;
    #[allow(
        clippy::cast_precision_loss,
        reason = "a number with a fraction is only that exact"
    )]
    let product = number * *size as f64;
    let fits = (0.0..9e18).contains(&product);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is in range"
    )]
    fits.then_some(product.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::{nanoseconds, quantity};

    #[test]
    fn a_duration_is_read_as_it_is_written() {
        for number in [0, 1, 999, 1_000, 1_500_000, 250_000_000, 90_000_000_000] {
            assert_eq!(nanoseconds(&quantity(number)), Some(number));
        }
        assert_eq!(nanoseconds(&quantity(u64::MAX)), Some(u64::MAX));
        assert_eq!(quantity(250_000_000), "250ms");
    }

    #[test]
    fn a_duration_is_read_as_people_write_it() {
        assert_eq!(nanoseconds("1.5s"), Some(1_500_000_000));
        assert_eq!(nanoseconds(" 2 min "), Some(120_000_000_000));
        assert_eq!(nanoseconds("20"), Some(20_000_000));
        for wrong in ["", "s", "-1s", "1 day", "1e400s", "NaN", "inf", "é"] {
            assert_eq!(nanoseconds(wrong), None, "{wrong}");
        }
    }
}
