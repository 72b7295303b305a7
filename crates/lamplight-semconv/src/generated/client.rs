// Generated from a registry of semantic conventions: change that, not this.

//! `client.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Address or name of the client, seen through proxies where that is possible.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"10.1.2.80"`.
pub const ADDRESS: &str = "client.address";

/// [`ADDRESS`] with a value.
pub fn address(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(ADDRESS, value.into())
}

/// Port of the client.
///
/// Type: `int`. Stability: stable.
///
/// Conditionally required by span `faas.server.http`.
///
/// Examples: `65123`.
pub const PORT: &str = "client.port";

/// [`PORT`] with a value.
pub fn port(value: i64) -> KeyValue {
    KeyValue::new(PORT, value)
}
