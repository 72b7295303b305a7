//! Facts about an invocation, from its event and the runtime.

use std::time::SystemTime;

use lamplight_propagation::inbound::{BatchItems, Source};
use lamplight_semconv::faas::FaasTrigger;

/// Facts about an invocation, known before its handler runs.
#[derive(Debug)]
pub(crate) struct InvocationFacts {
    pub(crate) source: Source,
    pub(crate) trigger: FaasTrigger,
    /// The records of the event, by the identifiers that a response may use, and their number.
    pub(crate) items: BatchItems,
    pub(crate) deadline: SystemTime,
}

impl InvocationFacts {
    /// Returns whether the response has a status code.
    pub(crate) fn is_http(&self) -> bool {
        // A WebSocket route is not a request, but its response has the same form.
        self.trigger == FaasTrigger::Http || self.source == Source::WebSocket
    }

    /// Returns the status code of a response without one.
    pub(crate) fn implied_status(&self) -> Option<u16> {
        // API Gateway's payload format 2.0.
        matches!(self.source, Source::ApiGatewayV2 | Source::FunctionUrl).then_some(200)
    }

    /// Returns the records of a batch, if a response may report failures of single records.
    pub(crate) fn batch(&self) -> Option<&BatchItems> {
        (!self.items.is_empty()).then_some(&self.items)
    }

    /// Returns whether the outcome depends on the response.
    pub(crate) fn reads_response(&self) -> bool {
        self.is_http() || self.batch().is_some()
    }
}
