// Generated from a registry of semantic conventions: change that, not this.

//! `url.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Domain of the URL, or its address if it has no domain.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"shop.example"`.
pub const DOMAIN: &str = "url.domain";

/// Returns the attribute `url.domain` with this value. See [`DOMAIN`].
pub fn domain(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(DOMAIN, value.into())
}

/// Complete URL, with credentials and signatures removed.
///
/// Type: `string`. Stability: stable.
///
/// Required by span `http.client`.
///
/// Examples: `"https://shop.example/orders/42?color=blue"`.
pub const FULL: &str = "url.full";

/// Returns the attribute `url.full` with this value. See [`FULL`].
pub fn full(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(FULL, value.into())
}

/// Path of the URL.
///
/// Type: `string`. Stability: stable.
///
/// Required by span `faas.server.http`.
///
/// Examples: `"/orders/42"`.
pub const PATH: &str = "url.path";

/// Returns the attribute `url.path` with this value. See [`PATH`].
pub fn path(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(PATH, value.into())
}

/// Query of the URL without its question mark, with secret values redacted.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by span `faas.server.http`.
///
/// Examples: `"color=blue"`.
pub const QUERY: &str = "url.query";

/// Returns the attribute `url.query` with this value. See [`QUERY`].
pub fn query(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(QUERY, value.into())
}

/// Scheme of the URL.
///
/// Type: `string`. Stability: stable.
///
/// Required by span `faas.server.http`.
///
/// Examples: `"https"`.
pub const SCHEME: &str = "url.scheme";

/// Returns the attribute `url.scheme` with this value. See [`SCHEME`].
pub fn scheme(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(SCHEME, value.into())
}

/// Path of the URL with placeholders for what varies.
///
/// Few distinct values, so that requests can be grouped by it.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"/orders/{id}"`.
pub const TEMPLATE: &str = "url.template";

/// Returns the attribute `url.template` with this value. See [`TEMPLATE`].
pub fn template(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TEMPLATE, value.into())
}
