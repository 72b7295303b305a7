//! What has been found on the way.

use opentelemetry::{KeyValue, trace::Link};

use super::{items::BatchItems, look::Look};
use crate::w3c::Received;

/// Context of one carrier.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) received: Received,
    pub(super) carrier: Option<String>,
    /// Good for a link, not for a parent.
    pub(super) link_only: bool,
}

impl Candidate {
    /// `None` when nothing valid was received.
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

/// Looks on where no span has been found yet: the first context with one counts, else the first.
#[inline]
pub(super) fn or_else(found: &mut Option<Candidate>, other: impl FnOnce() -> Option<Candidate>) {
    let has_span = |of: &Option<Candidate>| of.as_ref().is_some_and(Candidate::has_span);
    if has_span(found) {
        return;
    }
    let other = other();
    if found.is_none() || has_span(&other) {
        *found = other;
    }
}

/// What a source gives: its context or its links, a name and attributes.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) candidate: Option<Candidate>,
    pub(super) links: Vec<Link>,
    pub(super) dropped_links: u32,
    /// Whether there was a context for a link, kept or not.
    pub(super) linked: bool,
    pub(super) name: Option<String>,
    pub(super) attributes: Vec<KeyValue>,
    pub(super) items: BatchItems,
}

impl Seen {
    /// Nothing yet, with room for what a look will find.
    pub(super) fn of(look: &Look<'_>) -> Self {
        Self {
            candidate: None,
            links: Vec::new(),
            dropped_links: 0,
            linked: false,
            name: None,
            // An HTTP request has 13, and whoever starts the span adds what it knows of the
            // invocation: all of it in one allocation, and one of those that glibc keeps at hand
            // (up to 1032 bytes).
            attributes: match look.describes() {
                true => Vec::with_capacity(18),
                false => Vec::new(),
            },
            items: BatchItems::default(),
        }
    }
}
