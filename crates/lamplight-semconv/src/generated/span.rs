// Generated from a registry of semantic conventions: change that, not this.

//! `span.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Kind of the measured spans.
///
/// Type: `enum of string`. Stability: development.
pub const KIND: &str = "span.kind";

/// Returns the attribute `span.kind` with this value. See [`KIND`].
pub fn kind(value: SpanKind) -> KeyValue {
    KeyValue::new(KIND, value)
}

/// Values of [`KIND`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// The kind is unspecified.
    Unspecified,
    /// Work within a service.
    Internal,
    /// Handling of a request.
    Server,
    /// Sending of a request.
    Client,
    /// Sending of a message.
    Producer,
    /// Processing of a message.
    Consumer,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl SpanKind {
    /// Returns the recorded value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(value) => value.as_str(),
            listed => listed.listed(),
        }
    }

    /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
    pub fn from_value(value: impl Into<StringValue>) -> Self {
        let value = value.into();
        match value.as_str() {
            "SPAN_KIND_UNSPECIFIED" => Self::Unspecified,
            "SPAN_KIND_INTERNAL" => Self::Internal,
            "SPAN_KIND_SERVER" => Self::Server,
            "SPAN_KIND_CLIENT" => Self::Client,
            "SPAN_KIND_PRODUCER" => Self::Producer,
            "SPAN_KIND_CONSUMER" => Self::Consumer,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Unspecified => "SPAN_KIND_UNSPECIFIED",
            Self::Internal => "SPAN_KIND_INTERNAL",
            Self::Server => "SPAN_KIND_SERVER",
            Self::Client => "SPAN_KIND_CLIENT",
            Self::Producer => "SPAN_KIND_PRODUCER",
            Self::Consumer => "SPAN_KIND_CONSUMER",
            Self::Custom(_) => "",
        }
    }
}

impl From<SpanKind> for Value {
    fn from(value: SpanKind) -> Self {
        match value {
            SpanKind::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}

/// Name of the measured spans.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"process orders"`.
pub const NAME: &str = "span.name";

/// Returns the attribute `span.name` with this value. See [`NAME`].
pub fn name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAME, value.into())
}
