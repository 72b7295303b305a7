// Generated from a registry of semantic conventions: change that, not this.

/// `crate.*`
#[allow(dead_code, unreachable_pub)]
pub mod crate_ {
    /// `crate.super.*`
    pub mod super_ {
        use ::opentelemetry::KeyValue;

        /// Cannot be raw at all.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Required by span `loop.type`.
        pub const SELF: &str = "crate.super.self";

        /// Returns the attribute `crate.super.self` with this value. See [`SELF`].
        pub fn self_(value: i64) -> KeyValue {
            KeyValue::new(SELF, value)
        }
    }
}

/// `key.*`
#[allow(dead_code, unreachable_pub)]
pub mod key {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Its enum would be named like a type of the API.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Required by span `loop.type`.
    pub const VALUE: &str = "key.value";

    /// Returns the attribute `key.value` with this value. See [`VALUE`].
    pub fn value(value: KeyValueMember) -> KeyValue {
        KeyValue::new(VALUE, value)
    }

    /// Values of [`VALUE`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum KeyValueMember {
        /// A keyword.
        Self_,
        /// Starts with a digit.
        _2xx,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl KeyValueMember {
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
                "self" => Self::Self_,
                "2xx" => Self::_2xx,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Self_ => "self",
                Self::_2xx => "2xx",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<KeyValueMember> for Value {
        fn from(value: KeyValueMember) -> Self {
            match value {
                KeyValueMember::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }
}

/// `match.*`
#[allow(dead_code, unreachable_pub)]
pub mod r#match {
    /// `match.fn.*`
    pub mod r#fn {
        use ::opentelemetry::KeyValue;

        /// Keywords all the way.
        ///
        /// Type: `int`. Stability: development.
        pub const IMPL: &str = "match.fn.impl";

        /// Returns the attribute `match.fn.impl` with this value. See [`IMPL`].
        pub fn r#impl(value: i64) -> KeyValue {
            KeyValue::new(IMPL, value)
        }
    }
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// Starts with a digit.
    ///
    /// Type: `int`. Stability: development.
    pub const _2XX: &str = "shop.2xx";

    /// Returns the attribute `shop.2xx` with this value. See [`_2XX`].
    pub fn _2xx(value: i64) -> KeyValue {
        KeyValue::new(_2XX, value)
    }

    /// A keyword.
    ///
    /// Type: `boolean`. Stability: development.
    pub const ASYNC: &str = "shop.async";

    /// Returns the attribute `shop.async` with this value. See [`ASYNC`].
    pub fn r#async(value: bool) -> KeyValue {
        KeyValue::new(ASYNC, value)
    }

    /// A keyword of one edition.
    ///
    /// Type: `int`. Stability: development.
    pub const GEN: &str = "shop.gen";

    /// Returns the attribute `shop.gen` with this value. See [`GEN`].
    pub fn r#gen(value: i64) -> KeyValue {
        KeyValue::new(GEN, value)
    }

    /// Members that are keywords.
    ///
    /// Type: `enum of string`. Stability: development.
    pub const KIND: &str = "shop.kind";

    /// Returns the attribute `shop.kind` with this value. See [`KIND`].
    pub fn kind(value: ShopKind) -> KeyValue {
        KeyValue::new(KIND, value)
    }

    /// Values of [`KIND`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopKind {
        /// `type`.
        Type,
        /// `async`.
        Async,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl ShopKind {
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
                "type" => Self::Type,
                "async" => Self::Async,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Type => "type",
                Self::Async => "async",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<ShopKind> for Value {
        fn from(value: ShopKind) -> Self {
            match value {
                ShopKind::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// Required by a span.
    ///
    /// Type: `int`. Stability: development.
    pub const NUMBERS: &str = "shop.numbers";

    /// Returns the attribute `shop.numbers` with this value. See [`NUMBERS`].
    pub fn numbers(value: i64) -> KeyValue {
        KeyValue::new(NUMBERS, value)
    }

    /// Cannot be raw.
    ///
    /// Type: `int`. Stability: development.
    pub const SELF: &str = "shop.self";

    /// Returns the attribute `shop.self` with this value. See [`SELF`].
    pub fn self_(value: i64) -> KeyValue {
        KeyValue::new(SELF, value)
    }

    /// A keyword.
    ///
    /// Type: `string`. Stability: development.
    ///
    /// Required by span `loop.type`.
    pub const TYPE: &str = "shop.type";

    /// Returns the attribute `shop.type` with this value. See [`TYPE`].
    pub fn r#type(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(TYPE, value.into())
    }

    /// `shop.1st.*`
    pub mod _1st {
        use ::opentelemetry::KeyValue;

        /// A module that starts with a digit.
        ///
        /// Type: `int`. Stability: development.
        pub const PLACE: &str = "shop.1st.place";

        /// Returns the attribute `shop.1st.place` with this value. See [`PLACE`].
        pub fn place(value: i64) -> KeyValue {
            KeyValue::new(PLACE, value)
        }
    }

    /// `shop.a_very_long_name.*`
    pub mod a_very_long_name {
        /// `shop.a_very_long_name.that_goes_on_and_on_and_on.*`
        pub mod that_goes_on_and_on_and_on {
            /// `shop.a_very_long_name.that_goes_on_and_on_and_on.until_it_does_not_fit.*`
            pub mod until_it_does_not_fit {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Long.
                ///
                /// Type: `string`. Stability: development.
                ///
                /// Required by span `loop.type`.
                pub const ON_A_LINE_OF_A_HUNDRED_LETTERS: &str = "shop.a_very_long_name.that_goes_on_and_on_and_on.until_it_does_not_fit.on_a_line_of_a_hundred_letters";

                /// Returns the attribute `shop.a_very_long_name.that_goes_on_and_on_and_on.until_it_does_not_fit.on_a_line_of_a_hundred_letters` with this value. See [`ON_A_LINE_OF_A_HUNDRED_LETTERS`].
                pub fn on_a_line_of_a_hundred_letters(value: impl Into<StringValue>) -> KeyValue {
                    KeyValue::new(ON_A_LINE_OF_A_HUNDRED_LETTERS, value.into())
                }
            }
        }
    }

    /// `shop.http.*`
    pub mod http {
        use ::opentelemetry::KeyValue;

        /// Has no letter.
        ///
        /// Type: `int`. Stability: development.
        pub const _1_0_: &str = "shop.http.1_0";

        /// Returns the attribute `shop.http.1_0` with this value. See [`_1_0_`].
        pub fn _1_0(value: i64) -> KeyValue {
            KeyValue::new(_1_0_, value)
        }
    }
}

/// The spans of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod spans {
    /// `loop.*`
    pub mod r#loop {
        /// Keywords in the name of a span.
        ///
        /// Kind: internal. Name: {shop.type}
        ///
        /// Stability: development.
        ///
        /// - `shop.type` (required): A keyword.
        /// - `crate.super.self` (required): Cannot be raw at all.
        /// - `key.value` (required): Its enum would be named like a type of the API.
        /// - `shop.a_very_long_name.that_goes_on_and_on_and_on.until_it_does_not_fit.on_a_line_of_a_hundred_letters` (required): Long.
        pub mod r#type {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "loop.type";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                shop_type: impl Into<StringValue>,
                crate_super_self: i64,
                key_value: super::super::super::key::KeyValueMember,
                shop_a_very_long_name_that_goes_on_and_on_and_on_until_it_does_not_fit_on_a_line_of_a_hundred_letters: impl Into<StringValue>,
            ) -> [KeyValue; 4] {
                let shop_type = super::super::super::shop::r#type(shop_type);
                let crate_super_self = super::super::super::crate_::super_::self_(crate_super_self);
                let key_value = super::super::super::key::value(key_value);
                let shop_a_very_long_name_that_goes_on_and_on_and_on_until_it_does_not_fit_on_a_line_of_a_hundred_letters =
                    super::super::super::shop::a_very_long_name::that_goes_on_and_on_and_on::until_it_does_not_fit::on_a_line_of_a_hundred_letters(
                        shop_a_very_long_name_that_goes_on_and_on_and_on_until_it_does_not_fit_on_a_line_of_a_hundred_letters,
                    );
                [
                    shop_type,
                    crate_super_self,
                    key_value,
                    shop_a_very_long_name_that_goes_on_and_on_and_on_until_it_does_not_fit_on_a_line_of_a_hundred_letters,
                ]
            }
        }
    }
}
