//! Events that are recognized by their own members.

use crate::{
    inbound::{
        Incoming, findings::Findings, inferred::InferredSpan, members::Event, search::ContextSearch,
    },
    json::Value,
};

/// A source of events that are recognized by their own members.
pub(super) trait EventSource {
    /// Whose the members of the event are that are there for context alone.
    const TOP_MEMBERS: TopMembers = TopMembers::Caller;

    /// Returns whether an event is from this source, if no source before it in the list has it.
    fn recognizes(event: &Event<'_>) -> bool;

    /// Reads the context and the attributes.
    fn read(search: &mut ContextSearch<'_>, _event: &Event<'_>) -> Findings {
        search.findings()
    }

    /// Adds the spans of what the event passed through, from the function outwards.
    fn infer(_document: Value<'_>, _incoming: &Incoming, _spans: &mut Vec<InferredSpan>) {}
}

/// Whose the members at the top of an event are that are there for context alone: `_otel`, `headers`
/// and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbound) enum TopMembers {
    /// Who passed the event on by Invoke has put them there.
    Caller,
    /// The same, but `headers` are the event's own.
    CallerButHeaders,
    /// They are the event's own.
    Event,
}
