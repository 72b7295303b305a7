// Generated from a registry of semantic conventions: change that, not this.

/// The events of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod events {
    /// A sale, as an event of a span.
    ///
    /// Stability: development.
    ///
    /// - `shop_sold.total` (required): Price.
    /// - `shop.payment.method` (required): How it was paid.
    /// - `shop.cart.items` (recommended): Number of items.
    pub mod shop_sold {
        use ::opentelemetry::KeyValue;

        /// Name of the event.
        pub const NAME: &str = "shop_sold";

        /// Returns the required attributes, none of which can be omitted.
        pub fn required(
            shop_sold_total: i64,
            shop_payment_method: super::super::shop::payment::ShopPaymentMethod,
        ) -> [KeyValue; 2] {
            let shop_sold_total = super::super::shop_sold::total(shop_sold_total);
            let shop_payment_method = super::super::shop::payment::method(shop_payment_method);
            [shop_sold_total, shop_payment_method]
        }
    }
}

/// `geo.*`
#[allow(dead_code, unreachable_pub)]
pub mod geo {
    use ::opentelemetry::KeyValue;

    /// Latitude.
    ///
    /// Type: `double`. Stability: development.
    ///
    /// Examples: `52.5`.
    pub const LAT: &str = "geo.lat";

    /// Returns the attribute `geo.lat` with this value. See [`LAT`].
    pub fn lat(value: f64) -> KeyValue {
        KeyValue::new(LAT, value)
    }
}

/// The metrics of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod metrics {
    /// `shop.*`
    pub mod shop {
        /// Sales.
        ///
        /// Instrument: counter.
        ///
        /// Stability: development.
        ///
        /// - `shop.payment.method` (required): How it was paid.
        pub mod sales {
            use ::opentelemetry::KeyValue;

            /// Name of the metric.
            pub const NAME: &str = "shop.sales";

            /// Unit of the metric.
            pub const UNIT: &str = "{sale}";

            /// Description of the metric.
            pub const DESCRIPTION: &str = "Sales.";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                shop_payment_method: super::super::super::shop::payment::ShopPaymentMethod,
            ) -> [KeyValue; 1] {
                let shop_payment_method =
                    super::super::super::shop::payment::method(shop_payment_method);
                [shop_payment_method]
            }
        }
    }
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, Value};

    /// Limit of an order.
    ///
    /// Type: `enum of double`. Stability: development.
    pub const LIMIT: &str = "shop.limit";

    /// Returns the attribute `shop.limit` with this value. See [`LIMIT`].
    pub fn limit(value: ShopLimit) -> KeyValue {
        KeyValue::new(LIMIT, value)
    }

    /// Values of [`LIMIT`].
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopLimit {
        /// `low`.
        Low,
        /// `high`.
        High,
    }

    impl ShopLimit {
        /// Returns the recorded value.
        pub const fn as_f64(self) -> f64 {
            match self {
                Self::Low => 0.5,
                Self::High => 1e300,
            }
        }

        /// Returns the member with this value.
        pub fn from_value(value: f64) -> Option<Self> {
            match value {
                0.5 => Some(Self::Low),
                1e300 => Some(Self::High),
                _ => None,
            }
        }
    }

    impl From<ShopLimit> for Value {
        fn from(value: ShopLimit) -> Self {
            value.as_f64().into()
        }
    }

    /// Size of a parcel, by its weight in kilograms.
    ///
    /// Type: `enum of double`. Stability: development.
    ///
    /// Required by span `trace.shop.common`, span `trace.shop.checkout`.
    pub const WEIGHT: &str = "shop.weight";

    /// Returns the attribute `shop.weight` with this value. See [`WEIGHT`].
    pub fn weight(value: ShopWeight) -> KeyValue {
        KeyValue::new(WEIGHT, value)
    }

    /// Values of [`WEIGHT`].
    #[derive(Debug, Clone, Copy, PartialEq)]
    #[non_exhaustive]
    pub enum ShopWeight {
        /// Up to a kilogram.
        Small,
        /// Up to two and a half.
        Medium,
        /// Not weighed.
        Large,
        /// A value the registry does not list.
        Custom(f64),
    }

    impl ShopWeight {
        /// Returns the recorded value.
        pub const fn as_f64(self) -> f64 {
            match self {
                Self::Small => 1.0,
                Self::Medium => 2.5,
                Self::Large => 0.0,
                Self::Custom(value) => value,
            }
        }

        /// Returns the member with this value, or [`Custom`](Self::Custom) if there is none.
        pub const fn from_value(value: f64) -> Self {
            match value {
                1.0 => Self::Small,
                2.5 => Self::Medium,
                0.0 => Self::Large,
                _ => Self::Custom(value),
            }
        }
    }

    impl From<ShopWeight> for Value {
        fn from(value: ShopWeight) -> Self {
            value.as_f64().into()
        }
    }

    /// `shop.basket.*`
    pub mod basket {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Number of items.
        ///
        /// Type: `int`. Stability: deprecated.
        ///
        /// Examples: `3`.
        #[deprecated(note = "Replaced by `shop.cart.items`.")]
        pub const ITEMS: &str = "shop.basket.items";

        /// Returns the attribute `shop.basket.items` with this value. See [`ITEMS`].
        #[deprecated(note = "Replaced by `shop.cart.items`.")]
        pub fn items(value: i64) -> KeyValue {
            KeyValue::new("shop.basket.items", value)
        }

        /// Kind of basket.
        ///
        /// Type: `string`. Stability: deprecated.
        ///
        /// Examples: `"at the door\\n of the shop"`.
        #[deprecated(note = "deprecated")]
        pub const KIND: &str = "shop.basket.kind";

        /// Returns the attribute `shop.basket.kind` with this value. See [`KIND`].
        #[deprecated(note = "deprecated")]
        pub fn kind(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new("shop.basket.kind", value.into())
        }
    }

    /// `shop.cart.*`
    pub mod cart {
        use ::opentelemetry::KeyValue;

        /// Number of items.
        ///
        /// Type: `int`. Stability: development.
        ///
        /// Required by span `trace.shop.common`.
        ///
        /// Examples: `3`.
        pub const ITEMS: &str = "shop.cart.items";

        /// Returns the attribute `shop.cart.items` with this value. See [`ITEMS`].
        pub fn items(value: i64) -> KeyValue {
            KeyValue::new(ITEMS, value)
        }
    }

    /// `shop.geo.*`
    pub mod geo {
        use ::opentelemetry::KeyValue;

        /// Latitude of the shop.
        ///
        /// Type: `double`. Stability: development.
        ///
        /// Examples: `52.5`.
        pub const LAT: &str = "shop.geo.lat";

        /// Returns the attribute `shop.geo.lat` with this value. See [`LAT`].
        pub fn lat(value: f64) -> KeyValue {
            KeyValue::new(LAT, value)
        }
    }

    /// `shop.library.*`
    pub mod library {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Its name.
        ///
        /// Type: `string`. Stability: development.
        ///
        /// Examples: `"till"`.
        pub const NAME: &str = "shop.library.name";

        /// Returns the attribute `shop.library.name` with this value. See [`NAME`].
        pub fn name(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(NAME, value.into())
        }
    }

    /// `shop.payment.*`
    pub mod payment {
        use ::opentelemetry::{KeyValue, StringValue, Value};

        /// How it was paid.
        ///
        /// Type: `enum of string`. Stability: development.
        ///
        /// Required by event `shop_sold`, metric `shop.sales`.
        pub const METHOD: &str = "shop.payment.method";

        /// Returns the attribute `shop.payment.method` with this value. See [`METHOD`].
        pub fn method(value: ShopPaymentMethod) -> KeyValue {
            KeyValue::new(METHOD, value)
        }

        /// Values of [`METHOD`].
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ShopPaymentMethod {
            /// By card.
            Card,
            /// On account.
            Invoice,
            /// Later.
            PayLater,
            /// Later.
            #[deprecated(note = "Replaced by `pay.later`.")]
            DeprecatedPayLater,
            /// A value the registry does not list.
            Custom(StringValue),
        }

        #[allow(deprecated)]
        impl ShopPaymentMethod {
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
                    "card" => Self::Card,
                    "on_account" => Self::Invoice,
                    "pay.later" => Self::PayLater,
                    "pay_later" => Self::DeprecatedPayLater,
                    _ => Self::Custom(value),
                }
            }

            fn listed(&self) -> &'static str {
                match self {
                    Self::Card => "card",
                    Self::Invoice => "on_account",
                    Self::PayLater => "pay.later",
                    Self::DeprecatedPayLater => "pay_later",
                    Self::Custom(_) => "",
                }
            }
        }

        impl From<ShopPaymentMethod> for Value {
            fn from(value: ShopPaymentMethod) -> Self {
                match value {
                    ShopPaymentMethod::Custom(value) => value.into(),
                    listed => listed.listed().into(),
                }
            }
        }
    }
}

/// `shop_sold.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop_sold {
    use ::opentelemetry::KeyValue;

    /// Price.
    ///
    /// Type: `int`. Stability: development.
    ///
    /// Required by event `shop_sold`.
    ///
    /// Examples: `7`.
    pub const TOTAL: &str = "shop_sold.total";

    /// Returns the attribute `shop_sold.total` with this value. See [`TOTAL`].
    pub fn total(value: i64) -> KeyValue {
        KeyValue::new(TOTAL, value)
    }
}

/// The spans of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod spans {
    /// `trace.*`
    pub mod trace {
        /// `trace.shop.*`
        pub mod shop {
            /// A checkout.
            ///
            /// Kind: internal.
            ///
            /// Stability: development.
            ///
            /// - `shop.weight` (required): Size of a parcel, by its weight in kilograms.
            /// - `shop.geo.lat` (recommended): Latitude of the shop.
            /// - `shop.cart.items` (opt-in): Number of items.
            pub mod checkout {
                use ::opentelemetry::KeyValue;

                /// Type of the span.
                pub const TYPE: &str = "trace.shop.checkout";

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(
                    shop_weight: super::super::super::super::shop::ShopWeight,
                ) -> [KeyValue; 1] {
                    let shop_weight = super::super::super::super::shop::weight(shop_weight);
                    [shop_weight]
                }
            }

            /// A span, as every group without a type was.
            ///
            /// Kind: internal.
            ///
            /// Stability: development.
            ///
            /// - `shop.cart.items` (required): Number of items.
            /// - `shop.weight` (required): Size of a parcel, by its weight in kilograms.
            pub mod common {
                use ::opentelemetry::KeyValue;

                /// Type of the span.
                pub const TYPE: &str = "trace.shop.common";

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(
                    shop_cart_items: i64,
                    shop_weight: super::super::super::super::shop::ShopWeight,
                ) -> [KeyValue; 2] {
                    let shop_cart_items =
                        super::super::super::super::shop::cart::items(shop_cart_items);
                    let shop_weight = super::super::super::super::shop::weight(shop_weight);
                    [shop_cart_items, shop_weight]
                }
            }
        }
    }
}
