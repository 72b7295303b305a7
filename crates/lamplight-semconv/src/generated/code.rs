// Generated from a registry of semantic conventions: change that, not this.

//! `code.*`

/// `code.file.*`
pub mod file {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Source file that recorded the event.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"src/ingress.rs"`.
    pub const PATH: &str = "code.file.path";

    /// Returns the attribute `code.file.path` with this value. See [`PATH`].
    pub fn path(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(PATH, value.into())
    }
}

/// `code.function.*`
pub mod function {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Function that recorded the event, with its path.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"broker::ingress::validate"`.
    pub const NAME: &str = "code.function.name";

    /// Returns the attribute `code.function.name` with this value. See [`NAME`].
    pub fn name(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NAME, value.into())
    }
}

/// `code.line.*`
pub mod line {
    use ::opentelemetry::KeyValue;

    /// Line of the source file that recorded the event.
    ///
    /// Type: `int`. Stability: stable.
    ///
    /// Examples: `42`.
    pub const NUMBER: &str = "code.line.number";

    /// Returns the attribute `code.line.number` with this value. See [`NUMBER`].
    pub fn number(value: i64) -> KeyValue {
        KeyValue::new(NUMBER, value)
    }
}
