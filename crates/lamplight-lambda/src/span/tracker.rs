//! The connection from an invocation to the spans of other code inside it.

use std::fmt::Debug;

use opentelemetry::trace::SpanId;

use super::AbandonReason;

/// A tracker of the open spans inside invocations, implemented by
/// [`OpenSpanProcessor`](crate::OpenSpanProcessor).
pub(crate) trait OpenSpanTracker: Debug + Send + Sync {
    /// Delivers the open spans of this invocation, abandoned for this reason.
    fn abandon(&self, invocation: SpanId, reason: &AbandonReason);

    /// Forgets the open spans of an invocation that has ended. They continue without it, and must not
    /// permanently take the place of other spans.
    fn forget(&self, invocation: SpanId);
}
