// Generated from a registry of semantic conventions: change that, not this.

//! `deployment.*`

/// `deployment.environment.*`
pub mod environment {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Environment in which the service is deployed.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"production"`, `"test"`.
    pub const NAME: &str = "deployment.environment.name";

    /// Returns the attribute `deployment.environment.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}
