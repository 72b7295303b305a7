// Generated from a registry of semantic conventions: change that, not this.

//! `error.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Class of the error that ended the operation; absent on success.
///
/// Few distinct values, so that errors can be counted by it.
///
/// Type: `enum of string`. Stability: stable.
///
/// Conditionally required by span `faas.server`, span `messaging.process.consumer`, span
/// `aws.client`, span `faas.server.http`, span `faas.server.pubsub`, span `faas.server.timer`, 3
/// more.
///
/// Examples: `"timeout"`, `"500"`, `"batch_item_failure"`.
pub const TYPE: &str = "error.type";

/// [`TYPE`] with a value.
pub fn r#type(value: ErrorType) -> KeyValue {
    KeyValue::new(TYPE, value)
}

/// Values of [`TYPE`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorType {
    /// An error the instrumentation has no better name for.
    Other,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl ErrorType {
    /// The recorded value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(value) => value.as_str(),
            listed => listed.listed(),
        }
    }

    /// The member with this value, or [`Custom`](Self::Custom) if there is none.
    pub fn from_value(value: impl Into<StringValue>) -> Self {
        let value = value.into();
        match value.as_str() {
            "_OTHER" => Self::Other,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Other => "_OTHER",
            Self::Custom(_) => "",
        }
    }
}

impl From<ErrorType> for Value {
    fn from(value: ErrorType) -> Self {
        match value {
            ErrorType::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}
