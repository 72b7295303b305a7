//! Conversion between seconds since 1970 and ISO 8601.
//!
//! This needs no calendar library (`jiff`, `time`, `chrono`): AWS writes UTC in one form, for which two
//! integer functions are enough. A library would be compiled into every function that uses this crate, and
//! would accept far more than is a valid time here.
//!
//! Days are counted in eras of 400 years that start on 1 March, so that leap days are at the end of a year
//! and do not affect the lengths of months: Howard Hinnant, [chrono-Compatible Low-Level Date
//! Algorithms][hinnant].
//!
//! [hinnant]: https://howardhinnant.github.io/date_algorithms.html

use std::time::{Duration, SystemTime};

/// Parses a time in ISO 8601 as AWS writes it: in UTC, with or without fractional seconds.
///
/// Returns `None` for anything else, for days that the calendar does not have, and for years before 1970.
pub(crate) fn from_iso_8601(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second)
        && fraction.bytes().all(|digit| digit.is_ascii_digit());
    if !valid {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let whole = Duration::from_secs(u64::try_from(seconds).ok()?);
    let fraction = format!("0.{fraction}").parse::<f64>().ok()?;
    let part = Duration::try_from_secs_f64(fraction).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(whole)?.checked_add(part)
}

/// Returns the number of days of a month; January is 1.
fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the number of days from 1970 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// Formats a number of seconds, as written in JSON, as date and time in UTC, without fractional seconds.
///
/// Returns `None` for anything but a number between the years 1970 and 9999.
pub(crate) fn iso_8601(seconds: &str) -> Option<String> {
    let seconds = seconds
        .parse::<f64>()
        .ok()
        .filter(|it| (0.0..253_402_300_800.0).contains(it))?;
    // The range checked above fits.
    #[allow(clippy::cast_possible_truncation)]
    let seconds = seconds as i64;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

/// Returns the year, month and day for a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{from_iso_8601, iso_8601};

    #[test]
    fn reads_what_it_writes_and_fractions() {
        for seconds in [
            0_u64,
            951_782_400,
            1_480_642_020,
            1_773_119_783,
            4_107_542_399,
        ] {
            let text = iso_8601(&seconds.to_string()).unwrap();
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(from_iso_8601(&text), Some(expected), "{text}");
        }
        let half = from_iso_8601("2016-12-02T01:27:00.250Z").unwrap();
        let since = half.duration_since(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(since.as_millis(), 1_480_642_020_250);
        for nonsense in [
            "",
            "2016-12-02",
            "2016-12-02T01:27:00",
            "2016-13-02T01:27:00Z",
            "2016-12-02T25:27:00Z",
            "1969-12-31T23:59:59Z",
            "2016-12-02T01:27:00.Z1Z",
            "99999999999999999999-12-02T01:27:00Z",
        ] {
            assert_eq!(from_iso_8601(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        let is_date = |date: String| from_iso_8601(&format!("{date}T00:00:00Z")).is_some();
        for (year, february) in [
            (1970, 28),
            (2000, 29),
            (2024, 29),
            (2025, 28),
            (2100, 28),
            (2400, 29),
        ] {
            let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            for (month, days) in (1..).zip(months) {
                for day in 0..=32 {
                    assert_eq!(
                        is_date(format!("{year}-{month:02}-{day:02}")),
                        (1..=days).contains(&day),
                        "{year}-{month}-{day}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_day_is_the_one_behind_the_day_before() {
        let mut before = None;
        for day in 0..60_000_u64 {
            let seconds = day * 86_400;
            let text = iso_8601(&seconds.to_string()).unwrap();
            let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(from_iso_8601(&text), Some(expected), "{text}");
            assert!(before < Some(text.clone()), "{text}");
            before = Some(text);
        }
    }

    #[test]
    fn writes_calendar_dates() {
        assert_eq!(iso_8601("0").as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(
            iso_8601("951782400").as_deref(),
            Some("2000-02-29T00:00:00Z")
        );
        assert_eq!(
            iso_8601("1.480642020E9").as_deref(),
            Some("2016-12-02T01:27:00Z")
        );
        assert_eq!(
            iso_8601("4107542399.9").as_deref(),
            Some("2100-02-28T23:59:59Z")
        );
        assert_eq!(iso_8601("-1"), None);
        assert_eq!(iso_8601("1e300"), None);
    }
}
