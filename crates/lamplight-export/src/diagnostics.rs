//! What Lamplight says about itself: one line per cause, on the function's own log.
//!
//! A telemetry library that logs on every invocation becomes the bill it was meant to explain, so a
//! cause is reported the first time it happens in a process and counted from then on (see
//! [`SpanQueue::stats`](crate::SpanQueue::stats)).

use std::sync::{Mutex, PoisonError};

static REPORTED: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// Logs `message` as a warning unless `cause` was logged before in this process.
///
/// `message` says what is wrong and what to do. It goes to `tracing` (target `lamplight`) where a
/// subscriber is set, else to standard error, which Lambda forwards to CloudWatch Logs.
pub fn warn_once(cause: &'static str, message: impl FnOnce() -> String) {
    if is_first(cause) {
        warn(cause, message);
    }
}

/// Logs `message` for those who debug, unless `cause` was logged before in this process. It may be
/// no mistake at all, so without a subscriber that wants it nothing is written.
pub fn hint_once(cause: &'static str, message: impl FnOnce() -> String) {
    if tracing::enabled!(target: "lamplight", tracing::Level::DEBUG) && is_first(cause) {
        tracing::debug!(target: "lamplight", cause, "{}", message());
    }
}

/// Whether `cause` is reported for the first time.
fn is_first(cause: &'static str) -> bool {
    let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
    let is_first = !reported.contains(&cause);
    if is_first {
        reported.push(cause);
    }
    is_first
}

/// Logs `message` as a warning, every time.
pub(crate) fn warn(cause: &'static str, message: impl FnOnce() -> String) {
    let message = message();
    if tracing::dispatcher::has_been_set() {
        tracing::warn!(target: "lamplight", cause, "{message}");
    } else {
        eprintln!("WARN lamplight [{cause}] {message}");
    }
}

/// Logs `message` as good news, every time.
pub(crate) fn notice(cause: &'static str, message: impl FnOnce() -> String) {
    let message = message();
    if tracing::dispatcher::has_been_set() {
        tracing::info!(target: "lamplight", cause, "{message}");
    } else {
        eprintln!("INFO lamplight [{cause}] {message}");
    }
}
