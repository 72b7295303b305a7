//! The input of an operation as the interceptor sees it.

use opentelemetry::{KeyValue, trace::Link};

use super::{injection::Injection, places::Places};
use crate::{LamplightInterceptor, carrier::Carrier};

/// The input of an operation, as far as this crate knows it.
pub(crate) trait Request {
    /// Adds the attributes that the convention asks for and that are known before the call.
    fn attributes(&self, region: Option<&str>, attributes: &mut Vec<KeyValue>);

    /// Returns whether messages of errors of this request may quote what must not be recorded.
    fn is_sensitive(&self) -> bool {
        false
    }

    /// Returns links to the contexts that the user has put into the messages, which stay as they are.
    fn existing_contexts(&self, _lamplight: &LamplightInterceptor) -> Vec<Link> {
        Vec::new()
    }

    /// Returns the places for context in the messages that this sends.
    fn places<'a>(&self, _lamplight: &'a LamplightInterceptor) -> Places<'a> {
        Places::default()
    }

    /// Writes context wherever there is room for it.
    fn inject(&mut self, _injection: &Injection<'_>, _places: &Places<'_>) {}

    /// Asks the service for the context that messages in its answer carry.
    fn ask_for_context(&mut self, _lamplight: &LamplightInterceptor) {}

    /// Returns the messages that this sends, as far as an interceptor may change them. Those that carry
    /// `traceparent` are counted.
    fn outgoing(
        &self,
        _lamplight: &LamplightInterceptor,
        _traceparent: &str,
    ) -> Option<OutgoingMessages> {
        None
    }
}

/// Messages about to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OutgoingMessages {
    pub(crate) carrier: Carrier,
    /// The number of messages that carry the context.
    pub(crate) carrying: usize,
    /// The size of all of them, as the service counts it.
    pub(crate) bytes: usize,
    /// The largest size that the service takes.
    pub(crate) limit: usize,
    /// A message has more attributes than may be sent, and would not without its context.
    pub(crate) is_crowded: bool,
}
