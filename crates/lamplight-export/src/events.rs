//! Which span events are worth their price.

use opentelemetry_sdk::trace::SpanData;
use std::str::FromStr;

/// Which events of a span are exported.
///
/// Many backends bill an event like a span and cannot query it, so events that help in development
/// are often stripped in production. Events left out are added to the span's dropped events count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
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

/// A policy by a name that is none: allowed are `all`, `exceptions` and `none`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownSpanEventPolicy(());

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
            _ => Err(UnknownSpanEventPolicy(())),
        }
    }
}

impl std::fmt::Display for UnknownSpanEventPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("unknown span event policy; allowed are `all`, `exceptions` and `none`")
    }
}

impl std::error::Error for UnknownSpanEventPolicy {}
