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
    /// The owner of the members that exist only to carry context.
    const TOP_MEMBERS: TopMembers = TopMembers::Caller;

    /// Returns whether an event is from this source, assuming that no earlier source in the list recognizes
    /// it.
    fn recognizes(event: &Event<'_>) -> bool;

    /// Reads the context and the attributes.
    fn read(search: &mut ContextSearch<'_>, _event: &Event<'_>) -> Findings {
        search.findings()
    }

    /// Returns the original event if this event contains it. The original event is read by the rules of its
    /// own source.
    fn passes_on<'a>(_event: &Event<'a>) -> Option<PassedOn<'a>> {
        None
    }

    /// Adds spans for the services that the event passed through, from the function outwards.
    fn infer(_document: Value<'_>, _incoming: &Incoming, _spans: &mut Vec<InferredSpan>) {}
}

/// An event inside another one.
#[derive(Debug)]
pub(in crate::inbound) struct PassedOn<'a> {
    /// The event, or a string that contains it.
    pub(in crate::inbound) event: Value<'a>,
    /// The path of the event.
    pub(in crate::inbound) at: Cow<'static, str>,
}

/// The owner of the members at the top of an event that exist only to carry context, such as `_otel` and
/// `headers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::inbound) enum TopMembers {
    /// The caller, who passed the event on with Invoke.
    Caller,
    /// The caller, except for `headers`, which belong to the event.
    CallerButHeaders,
    /// The event itself.
    Event,
}
