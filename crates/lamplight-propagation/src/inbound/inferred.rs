//! Spans of the managed services that an event passed through on its way.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry::KeyValue;

/// A managed service that an event passed through, and when it took the event in.
///
/// Services leave the time they took an event in, and nothing else; the span ends where the next one,
/// or the function, begins.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InferredSpan {
    /// `deliver {destination}` for messages, and the name of the invocation's span for requests.
    pub span_name: Cow<'static, str>,
    /// When the service took it in, by the service's clock.
    pub started_at: SystemTime,
    /// What the semantic conventions want of the span.
    pub attributes: Vec<KeyValue>,
}

/// Returns the time that is so many milliseconds after 1970.
pub(super) fn millis(text: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}
