//! Quantities as people write them: `"30 s"`, `"64 MiB"`, `"10 %"`.

use std::time::Duration;

/// Returns the number and unit of a quantity.
fn parts(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_')))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let number: f64 = number.replace('_', "").parse().ok()?;
    (number.is_finite()).then_some((number, unit.trim()))
}

/// Parses a duration, such as `30s`, `1.5 s`, `5 min`, `1 h` or `250 ms`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = parts(text)?;
    let seconds = match unit {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    };
    // Rounded to a millisecond, the resolution of stream time.
    let millis = (number * seconds * 1000.0).round();
    let is_lost = millis == 0.0 && number > 0.0;
    (millis < 1e15 && !is_lost).then(|| Duration::from_millis(millis as u64))
}

/// Parses a size in bytes, such as `64 MiB`, `3.5 MiB`, `500 kB` or `800 B`.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = parts(text)?;
    let bytes: f64 = match unit.to_ascii_lowercase().as_str() {
        "b" | "byte" | "bytes" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return None,
    };
    let bytes = (number * bytes).round();
    (bytes < 1e15).then_some(bytes as u64)
}

/// Parses a share from 0 to 1, such as `10 %` or `0.1`.
pub(super) fn share(text: &str) -> Option<f64> {
    let (number, unit) = parts(text)?;
    let share = match unit {
        "%" => number / 100.0,
        "" => number,
        _ => return None,
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

/// Formats a duration in the syntax that [`duration`] parses.
pub(super) fn shown(duration: Duration) -> String {
    let millis = duration.as_millis();
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "min"),
        (1000, "s"),
    ];
    let unit = units
        .iter()
        .find(|(unit, _)| millis > 0 && millis.is_multiple_of(*unit));
    match unit {
        Some((unit, name)) => format!("{} {name}", millis / unit),
        None => format!("{millis} ms"),
    }
}

/// Formats a size in the syntax that [`size`] parses.
pub(super) fn shown_size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units
        .iter()
        .find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    match unit {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let read = |text| duration(text).map(|duration| duration.as_millis());
        assert_eq!(read("30s"), Some(30_000));
        assert_eq!(read("5 min"), Some(300_000));
        assert_eq!(read("1.5 h"), Some(5_400_000));
        assert_eq!(read("250 ms"), Some(250));
        for wrong in [
            "30",
            "",
            "s",
            "-1 s",
            "1 fortnight",
            "1 s 2",
            "1e9 s",
            "0.4 ms",
            "∞ s",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_have_a_unit_of_a_thousand_or_of_1024() {
        assert_eq!(size("64 MiB"), Some(64 << 20));
        assert_eq!(size("3.5MiB"), Some(3_670_016));
        assert_eq!(size("500 kB"), Some(500_000));
        for wrong in ["64", "64 M", "MiB", "-1 B", "999999999 GiB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shares_are_percentages_or_fractions_of_one() {
        assert_eq!(share("10 %"), Some(0.1));
        assert_eq!(share("0.1"), Some(0.1));
        assert_eq!(share("100%"), Some(1.0));
        for wrong in ["10", "101 %", "-1 %", "x", ""] {
            assert_eq!(share(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_read(millis in 0_u64..1 << 40) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(super::duration(&shown(duration)), Some(duration));
            prop_assert_eq!(size(&shown_size(millis)), Some(millis));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            let _ = (duration(&text), size(&text), share(&text));
        }
    }
}
