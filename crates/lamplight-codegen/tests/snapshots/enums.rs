// Generated from a registry of semantic conventions: change that, not this.

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// An enum of truth values.
    ///
    /// Type: `enum of boolean`. Stability: development.
    pub const ANSWER: &str = "shop.answer";

    /// Returns the attribute `shop.answer` with this value. See [`ANSWER`].
    pub fn answer(value: ShopAnswer) -> KeyValue {
        KeyValue::new(ANSWER, value)
    }

    /// Values of [`ANSWER`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopAnswer {
        /// It is so.
        Yes,
        /// It is not so.
        No,
    }

    impl ShopAnswer {
        /// Returns the recorded value.
        pub const fn as_bool(self) -> bool {
            match self {
                Self::Yes => true,
                Self::No => false,
            }
        }

        /// Returns the member with this value.
        pub fn from_value(value: bool) -> Option<Self> {
            match value {
                true => Some(Self::Yes),
                false => Some(Self::No),
            }
        }
    }

    impl From<ShopAnswer> for Value {
        fn from(value: ShopAnswer) -> Self {
            value.as_bool().into()
        }
    }

    /// An open enum of integers.
    ///
    /// Type: `enum of int`. Stability: development.
    pub const CODE: &str = "shop.code";

    /// Returns the attribute `shop.code` with this value. See [`CODE`].
    pub fn code(value: ShopCode) -> KeyValue {
        KeyValue::new(CODE, value)
    }

    /// Values of [`CODE`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopCode {
        /// All is well.
        Ok,
        /// `http_1_0`.
        Http1_0,
        /// `http_10`.
        Http10,
        /// A value the registry does not list.
        Custom(i64),
    }

    impl ShopCode {
        /// Returns the recorded value.
        pub const fn as_i64(self) -> i64 {
            match self {
                Self::Ok => 0,
                Self::Http1_0 => 10,
                Self::Http10 => 100,
                Self::Custom(value) => value,
            }
        }

        /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
        pub const fn from_value(value: i64) -> Self {
            match value {
                0 => Self::Ok,
                10 => Self::Http1_0,
                100 => Self::Http10,
                _ => Self::Custom(value),
            }
        }
    }

    impl From<ShopCode> for Value {
        fn from(value: ShopCode) -> Self {
            value.as_i64().into()
        }
    }

    /// An open enum of texts.
    ///
    /// Type: `enum of string`. Stability: development.
    pub const COLOR: &str = "shop.color";

    /// Returns the attribute `shop.color` with this value. See [`COLOR`].
    pub fn color(value: ShopColor) -> KeyValue {
        KeyValue::new(COLOR, value)
    }

    /// Values of [`COLOR`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopColor {
        /// Like blood.
        Red,
        /// Like the sky.
        ///
        /// On a good day.
        LightBlue,
        /// Former name.
        #[deprecated(note = "use `light_blue` instead")]
        Azure,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    #[allow(deprecated)]
    impl ShopColor {
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
                "red" => Self::Red,
                "light-blue" => Self::LightBlue,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Red => "red",
                Self::LightBlue => "light-blue",
                Self::Azure => "light-blue",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<ShopColor> for Value {
        fn from(value: ShopColor) -> Self {
            match value {
                ShopColor::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// An enum with a member named like the variant for other values.
    ///
    /// Type: `enum of string`. Stability: development.
    pub const FIT: &str = "shop.fit";

    /// Returns the attribute `shop.fit` with this value. See [`FIT`].
    pub fn fit(value: ShopFit) -> KeyValue {
        KeyValue::new(FIT, value)
    }

    /// Values of [`FIT`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopFit {
        /// Made to measure.
        Custom,
        /// Off the peg.
        Standard,
        /// A value the registry does not list.
        Unlisted(StringValue),
    }

    impl ShopFit {
        /// Returns the recorded value.
        pub fn as_str(&self) -> &str {
            match self {
                Self::Unlisted(value) => value.as_str(),
                listed => listed.listed(),
            }
        }

        /// Returns the member with this value, or [`Unlisted`](Self::Unlisted) if there is none.
        pub fn from_value(value: impl Into<StringValue>) -> Self {
            let value = value.into();
            match value.as_str() {
                "custom" => Self::Custom,
                "standard" => Self::Standard,
                _ => Self::Unlisted(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Custom => "custom",
                Self::Standard => "standard",
                Self::Unlisted(_) => "",
            }
        }
    }

    impl From<ShopFit> for Value {
        fn from(value: ShopFit) -> Self {
            match value {
                ShopFit::Unlisted(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// A closed enum of texts.
    ///
    /// Type: `enum of string`. Stability: development.
    pub const SIZE: &str = "shop.size";

    /// Returns the attribute `shop.size` with this value. See [`SIZE`].
    pub fn size(value: ShopSize) -> KeyValue {
        KeyValue::new(SIZE, value)
    }

    /// Values of [`SIZE`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopSize {
        /// Small.
        Small,
        /// Large.
        Large,
    }

    impl ShopSize {
        /// Returns the recorded value.
        pub const fn as_str(self) -> &'static str {
            match self {
                Self::Small => "S",
                Self::Large => "L",
            }
        }

        /// Returns the member with this value.
        pub fn from_value(value: &str) -> Option<Self> {
            match value {
                "S" => Some(Self::Small),
                "L" => Some(Self::Large),
                _ => None,
            }
        }
    }

    impl From<ShopSize> for Value {
        fn from(value: ShopSize) -> Self {
            value.as_str().into()
        }
    }
}
