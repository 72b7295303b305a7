//! Detection of the use of the feature `tracing` in this process.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set when a subscriber has the layer, or a log format adds ids.
static IS_IN_USE: AtomicBool = AtomicBool::new(false);

/// Records that a subscriber has the layer, or that a log format adds ids.
pub(super) fn mark() {
    IS_IN_USE.store(true, Ordering::Relaxed);
}

/// Returns whether the feature `tracing` is in use in this process: whether a subscriber has the layer, or a
/// log format adds ids. For the detection of set-up mistakes.
#[doc(hidden)]
pub fn is_tracing_in_use() -> bool {
    IS_IN_USE.load(Ordering::Relaxed)
}
