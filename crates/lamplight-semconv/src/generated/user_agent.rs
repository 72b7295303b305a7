// Generated from a registry of semantic conventions: change that, not this.

//! `user_agent.*`

use ::opentelemetry::{KeyValue, StringValue};

/// User-Agent header of the client.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"curl/8.9.1"`.
pub const ORIGINAL: &str = "user_agent.original";

/// Returns the attribute `user_agent.original` with this value. See [`ORIGINAL`].
pub fn original(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(ORIGINAL, value.into())
}
