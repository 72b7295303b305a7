// Generated from a registry of semantic conventions: change that, not this.

//! `exception.*`

use ::opentelemetry::{KeyValue, StringValue};

/// True if the error left the span on which it is recorded.
///
/// Type: `boolean`. Stability: stable.
#[deprecated(note = "Handled errors should not be recorded at all.")]
pub const ESCAPED: &str = "exception.escaped";

/// Returns the attribute `exception.escaped` with this value. See [`ESCAPED`].
#[deprecated(note = "Handled errors should not be recorded at all.")]
pub fn escaped(value: bool) -> KeyValue {
    KeyValue::new("exception.escaped", value)
}

/// Text of the error.
///
/// It may contain personal data or secrets.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by event `faas.invocation.exception`, event
/// `messaging.process.exception`, event `exception`.
///
/// Examples: `"connection refused"`.
pub const MESSAGE: &str = "exception.message";

/// Returns the attribute `exception.message` with this value. See [`MESSAGE`].
pub fn message(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(MESSAGE, value.into())
}

/// Backtrace of the error, as Rust prints it.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"0: app::handler\n1: main"`.
pub const STACKTRACE: &str = "exception.stacktrace";

/// Returns the attribute `exception.stacktrace` with this value. See [`STACKTRACE`].
pub fn stacktrace(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(STACKTRACE, value.into())
}

/// Type of the error value, as fully qualified as it is known.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by event `faas.invocation.exception`, event
/// `messaging.process.exception`, event `exception`.
///
/// Examples: `"std::io::Error"`.
pub const TYPE: &str = "exception.type";

/// Returns the attribute `exception.type` with this value. See [`TYPE`].
pub fn r#type(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TYPE, value.into())
}
