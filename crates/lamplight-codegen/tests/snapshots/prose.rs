// Generated from a registry of semantic conventions: change that, not this.

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Größe der `<box>` and the \<lid\>, in \[0, 1), see <https://shop.example/sizes>. A
    /// sentence that goes on for so long that it has to be broken into lines of a length one can
    /// read.
    ///
    /// See [the page](https://shop.example/page), another and a third.
    ///
    /// ```text
    /// let this = be(no, test);
    /// ```
    ///
    /// - a list
    ///   that goes on
    /// - with two items
    ///
    ///    and what would be a code block
    ///
    /// | a | table |
    /// |---|---|
    /// | 1 | 2 |
    ///
    /// An odd \` tick, a *star*, a back\slash and a quote: "say".
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Examples: ``"a `tick`"``, `"two\nlines"`, `"back\\slash"`, `"ü"`.
    pub const NOTE: &str = "shop.note";

    /// Returns the attribute `shop.note` with this value. See [`NOTE`].
    pub fn note(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(NOTE, value.into())
    }

    /// Values with letters that need escaping.
    ///
    /// Type: `enum of string`. Stability: development.
    pub const QUOTE: &str = "shop.quote";

    /// Returns the attribute `shop.quote` with this value. See [`QUOTE`].
    pub fn quote(value: ShopQuote) -> KeyValue {
        KeyValue::new(QUOTE, value)
    }

    /// Values of [`QUOTE`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopQuote {
        /// Quotes.
        Quote,
        /// A line break.
        Newline,
        /// Not ASCII.
        Umlaut,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl ShopQuote {
        /// Returns the recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Custom(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
        pub fn from_value(value: impl Into<StringValue>) -> Self {
            let value = value.into();
            match value.as_str() {
                "say \"hi\"" => Self::Quote,
                "a\nb" => Self::Newline,
                "größe" => Self::Umlaut,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Quote => "say \"hi\"",
                Self::Newline => "a\nb",
                Self::Umlaut => "größe",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<ShopQuote> for Value {
        fn from(value: ShopQuote) -> Self {
            match value {
                ShopQuote::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}
