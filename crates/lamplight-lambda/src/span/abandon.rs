//! Reasons to end a span before its work is complete.

use lamplight_semconv::error::ErrorType;

/// The reason a span was ended although its work is still running.
#[derive(Debug)]
pub(crate) struct AbandonReason {
    pub(crate) error_type: ErrorType,
    pub(crate) message: &'static str,
}

/// The invocation's deadline is near.
pub(crate) const TIMED_OUT: AbandonReason = AbandonReason {
    error_type: ErrorType::Timeout,
    message: "still running when the invocation's time was up",
};

/// Lambda ends the environment.
pub(crate) const SHUT_DOWN: AbandonReason = AbandonReason {
    error_type: ErrorType::Sigterm,
    message: "still running when the environment was shut down",
};

/// The work was dropped.
pub(crate) const CANCELLED: AbandonReason = AbandonReason {
    error_type: ErrorType::Cancelled,
    message: "dropped while running",
};
