//! Destinations of asynchronous invocations: the event of another function, and its result.

use std::borrow::Cow;

use super::event::{EventSource, PassedOn};
use crate::inbound::members::Event;

pub(super) struct LambdaDestination;

impl EventSource for LambdaDestination {
    fn recognizes(event: &Event<'_>) -> bool {
        event.request_context().is_some() && event.request_payload().is_some()
    }

    fn passes_on<'a>(event: &Event<'a>) -> Option<PassedOn<'a>> {
        Some(PassedOn {
            event: event.request_payload()?,
            at: Cow::Borrowed("requestPayload"),
        })
    }
}
