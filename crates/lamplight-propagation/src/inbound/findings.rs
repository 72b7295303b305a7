//! The findings of a search: contexts, links and attributes.

use opentelemetry::{KeyValue, trace::Link};

use super::items::BatchItems;
use crate::w3c::Received;

/// The context of one carrier.
#[derive(Debug)]
pub(super) struct FoundContext {
    pub(super) received: Received,
    pub(super) carrier: Option<String>,
    /// Usable for a link, but not as a parent.
    pub(super) link_only: bool,
}

impl FoundContext {
    /// Returns the context, or `None` if no valid field was received.
    #[inline]
    pub(super) fn new(received: Received, carrier: Option<String>) -> Option<Self> {
        (received.span.is_some() || received.baggage.is_some()).then_some(Self {
            received,
            carrier,
            link_only: false,
        })
    }

    pub(super) fn has_span(&self) -> bool {
        self.received.span.is_some()
    }
}

/// Evaluates `other` only if no context with a span has been found. The first context with a span wins,
/// otherwise the first context. Baggage that came without a span is kept.
#[inline]
pub(super) fn prefer_with_span(
    found: &mut Option<FoundContext>,
    other: impl FnOnce() -> Option<FoundContext>,
) {
    let has_span = |of: &Option<FoundContext>| of.as_ref().is_some_and(FoundContext::has_span);
    if has_span(found) {
        return;
    }
    let other = other();
    if found.is_none() {
        *found = other;
    } else if let Some(mut other) = other.filter(FoundContext::has_span) {
        let first = found.take().and_then(|first| first.received.baggage);
        other.received.baggage = first.or(other.received.baggage);
        *found = Some(other);
    }
}

/// The findings in the event itself: its context or its links, a name and attributes.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) context: Option<FoundContext>,
    pub(super) links: Vec<Link>,
    pub(super) dropped_links: u32,
    /// True once a context for a link has been found, even one beyond the limit.
    pub(super) linked: bool,
    pub(super) name: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) items: BatchItems,
}

impl Findings {
    /// Returns empty findings, with capacity for attributes if `with_attributes` is set.
    pub(super) fn new(with_attributes: bool) -> Self {
        Self {
            context: None,
            links: Vec::new(),
            dropped_links: 0,
            linked: false,
            name: None,
            // An HTTP request has 13 attributes, and the caller adds more about the invocation. This capacity
            // holds all of them in one allocation of a size that glibc caches (up to 1032 bytes).
            attributes: match with_attributes {
                true => Vec::with_capacity(18),
                false => Vec::new(),
            },
            items: BatchItems::default(),
        }
    }
}
