//! Destinations of asynchronous invocations: what another function was called with, and its result.

use super::event::EventSource;
use crate::inbound::{findings::Findings, members::Event, path::Path, search::ContextSearch};

pub(super) struct LambdaDestination;

impl EventSource for LambdaDestination {
    fn recognizes(event: &Event<'_>) -> bool {
        event.request_context().is_some() && event.request_payload().is_some()
    }

    fn read(search: &mut ContextSearch<'_>, event: &Event<'_>) -> Findings {
        let at = Path::Root.member("requestPayload");
        let payload = event.request_payload();
        let found = payload.and_then(|payload| search.in_value(payload, &at, 0));
        Findings {
            context: found,
            ..search.findings()
        }
    }
}
