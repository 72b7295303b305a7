//! Options of the spans of a function.

use opentelemetry::Key;

use crate::span::Exceptions;

/// Options of the spans of invocations and records. They do not change once the layers are made.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The entries of the caller's baggage that become attributes.
    pub(crate) baggage_attributes: Vec<Key>,
    /// The headers of responses that become attributes, in lower case.
    pub(crate) response_headers: Vec<String>,
    pub(crate) exceptions: Option<Exceptions>,
    /// The id of the invocation under its obsolete name too.
    pub(crate) execution_alias: bool,
    /// Spans for the services that an event passed through.
    pub(crate) inferred_spans: bool,
    /// A span of its own for an event of messages.
    pub(crate) event_span: bool,
}
