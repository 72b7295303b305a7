// Generated from a registry of semantic conventions: change that, not this.

//! `service.*`

use ::opentelemetry::{KeyValue, StringValue};

/// Name of the service.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"event-broker"`.
pub const NAME: &str = "service.name";

/// Returns the attribute `service.name` with this value. See [`NAME`].
pub fn name(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAME, value.into())
}

/// Group of services to which this one belongs.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"shop"`.
pub const NAMESPACE: &str = "service.namespace";

/// Returns the attribute `service.namespace` with this value. See [`NAMESPACE`].
pub fn namespace(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(NAMESPACE, value.into())
}

/// Version of the service.
///
/// Type: `string`. Stability: stable.
///
/// Examples: `"2.0.0"`, `"a01dbef8a"`.
pub const VERSION: &str = "service.version";

/// Returns the attribute `service.version` with this value. See [`VERSION`].
pub fn version(value: impl Into<StringValue>) -> KeyValue {
    KeyValue::new(VERSION, value.into())
}

/// `service.instance.*`
pub mod instance {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Identifier of this instance of the service.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"627cc493-f310-47de-96bd-71410b7dec09"`.
    pub const ID: &str = "service.instance.id";

    /// Returns the attribute `service.instance.id` with this value. See [`ID`].
    pub fn id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(ID, value.into())
    }
}
