//! Spans of the managed services that an event passed through on its way.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry::KeyValue;

/// A managed service that an event passed through, with the time at which the service accepted it.
///
/// Services record only that time; the span ends where the next one, or the function, begins.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InferredSpan {
    /// `deliver {destination}` for messages; the name of the invocation's span for requests.
    pub span_name: Cow<'static, str>,
    /// The time at which the service accepted the event, by the service's clock.
    pub started_at: SystemTime,
    /// The attributes that the semantic conventions define for the span.
    pub attributes: Vec<KeyValue>,
}

/// Returns the time given as milliseconds since 1970.
pub(super) fn millis(text: &str) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}
