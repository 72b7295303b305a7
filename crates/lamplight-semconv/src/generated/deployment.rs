// Generated from a registry of semantic conventions: change that, not this.

//! `deployment.*`

/// `deployment.environment.*`
pub mod environment {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Environment the service is deployed in.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"production"`, `"test"`.
    pub const NAME: &str = "deployment.environment.name";

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}
