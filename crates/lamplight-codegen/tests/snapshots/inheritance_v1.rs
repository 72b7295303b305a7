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
        /// - `shop.order.id` (required): Order.
        pub mod sold {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Name of the event.
            pub const NAME: &str = "shop.sold";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(shop_order_id: impl Into<StringValue>) -> [KeyValue; 1] {
                let shop_order_id = super::super::super::shop::order::id(shop_order_id);
                [shop_order_id]
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
        /// - `shop.customer` (opt-in): Customer.
        pub mod sales {
            /// Name of the metric.
            pub const NAME: &str = "shop.sales";

            /// Unit of the metric.
            pub const UNIT: &str = "{sale}";

            /// Description of the metric.
            pub const DESCRIPTION: &str = "Sales.";
        }
    }
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Customer.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Examples: `"ann"`.
    pub const CUSTOMER: &str = "shop.customer";

    /// Returns the attribute `shop.customer` with this value. See [`CUSTOMER`].
    pub fn customer(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(CUSTOMER, value.into())
    }

    /// `shop.order.*`
    pub mod order {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Order.
        ///
        /// Type: `string`. Stability: stable.
        ///
        /// Required by span `shop.sell`, event `shop.sold`.
        ///
        /// Examples: `"1"`.
        pub const ID: &str = "shop.order.id";

        /// Returns the attribute `shop.order.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }

        /// Total in cents.
        ///
        /// Type: `int`. Stability: stable.
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
        /// The name is up to the shop.
        ///
        /// Kind: server.
        ///
        /// Stability: development.
        ///
        /// - `shop.order.id` (required): The order that is sold.
        /// - `shop.customer` (recommended): Customer.
        /// - `shop.order.total` (opt-in): Total in cents.
        pub mod sell {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "shop.sell";

            /// Keys of the attributes that must be present when a span starts, so that samplers see them.
            pub const SAMPLING_RELEVANT: &[&str] = &["shop.order.id"];

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(shop_order_id: impl Into<StringValue>) -> [KeyValue; 1] {
                let shop_order_id = super::super::super::shop::order::id(shop_order_id);
                [shop_order_id]
            }
        }
    }
}
