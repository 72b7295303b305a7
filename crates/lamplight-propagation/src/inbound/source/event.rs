//! Events that are recognized by their own members.

use std::borrow::Cow;

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

    /// Returns the event that this one was made for, if it holds it: that is read as what it is, by the
    /// rules for its own source.
    fn passes_on<'a>(_event: &Event<'a>) -> Option<PassedOn<'a>> {
        None
    }

    /// Adds the spans of what the event passed through, from the function outwards.
    fn infer(_document: Value<'_>, _incoming: &Incoming, _spans: &mut Vec<InferredSpan>) {}
}

/// An event inside another one.
#[derive(Debug)]
pub(in crate::inbound) struct PassedOn<'a> {
    /// The event, or a string that holds it.
    pub(in crate::inbound) event: Value<'a>,
    /// Where it is.
    pub(in crate::inbound) at: Cow<'static, str>,
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
