// Generated from a registry of semantic conventions: change that, not this.

//! `service.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Name of the service.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"event-broker"`.
pub const NAME: &str = "service.name";

/// [`NAME`] with a value.
pub fn name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAME, value.into())
}

/// Group of services this one belongs to.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"shop"`.
pub const NAMESPACE: &str = "service.namespace";

/// [`NAMESPACE`] with a value.
pub fn namespace(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAMESPACE, value.into())
}

/// Version of the service.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"2.0.0"`, `"a01dbef8a"`.
pub const VERSION: &str = "service.version";

/// [`VERSION`] with a value.
pub fn version(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(VERSION, value.into())
}

/// `service.instance.*`
pub mod instance {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Identifier of this one copy of the service.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"627cc493-f310-47de-96bd-71410b7dec09"`.
    pub const ID: &str = "service.instance.id";

    /// [`ID`] with a value.
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}
