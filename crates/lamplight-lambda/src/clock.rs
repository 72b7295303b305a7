//! The wall clock; no other module reads it.

use std::time::SystemTime;

/// Returns the time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the clock is read"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
