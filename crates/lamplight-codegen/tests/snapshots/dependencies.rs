// Generated from a registry of semantic conventions: change that, not this.

/// Schema URL of the names, for the scope of a tracer.
#[allow(dead_code, unreachable_pub)]
pub const SCHEMA_URL: &str = "https://shop.example/schemas/2.0.0";

/// `net.*`
#[allow(dead_code, unreachable_pub)]
pub mod net {
    use ::opentelemetry::{KeyValue, StringValue};

    /// The other end.
    ///
    /// Type: `string`. Stability: stable.
    ///
    /// Required by span `shop.call`, span `net.call`.
    pub const PEER: &str = "net.peer";

    /// Returns the attribute `net.peer` with this value. See [`PEER`].
    pub fn peer(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new(PEER, value.into())
    }

    /// Its port.
    ///
    /// Type: `int`. Stability: stable.
    pub const PORT: &str = "net.port";

    /// Returns the attribute `net.port` with this value. See [`PORT`].
    pub fn port(value: i64) -> KeyValue {
        KeyValue::new(PORT, value)
    }
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    /// `shop.order.*`
    pub mod order {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Order.
        ///
        /// Type: `string`. Stability: stable.
        ///
        /// Required by span `shop.call`.
        pub const ID: &str = "shop.order.id";

        /// Returns the attribute `shop.order.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }
    }
}

/// The spans of the registry.
#[allow(dead_code, unreachable_pub)]
pub mod spans {
    /// `net.*`
    pub mod net {
        /// A call.
        ///
        /// Kind: client. Name: {net.peer}
        ///
        /// Stability: stable.
        ///
        /// - `net.peer` (required): The other end.
        /// - `net.port` (recommended): Its port.
        pub mod call {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "net.call";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(net_peer: impl Into<StringValue>) -> [KeyValue; 1] {
                let net_peer = super::super::super::net::peer(net_peer);
                [net_peer]
            }
        }
    }

    /// `shop.*`
    pub mod shop {
        /// A call.
        ///
        /// Kind: client. Name: {net.peer}
        ///
        /// Stability: stable.
        ///
        /// - `net.peer` (required): The other end.
        /// - `shop.order.id` (required): Order.
        /// - `net.port` (recommended): Its port.
        pub mod call {
            use ::opentelemetry::{KeyValue, StringValue};

            /// Type of the span.
            pub const TYPE: &str = "net.call";

            /// Returns the required attributes, none of which can be omitted.
            pub fn required(
                net_peer: impl Into<StringValue>,
                shop_order_id: impl Into<StringValue>,
            ) -> [KeyValue; 2] {
                let net_peer = super::super::super::net::peer(net_peer);
                let shop_order_id = super::super::super::shop::order::id(shop_order_id);
                [net_peer, shop_order_id]
            }
        }
    }
}
