//! Times of events, in the forms of AWS.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, format_description::parse_borrowed};

/// The time at which an event was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp(SystemTime);

impl Stamp {
    pub(super) fn now() -> Self {
        Self(SystemTime::now())
    }

    pub(super) fn ago(age: Duration) -> Self {
        Self(SystemTime::now().checked_sub(age).unwrap_or(UNIX_EPOCH))
    }

    pub(super) fn millis(self) -> u64 {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns seconds with a fraction of milliseconds.
    pub(super) fn seconds(self) -> f64 {
        self.millis() as f64 / 1e3
    }

    pub(super) fn whole_seconds(self) -> u64 {
        self.millis() / 1_000
    }

    /// Returns a time such as `2026-03-10T05:16:23Z`.
    pub(super) fn iso(self) -> String {
        self.formatted("[year]-[month]-[day]T[hour]:[minute]:[second]Z")
    }

    /// Returns a time such as `2026-03-10T05:16:23.123Z`.
    pub(super) fn iso_millis(self) -> String {
        self.formatted("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z")
    }

    /// Returns a time such as `10/Mar/2026:05:16:23 +0000`.
    pub(super) fn log(self) -> String {
        self.formatted("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000")
    }

    /// Returns a time such as `Mar 10, 2026, 5:16:23 AM`.
    pub(super) fn words(self) -> String {
        self.formatted("[month repr:short] [day padding:none], [year], [hour repr:12 padding:none]:[minute]:[second] [period]")
    }

    fn formatted(self, format: &str) -> String {
        let time = OffsetDateTime::from(self.0);
        // The formats are right, and years have four digits.
        let format = parse_borrowed::<2>(format).unwrap_or_default();
        time.format(&format).unwrap_or_default()
    }
}

/// Returns the MD5 digest of a body, as SQS adds it.
pub(super) fn md5(body: &str) -> String {
    use std::fmt::Write as _;

    use md5::{Digest, Md5};

    let mut text = String::with_capacity(32);
    for byte in Md5::digest(body) {
        // Into a text nothing fails.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
