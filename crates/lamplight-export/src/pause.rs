//! The longest pause after a destination was unreachable.

use std::time::Duration;

/// The longest pause, unless set by [`with_max_pause`](crate::SpanQueueBuilder::with_max_pause) or the
/// environment variable [`LAMPLIGHT_MAX_PAUSE`]: one minute.
pub const DEFAULT_MAX_PAUSE: Duration = Duration::from_secs(60);

/// Name of the variable with the longest pause after a destination was unreachable, in milliseconds; 0 for
/// none.
pub const LAMPLIGHT_MAX_PAUSE: &str = "LAMPLIGHT_MAX_PAUSE";
