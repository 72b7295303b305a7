//! The inputs of operations, as used by the interceptor.

use opentelemetry::{KeyValue, trace::Link};

use super::{injection::Injection, places::Places};
use crate::{LamplightInterceptor, carrier::Carrier};

/// The input of an operation known to this crate.
pub(crate) trait Request {
    /// Adds the attributes of the convention that are known before the call.
    fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>);

    /// Returns whether error messages of this request may quote data that must not be recorded.
    fn is_sensitive(&self) -> bool {
        false
    }

    /// Returns links to the contexts that the user has put into the messages, which are kept.
    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        Vec::new()
    }

    /// Returns the places for context in the messages of this request.
    fn places<'a>(&self, _lamplight: &'a LamplightInterceptor) -> Places<'a> {
        Places::default()
    }

    /// Injects context wherever there is room for it.
    fn inject(&mut self, _injection: &Injection<'_>, _places: &Places<'_>) {}

    /// Requests the context that messages in the response carry.
    fn ask_for_context(&mut self, _lamplight: &LamplightInterceptor) {}

    /// Returns the messages of this request, including changes by interceptors. Those that carry
    /// `traceparent` are counted.
    fn outgoing(
        &self,
        _lamplight: &LamplightInterceptor,
        _traceparent: &str,
    ) -> Option<OutgoingMessages> {
        None
    }
}

/// Messages to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutgoingMessages {
    pub(crate) carrier: Carrier,
    /// The number of messages that carry the context.
    pub(crate) carrying: usize,
    /// The total size, as counted by the service.
    pub(crate) bytes: usize,
    /// The size limit of the service.
    pub(crate) limit: usize,
    /// True if a message exceeds the maximum number of attributes because of its context.
    pub(crate) is_crowded: bool,
}
