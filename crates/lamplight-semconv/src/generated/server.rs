// Generated from a registry of semantic conventions: change that, not this.

//! `server.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Address or name of the server; behind proxies, that of the original server if it is known.
///
/// Type: `string`. Stability: stable.
///
/// Required by span `http.client`.
///
/// Examples: `"shop.example"`.
pub const ADDRESS: &str = "server.address";

/// Returns the attribute `server.address` with this value. See [`ADDRESS`].
pub fn address(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(ADDRESS, value.into())
}

/// Port of the server.
///
/// Type: `int`. Stability: stable.
///
/// Required by span `http.client`. Conditionally required by span `aws.client`, span
/// `faas.server.http`, span `aws.client.messaging`, span `aws.client.messaging.send.producer`,
/// span `aws.client.messaging.send.client`, span `aws.client.messaging.receive`, 6 more.
///
/// Examples: `443`.
pub const PORT: &str = "server.port";

/// Returns the attribute `server.port` with this value. See [`PORT`].
pub fn port(value: i64) -> KeyValue {
    KeyValue::new(PORT, value)
}
