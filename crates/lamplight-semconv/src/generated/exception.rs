// Generated from a registry of semantic conventions: change that, not this.

//! `exception.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Whether the error left the span it is recorded on.
///
/// Type: `boolean`. Stability: stable.
#[deprecated(note = "Errors that were handled are not to be recorded at all.")]
pub const ESCAPED: &str = "exception.escaped";

/// [`ESCAPED`] with a value.
#[deprecated(note = "Errors that were handled are not to be recorded at all.")]
pub fn escaped(value: bool) -> KeyValue {
    KeyValue::new("exception.escaped", value)
}

/// Text of the error.
///
/// It may hold personal data or secrets.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by event `faas.invocation.exception`, event
/// `messaging.process.exception`, event `exception`.
///
/// Examples: `"connection refused"`.
pub const MESSAGE: &str = "exception.message";

/// [`MESSAGE`] with a value.
pub fn message(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(MESSAGE, value.into())
}

/// Backtrace of the error, as Rust prints it.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"0: app::handler\n1: main"`.
pub const STACKTRACE: &str = "exception.stacktrace";

/// [`STACKTRACE`] with a value.
pub fn stacktrace(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(STACKTRACE, value.into())
}

/// Type of the error value, as fully qualified as it can be told.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by event `faas.invocation.exception`, event
/// `messaging.process.exception`, event `exception`.
///
/// Examples: `"std::io::Error"`.
pub const TYPE: &str = "exception.type";

/// [`TYPE`] with a value.
pub fn r#type(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TYPE, value.into())
}
