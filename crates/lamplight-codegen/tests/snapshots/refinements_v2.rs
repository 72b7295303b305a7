// Generated from a registry of semantic conventions: change that, not this.

/// The events of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod events {
    /// `shop.*`
    pub mod shop {
        /// Something was sold.
        ///
        /// Stability: development.
        ///
        /// - `shop.order.total` (required): Total in cents.
        pub mod sold {
            use ::opentelemetry::KeyValue;

            /// Name of the event.
            pub const NAME: &str = "shop.sold";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(shop_order_total: i64) -> [KeyValue; 1] {
                let shop_order_total = super::super::super::shop::order::total(shop_order_total);
                [shop_order_total]
            }

            /// Something dear was sold.
            ///
            /// Stability: development.
            ///
            /// - `shop.order.total` (required): Total in cents.
            pub mod dear {
                use ::opentelemetry::KeyValue;

                /// Name of the event.
                pub const NAME: &str = "shop.sold";

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(shop_order_total: i64) -> [KeyValue; 1] {
                    let shop_order_total =
                        super::super::super::super::shop::order::total(shop_order_total);
                    [shop_order_total]
                }
            }
        }
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
        /// - `shop.way` (recommended): How it is sold.
        pub mod sales {
            /// Name of the metric.
            pub const NAME: &str = "shop.sales";

            /// Unit of the metric.
            pub const UNIT: &str = "{sale}";

            /// Description of the metric.
            pub const DESCRIPTION: &str = "Sales.";

            /// Sales.
            ///
            /// Instrument: counter.
            ///
            /// Stability: development.
            ///
            /// - `shop.way` (required): How it is sold.
            pub mod web {
                use ::opentelemetry::KeyValue;

                /// Name of the metric.
                pub const NAME: &str = "shop.sales";

                /// Unit of the metric.
                pub const UNIT: &str = "{sale}";

                /// Description of the metric.
                pub const DESCRIPTION: &str = "Sales.";

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(
                    shop_way: super::super::super::super::shop::ShopWay,
                ) -> [KeyValue; 1] {
                    let shop_way = super::super::super::super::shop::way(shop_way);
                    [shop_way]
                }
            }
        }
    }
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue, Value};

    /// How it is sold.
    ///
    /// Type: `enum of string`. Stability: development.
    ///
    /// Required by span `shop.sell`, span `shop.sell.web`, span `shop.sell.till`, metric
    /// `shop.sales.web`.
    pub const WAY: &str = "shop.way";

    /// Returns the attribute `shop.way` with this value. See [`WAY`].
    pub fn way(value: ShopWay) -> KeyValue {
        KeyValue::new(WAY, value)
    }

    /// Values of [`WAY`].
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum ShopWay {
        /// On the web.
        Web,
        /// At the till.
        Till,
        /// A value the registry does not list.
        Custom(StringValue),
    }

    impl ShopWay {
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
                "web" => Self::Web,
                "till" => Self::Till,
                _ => Self::Custom(value),
            }
        }

        fn listed(&self) -> &'static str {
            match self {
                Self::Web => "web",
                Self::Till => "till",
                Self::Custom(_) => "",
            }
        }
    }

    impl From<ShopWay> for Value {
        fn from(value: ShopWay) -> Self {
            match value {
                ShopWay::Custom(value) => value.into(),
                listed => listed.listed().into(),
            }
        }
    }

    /// `shop.order.*`
    pub mod order {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Order.
        ///
        /// Type: `string`. Stability: stable.
        ///
        /// Required by span `shop.sell`, span `shop.sell.web`, span `shop.sell.till`.
        pub const ID: &str = "shop.order.id";

        /// Returns the attribute `shop.order.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }

        /// Total in cents.
        ///
        /// Type: `int`. Stability: stable.
        ///
        /// Required by event `shop.sold`, span `shop.sell.web`, event `shop.sold.dear`.
        pub const TOTAL: &str = "shop.order.total";

        /// Returns the attribute `shop.order.total` with this value. See [`TOTAL`].
        pub fn total(value: i64) -> KeyValue {
            KeyValue::new(TOTAL, value)
        }
    }
}

/// The spans of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod spans {
    /// `shop.*`
    pub mod shop {
        /// A sale.
        ///
        /// Kind: server. Name: {shop.way} {shop.order.id}
        ///
        /// Stability: stable.
        ///
        /// - `shop.order.id` (required): Order.
        /// - `shop.way` (required): How it is sold.
        /// - `shop.order.total` (recommended): Total in cents.
        pub mod sell {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "shop.sell";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &["shop.order.id"];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                shop_order_id: impl Into<StringValue>,
                shop_way: super::super::super::shop::ShopWay,
            ) -> [KeyValue; 2] {
                let shop_order_id = super::super::super::shop::order::id(shop_order_id);
                let shop_way = super::super::super::shop::way(shop_way);
                [shop_order_id, shop_way]
            }

            /// A sale.
            ///
            /// Kind: server. Name: {shop.way} {shop.order.id}
            ///
            /// Stability: development.
            ///
            /// - `shop.order.id` (required): Order.
            /// - `shop.way` (required): How it is sold.
            /// - `shop.order.total` (recommended): Total in cents.
            pub mod till {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "shop.sell";

                /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                pub const SAMPLING_RELEVANT: &[&str] = &["shop.order.id"];

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(
                    shop_order_id: impl Into<StringValue>,
                    shop_way: super::super::super::super::shop::ShopWay,
                ) -> [KeyValue; 2] {
                    let shop_order_id = super::super::super::super::shop::order::id(shop_order_id);
                    let shop_way = super::super::super::super::shop::way(shop_way);
                    [shop_order_id, shop_way]
                }
            }

            /// A sale on the web.
            ///
            /// Kind: server. Name: web {shop.order.id}
            ///
            /// Stability: stable.
            ///
            /// - `shop.order.id` (required): Order.
            /// - `shop.order.total` (required): Total in cents.
            /// - `shop.way` (required): How it is sold.
            pub mod web {
                use ::opentelemetry::{KeyValue, StringValue};

                /// Type of the span.
                pub const TYPE: &str = "shop.sell";

                /// Keys of the attributes that must be present when a span starts, so that samplers see them.
                pub const SAMPLING_RELEVANT: &[&str] = &["shop.order.id"];

                /// Returns the required attributes, none of which can be omitted.
                pub fn required(
                    shop_order_id: impl Into<StringValue>,
                    shop_order_total: i64,
                    shop_way: super::super::super::super::shop::ShopWay,
                ) -> [KeyValue; 3] {
                    let shop_order_id = super::super::super::super::shop::order::id(shop_order_id);
                    let shop_order_total =
                        super::super::super::super::shop::order::total(shop_order_total);
                    let shop_way = super::super::super::super::shop::way(shop_way);
                    [shop_order_id, shop_order_total, shop_way]
                }
            }
        }
    }
}
