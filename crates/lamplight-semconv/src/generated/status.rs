// Generated from a registry of semantic conventions: change that, not this.

//! `status.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Status of the measured spans.
///
/// Type: `enum of string`. Stability: development.
pub const CODE: &str = "status.code";

/// Returns the attribute `status.code` with this value. See [`CODE`].
pub fn code(value: StatusCode) -> KeyValue {
    KeyValue::new(CODE, value)
}

/// Values of [`CODE`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusCode {
    /// The status is unset.
    Unset,
    /// The operation was explicitly marked as successful.
    Ok,
    /// The operation failed.
    Error,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl StatusCode {
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
            "STATUS_CODE_UNSET" => Self::Unset,
            "STATUS_CODE_OK" => Self::Ok,
            "STATUS_CODE_ERROR" => Self::Error,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Unset => "STATUS_CODE_UNSET",
            Self::Ok => "STATUS_CODE_OK",
            Self::Error => "STATUS_CODE_ERROR",
            Self::Custom(_) => "",
        }
    }
}

impl From<StatusCode> for Value {
    fn from(value: StatusCode) -> Self {
        match value {
            StatusCode::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}
