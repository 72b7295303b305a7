//! Formatting of durations and times, and the time axis.

mod axis;
mod ticks;

pub use axis::{Axis, Piece};
pub use ticks::Tick;

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Returns a duration with its significant digits: `3.2 s`, `410 ms`, `1 h 3 min`.
///
/// Below a minute it has at most three digits, from there on two units.
#[must_use]
pub fn duration(nanoseconds: u64) -> String {
    // A number that rounds up to the next unit is written in that unit.
    const FRACTIONS: [(u64, &str); 4] = [(1, "ns"), (MICRO, "µs"), (MILLI, "ms"), (SECOND, "s")];
    const WHOLE: [(u64, &str, u64, &str); 3] = [
        (MINUTE, "min", SECOND, "s"),
        (HOUR, "h", MINUTE, "min"),
        (DAY, "d", HOUR, "h"),
    ];
    if nanoseconds == 0 {
        return "0 ms".to_owned();
    }
    for (unit, name) in FRACTIONS {
        let limit = if unit == SECOND { 60 } else { 1_000 };
        if let Some(number) = three_digits(nanoseconds, unit, limit) {
            return format!("{number} {name}");
        }
    }
    for (unit, name, part, part_name) in WHOLE {
        let parts = (nanoseconds / part).saturating_add(u64::from(nanoseconds % part >= part / 2));
        let (whole, rest) = (parts / (unit / part), parts % (unit / part));
        let limit = match unit {
            MINUTE => 60,
            HOUR => 24,
            _ => u64::MAX,
        };
        if whole < limit {
            return match rest {
                0 => format!("{whole} {name}"),
                _ => format!("{whole} {name} {rest} {part_name}"),
            };
        }
    }
    format!("{} d", nanoseconds / DAY)
}

/// Returns the number of units with at most three digits, if that is less than `limit`.
fn three_digits(nanoseconds: u64, unit: u64, limit: u64) -> Option<String> {
    if nanoseconds >= limit.saturating_mul(unit) {
        return None;
    }
    let value = u128::from(nanoseconds);
    let unit = u128::from(unit);
    // As many decimals as needed for three digits; an integer number of nanoseconds has none.
    let decimals: u32 = match value / unit {
        _ if unit == 1 => 0,
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let scale = 10_u128.pow(decimals);
    let scaled = (value * scale + unit / 2) / unit;
    let (whole, fraction) = (scaled / scale, scaled % scale);
    if whole >= u128::from(limit) {
        return None;
    }
    let width = decimals as usize;
    let text = format!("{whole}.{fraction:0width$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(match decimals {
        0 => whole.to_string(),
        _ => text.to_owned(),
    })
}

/// Returns the difference from `from` to `time` with its sign: `+3.2 s`, `−12 ms`.
#[must_use]
pub fn offset(from: u64, time: u64) -> String {
    if time >= from {
        format!("+{}", duration(time - from))
    } else {
        format!("−{}", duration(from - time))
    }
}

/// Returns a time given in nanoseconds since 1970, in UTC with milliseconds: `2026-11-26
/// 23:40:01.250`.
#[must_use]
pub fn date_time(nanoseconds: u64) -> String {
    let days = nanoseconds / DAY;
    // Years start in March here, so that the leap day is the last day of a cycle of 400 years, of a
    // century, of four years, and of a year.
    let day = days + 719_468;
    let (cycle, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = year + 400 * cycle + next;
    format!("{year:04}-{month:02}-{day:02} {}", clock(nanoseconds))
}

/// Returns the time of day of nanoseconds since 1970, in UTC with milliseconds: `23:40:01.250`.
#[must_use]
pub fn clock(nanoseconds: u64) -> String {
    let millis = nanoseconds / MILLI;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{:02}:{minutes:02}:{seconds:02}.{millis:03}", hours % 24)
}

/// Converts milliseconds, as in attributes, to nanoseconds; returns 0 for invalid durations.
#[must_use]
pub fn of_millis(millis: f64) -> u64 {
    // The cast saturates, and turns NaN and negative numbers into zero.
    (millis * 1e6).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_digits_that_matter() {
        let cases = [
            (0, "0 ms"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (1_234, "1.23 µs"),
            (999_999, "1 ms"),
            (410_000_000, "410 ms"),
            (41_260_000, "41.3 ms"),
            (999_600_000, "1 s"),
            (3_200_000_000, "3.2 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 min"),
            (125_000_000_000, "2 min 5 s"),
            (3_599_600_000_000, "1 h"),
            (3_780_000_000_000, "1 h 3 min"),
            (86_399_000_000_000, "1 d"),
            (100 * HOUR, "4 d 4 h"),
            (u64::MAX, "213504 d"),
        ];
        for (nanoseconds, text) in cases {
            assert_eq!(duration(nanoseconds), text, "{nanoseconds}");
        }
    }

    #[test]
    fn times_are_in_utc() {
        assert_eq!(date_time(0), "1970-01-01 00:00:00.000");
        assert_eq!(
            date_time(1_709_210_096_789_000_000),
            "2024-02-29 12:34:56.789"
        );
        assert_eq!(
            date_time(4_107_542_400_000_000_000),
            "2100-03-01 00:00:00.000"
        );
        assert_eq!(date_time(u64::MAX), "2554-07-21 23:34:33.709");
        assert_eq!(offset(5_000_000, 2_000_000), "−3 ms");
        assert_eq!(offset(5_000_000, 5_000_000), "+0 ms");
    }

    #[test]
    fn what_is_no_duration_is_zero() {
        assert_eq!(of_millis(1.5), 1_500_000);
        assert_eq!(of_millis(-1.0), 0);
        assert_eq!(of_millis(f64::NAN), 0);
        assert_eq!(of_millis(f64::INFINITY), u64::MAX);
    }
}
