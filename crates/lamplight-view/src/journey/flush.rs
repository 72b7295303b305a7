//! Flushes of spans after the response of an invocation.
//!
//! An invocation's span has ended when it is flushed, so the next invocation of the same
//! environment reports the duration of the flush.

use std::collections::HashMap;

use lamplight_semconv::faas;

use super::Node;
use crate::{
    facts::{Facts, Role},
    span::{Resource, Span, SpanRef},
};

/// Maximum plausible duration of a flush, in nanoseconds: functions cannot run longer.
const MAX_FLUSH: f64 = 15.0 * 60.0 * 1e9;

/// Adds to each invocation the duration of the flush after it.
pub(super) fn note(flushes: impl IntoIterator<Item = (SpanRef, u64)>, nodes: &mut [Node]) {
    let mut flushes: HashMap<SpanRef, u64> = flushes.into_iter().collect();
    if flushes.is_empty() {
        return;
    }
    for node in nodes {
        // Spans with the same id get it only once.
        node.flush = node.span().and_then(|span| flushes.remove(&span.id()));
    }
}

/// Returns the earliest time at which the next invocation of the same environment can have begun;
/// `None` if the span is not an invocation, or its environment is unknown.
pub(crate) fn next_from(span: &Span) -> Option<u64> {
    let is_invocation = Facts::of(span).role == Role::Invocation;
    (is_invocation && environment(&span.resource).is_some())
        .then(|| Some(span.end.max(span.start.checked_add(1)?)))
        .flatten()
}

/// Returns the name of an execution environment, whose resource is unique.
pub(super) fn environment(resource: &Resource) -> Option<&str> {
    let instance = resource.attributes.text(faas::INSTANCE);
    instance.filter(|name| !name.is_empty())
}

/// Returns the duration of a flush in nanoseconds, from the next invocation's attribute in
/// milliseconds.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within bounds"
)]
pub(crate) fn of_next(milliseconds: f64) -> Option<u64> {
    let flush = (milliseconds * 1e6).round();
    (1.0..=MAX_FLUSH).contains(&flush).then_some(flush as u64)
}
