//! Facts about an invocation that its event and the runtime tell.

use std::time::SystemTime;

use lamplight_propagation::inbound::{BatchItems, Source};
use lamplight_semconv::faas::FaasTrigger;

/// Facts about an invocation, known before its handler runs.
#[derive(Debug)]
pub(crate) struct InvocationFacts {
    pub(crate) source: Source,
    pub(crate) trigger: FaasTrigger,
    /// The records of the event by what a response may call them; they know how many there are.
    pub(crate) items: BatchItems,
    pub(crate) deadline: SystemTime,
}

impl InvocationFacts {
    /// Returns whether the response has a status code.
    pub(crate) fn is_http(&self) -> bool {
        // A route of a WebSocket is no request, and is answered like one.
        self.trigger == FaasTrigger::Http || self.source == Source::WebSocket
    }

    /// Returns the status code of a response that has none.
    pub(crate) fn implied_status(&self) -> Option<u16> {
        // API Gateway's payload format 2.0.
        matches!(self.source, Source::ApiGatewayV2 | Source::FunctionUrl).then_some(200)
    }

    /// Returns the records of a batch, if a response may say which of them failed.
    pub(crate) fn batch(&self) -> Option<&BatchItems> {
        (!self.items.is_empty()).then_some(&self.items)
    }

    /// Returns whether a response says something of the outcome.
    pub(crate) fn reads_response(&self) -> bool {
        self.is_http() || self.batch().is_some()
    }
}
