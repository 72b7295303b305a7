//! The wall clock, which nothing else here reads.

use std::time::SystemTime;

/// Returns the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the clock is read"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
