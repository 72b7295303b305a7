// Generated from a registry of semantic conventions: change that, not this.

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Anything.
    ///
    /// Type: `any`. Stability: development.
    pub const ANYTHING: &str = "shop.anything";

    /// Returns the attribute `shop.anything` with this value. See [`ANYTHING`].
    pub fn anything(value: impl Into<Value>) -> KeyValue {
        KeyValue::new(ANYTHING, value)
    }

    /// A count.
    ///
    /// Type: `int`. Stability: development.
    pub const COUNT: &str = "shop.count";

    /// Returns the attribute `shop.count` with this value. See [`COUNT`].
    pub fn count(value: i64) -> KeyValue {
        KeyValue::new(COUNT, value)
    }

    /// A truth.
    ///
    /// Type: `boolean`. Stability: development.
    pub const OPEN: &str = "shop.open";

    /// Returns the attribute `shop.open` with this value. See [`OPEN`].
    pub fn open(value: bool) -> KeyValue {
        KeyValue::new(OPEN, value)
    }

    /// A ratio.
    ///
    /// Type: `double`. Stability: development.
    pub const RATIO: &str = "shop.ratio";

    /// Returns the attribute `shop.ratio` with this value. See [`RATIO`].
    pub fn ratio(value: f64) -> KeyValue {
        KeyValue::new(RATIO, value)
    }

    /// A text.
    ///
    /// With a note.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"one"`.
    pub const TEXT: &str = "shop.text";

    /// Returns the attribute `shop.text` with this value. See [`TEXT`].
    pub fn text(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TEXT, value.into())
    }

    /// `shop.list.*`
    pub mod list {
        use ::opentelemetry::{Array, KeyValue, StringValue, Value};

        /// Counts.
        ///
        /// Type: `int[]`. Stability: development.
        pub const COUNTS: &str = "shop.list.counts";

        /// Returns the attribute `shop.list.counts` with this value. See [`COUNTS`].
        pub fn counts(value: impl Into<Vec<i64>>) -> KeyValue {
            let value = Value::Array(Array::I64(value.into()));
            KeyValue::new(COUNTS, value)
        }

        /// Ratios.
        ///
        /// Type: `double[]`. Stability: development.
        pub const RATIOS: &str = "shop.list.ratios";

        /// Returns the attribute `shop.list.ratios` with this value. See [`RATIOS`].
        pub fn ratios(value: impl Into<Vec<f64>>) -> KeyValue {
            let value = Value::Array(Array::F64(value.into()));
            KeyValue::new(RATIOS, value)
        }

        /// Texts.
        ///
        /// Type: `string[]`. Stability: development.
        pub const TEXTS: &str = "shop.list.texts";

        /// Returns the attribute `shop.list.texts` with this value. See [`TEXTS`].
        pub fn texts(value: impl IntoIterator<Item: Into<StringValue>>) -> KeyValue {
            let value = Value::Array(Array::String(value.into_iter().map(Into::into).collect()));
            KeyValue::new(TEXTS, value)
        }

        /// Truths.
        ///
        /// Type: `boolean[]`. Stability: development.
        pub const TRUTHS: &str = "shop.list.truths";

        /// Returns the attribute `shop.list.truths` with this value. See [`TRUTHS`].
        pub fn truths(value: impl Into<Vec<bool>>) -> KeyValue {
            let value = Value::Array(Array::Bool(value.into()));
            KeyValue::new(TRUTHS, value)
        }
    }
}
