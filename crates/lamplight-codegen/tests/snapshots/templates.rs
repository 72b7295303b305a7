// Generated from a registry of semantic conventions: change that, not this.

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{Array, KeyValue, StringValue, Value};

    /// Values of the header `<key>`.
    ///
    /// Type: `template[string[]]`. Stability: development.
    ///
    /// Examples: `["a", "b"]`.
    pub const HEADER: &str = "shop.header";

    /// Returns the attribute `shop.header.<key>` with this value. See [`HEADER`].
    pub fn header(key: &str, value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
        let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
        KeyValue::new(format!("{HEADER}.{key}"), value)
    }

    /// Label `<key>` of an order.
    ///
    /// Type: `template[string]`. Stability: development.
    pub const LABEL: &str = "shop.label";

    /// Returns the attribute `shop.label.<key>` with this value. See [`LABEL`].
    pub fn label(key: &str, value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(format!("{LABEL}.{key}"), value.into())
    }

    /// Tally of `<key>`.
    ///
    /// Type: `template[int]`. Stability: development.
    #[deprecated(note = "Nobody counts any more.")]
    pub const TALLY: &str = "shop.tally";

    /// Returns the attribute `shop.tally.<key>` with this value. See [`TALLY`].
    #[deprecated(note = "Nobody counts any more.")]
    pub fn tally(key: &str, value: i64) -> KeyValue {
        KeyValue::new(format!("shop.tally.{key}"), value)
    }
}
