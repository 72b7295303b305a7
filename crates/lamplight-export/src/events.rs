//! The choice of span events to export.

use std::str::FromStr;

use lamplight_internal::unknown_name_error;
use opentelemetry_sdk::trace::SpanData;

/// A choice of the span events to export.
///
/// Many backends bill an event like a span and cannot query it, so events that help in development
/// are often stripped in production. Events left out are added to the span's dropped events count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SpanEventPolicy {
    /// Every event. The default.
    #[default]
    All,
    /// Only events named `exception`.
    Exceptions,
    /// No events.
    None,
}

impl SpanEventPolicy {
    pub(crate) fn apply(self, span: &mut SpanData) {
        let events = &mut span.events;
        let before = events.events.len();
        match self {
            Self::All => return,
            Self::Exceptions => events.events.retain(|event| event.name == "exception"),
            Self::None => events.events.clear(),
        }
        let dropped = u32::try_from(before - events.events.len()).unwrap_or(u32::MAX);
        events.dropped_count = events.dropped_count.saturating_add(dropped);
    }
}

impl FromStr for SpanEventPolicy {
    type Err = UnknownSpanEventPolicy;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "all" => Ok(Self::All),
            "exceptions" => Ok(Self::Exceptions),
            "none" => Ok(Self::None),
            _ => Err(UnknownSpanEventPolicy::new()),
        }
    }
}

unknown_name_error! {
    /// Error returned when parsing an unknown span event policy name.
    UnknownSpanEventPolicy, "span event policy", ["all", "exceptions", "none"]
}
