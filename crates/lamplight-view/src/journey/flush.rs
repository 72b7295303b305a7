//! Deliveries of spans behind the response of an invocation.
//!
//! An invocation's span has ended when it is delivered, so it is the next invocation of the same
//! environment that tells how long that took.

use std::collections::HashMap;

use lamplight_semconv::faas;

use super::Node;
use crate::{
    facts::{Facts, Role},
    span::{Resource, Span, SpanRef},
};

/// Longest flush that is believed, in nanoseconds: no function runs longer.
const MAX_FLUSH: f64 = 15.0 * 60.0 * 1e9;

/// Notes how long the flush behind each invocation took.
pub(super) fn note(flushes: impl IntoIterator<Item = (SpanRef, u64)>, nodes: &mut [Node]) {
    let mut flushes: HashMap<SpanRef, u64> = flushes.into_iter().collect();
    if flushes.is_empty() {
        return;
    }
    for node in nodes {
        // Of spans with one id it is told once.
        node.flush = node.span().and_then(|span| flushes.remove(&span.id()));
    }
}

/// Returns the first time at which the next invocation of the same environment can have begun; `None`
/// of what is no invocation, or of an environment that is not known.
pub(crate) fn next_from(span: &Span) -> Option<u64> {
    let is_invocation = Facts::of(span).role == Role::Invocation;
    (is_invocation && environment(&span.resource).is_some())
        .then(|| Some(span.end.max(span.start.checked_add(1)?)))
        .flatten()
}

/// Returns the name of an execution environment: its resource is that of no other.
pub(super) fn environment(resource: &Resource) -> Option<&str> {
    let instance = resource.attributes.text(faas::INSTANCE);
    instance.filter(|name| !name.is_empty())
}

/// Returns how long a flush took, in nanoseconds, of what the next invocation says in milliseconds.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within bounds"
)]
pub(crate) fn of_next(milliseconds: f64) -> Option<u64> {
    let flush = (milliseconds * 1e6).round();
    (1.0..=MAX_FLUSH).contains(&flush).then_some(flush as u64)
}
