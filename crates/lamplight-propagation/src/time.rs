//! Seconds since 1970 as ISO 8601, without a calendar library.

/// The date and time for a number of seconds as JSON has it, to the second, in UTC.
///
/// `None` for anything but a number between the years 1970 and 9999.
pub(crate) fn iso_8601(seconds: &str) -> Option<String> {
    let seconds = seconds
        .parse::<f64>()
        .ok()
        .filter(|it| (0.0..253_402_300_800.0).contains(it))?;
    // The range above fits.
    #[allow(clippy::cast_possible_truncation)]
    let seconds = seconds as i64;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
    ))
}

/// Year, month and day of a day since 1970, counting in eras of 400 years that start on 1 March.
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
    use super::iso_8601;

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
