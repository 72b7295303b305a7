//! Options of the spans of a function.

use opentelemetry::Key;

use crate::span::Exceptions;

/// Options for the spans of invocations and records. They are fixed once the layers are created.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// Entries of the caller's baggage that become attributes.
    pub(crate) baggage_attributes: Vec<Key>,
    /// Response headers that become attributes, in lower case.
    pub(crate) response_headers: Vec<String>,
    pub(crate) exceptions: Option<Exceptions>,
    /// Also records the id of the invocation under its obsolete name.
    pub(crate) execution_alias: bool,
    /// Adds spans for the services that an event passed through.
    pub(crate) inferred_spans: bool,
    /// Adds a separate span for messaging events.
    pub(crate) event_span: bool,
}
