// Generated from a registry of semantic conventions: change that, not this.

//! `client.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Address or name of the client; behind proxies, that of the original client if it is known.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"10.1.2.80"`.
pub const ADDRESS: &str = "client.address";

/// Returns the attribute `client.address` with this value. See [`ADDRESS`].
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

/// Returns the attribute `client.port` with this value. See [`PORT`].
pub fn port(value: i64) -> KeyValue {
    KeyValue::new(PORT, value)
}
