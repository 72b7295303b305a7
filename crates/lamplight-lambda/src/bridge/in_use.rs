//! The use of the feature `tracing` in this process.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set when a subscriber has the layer, or logs have ids.
static IS_IN_USE: AtomicBool = AtomicBool::new(false);

/// Notes that a subscriber has the layer, or that logs have ids.
pub(super) fn mark() {
    IS_IN_USE.store(true, Ordering::Relaxed);
}

/// Returns whether anything of the feature `tracing` is in use in this process: a subscriber has the
/// layer, or a log format has ids. For those who look for mistakes in a set-up.
#[doc(hidden)]
pub fn is_tracing_in_use() -> bool {
    IS_IN_USE.load(Ordering::Relaxed)
}
