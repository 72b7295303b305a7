// Generated from a registry of semantic conventions: change that, not this.

//! `url.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Domain of the URL, or its address where it has no domain.
///
/// Type: `string`. Stability: development.
///
/// Examples: `"shop.example"`.
pub const DOMAIN: &str = "url.domain";

/// [`DOMAIN`] with a value.
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

/// [`FULL`] with a value.
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

/// [`PATH`] with a value.
pub fn path(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(PATH, value.into())
}

/// Query of the URL without its question mark, values of secrets redacted.
///
/// Type: `string`. Stability: stable.
///
/// Conditionally required by span `faas.server.http`.
///
/// Examples: `"color=blue"`.
pub const QUERY: &str = "url.query";

/// [`QUERY`] with a value.
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

/// [`SCHEME`] with a value.
pub fn scheme(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(SCHEME, value.into())
}

/// Path of the URL with placeholders for what varies.
///
/// Few distinct values, so that requests can be grouped by it.
///
/// Type: `string`. Stability: development.
///
/// Conditionally required by span `http.client`.
///
/// Examples: `"/orders/{id}"`.
pub const TEMPLATE: &str = "url.template";

/// [`TEMPLATE`] with a value.
pub fn template(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(TEMPLATE, value.into())
}
