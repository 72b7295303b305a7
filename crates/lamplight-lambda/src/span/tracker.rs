//! The link from an invocation to the spans of other code inside it.

use std::fmt::Debug;

use opentelemetry::trace::SpanId;

use super::AbandonReason;

/// Knows the spans inside invocations that have not ended, as
/// [`OpenSpanProcessor`](crate::OpenSpanProcessor) does.
pub(crate) trait OpenSpanTracker: Debug + Send + Sync {
    /// Delivers the open spans of this invocation, abandoned for this reason.
    fn abandon(&self, invocation: SpanId, reason: &AbandonReason);

    /// Forgets the open spans of an invocation that has ended. They go on without it, and must not take
    /// the place of other spans, least of all for ever.
    fn forget(&self, invocation: SpanId);
}
