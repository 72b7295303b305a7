// Generated from a registry of semantic conventions: change that, not this.

//! `code.*`

/// `code.file.*`
pub mod file {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Source file the event was recorded in.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"src/ingress.rs"`.
    pub const PATH: &str = "code.file.path";

    /// [`PATH`] with a value.
    pub fn path(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(PATH, value.into())
    }
}

/// `code.function.*`
pub mod function {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Function the event was recorded in, with its path.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"broker::ingress::validate"`.
    pub const NAME: &str = "code.function.name";

    /// [`NAME`] with a value.
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}

/// `code.line.*`
pub mod line {
    use ::opentelemetry::KeyValue;

    /// Line of the source file the event was recorded in.
    ///
    /// Type: `int`. Stability: stable.
    ///
    /// Examples: `42`.
    pub const NUMBER: &str = "code.line.number";

    /// [`NUMBER`] with a value.
    pub fn number(value: i64) -> KeyValue {
        KeyValue::new(NUMBER, value)
    }
}
