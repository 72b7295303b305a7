// Generated from a registry of semantic conventions: change that, not this.

//! `server.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Address or name of the server, seen through proxies where that is possible.
///
/// Type: `string`. Stability: stable.
///
/// Required by span `http.client`.
///
/// Examples: `"shop.example"`.
pub const ADDRESS: &str = "server.address";

/// [`ADDRESS`] with a value.
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

/// [`PORT`] with a value.
pub fn port(value: i64) -> KeyValue {
    KeyValue::new(PORT, value)
}
