// Generated from a registry of semantic conventions: change that, not this.

use ::opentelemetry::KeyValue;

/// A name from before there were namespaces.
///
/// Type: `int`. Stability: development.
#[deprecated(note = "no replacement")]
pub const BARE: &str = "bare";

/// Returns the attribute `bare` with this value. See [`BARE`].
#[deprecated(note = "no replacement")]
pub fn bare(value: i64) -> KeyValue {
    KeyValue::new("bare", value)
}

/// `shop.*`
#[allow(dead_code, unreachable_pub)]
pub mod shop {
    use ::opentelemetry::{KeyValue, StringValue};

    /// Number of the fax.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "Faxes are gone.")]
    pub const FAX: &str = "shop.fax";

    /// Returns the attribute `shop.fax` with this value. See [`FAX`].
    #[deprecated(note = "Faxes are gone.")]
    pub fn fax(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.fax", value.into())
    }

    /// Something old.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "A note without a reason.")]
    pub const OLD: &str = "shop.old";

    /// Returns the attribute `shop.old` with this value. See [`OLD`].
    #[deprecated(note = "A note without a reason.")]
    pub fn old(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.old", value.into())
    }

    /// Former name of the order.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "use `shop.order.id` instead")]
    pub const ORDER_ID: &str = "shop.order_id";

    /// Returns the attribute `shop.order_id` with this value. See [`ORDER_ID`].
    #[deprecated(note = "use `shop.order.id` instead")]
    pub fn order_id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.order_id", value.into())
    }

    /// Way of the parcel.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "Split into `shop.order.id` and others, as \"need\" be.")]
    pub const ROUTE: &str = "shop.route";

    /// Returns the attribute `shop.route` with this value. See [`ROUTE`].
    #[deprecated(note = "Split into `shop.order.id` and others, as \"need\" be.")]
    pub fn route(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.route", value.into())
    }

    /// Number of the telex.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "no replacement")]
    pub const TELEX: &str = "shop.telex";

    /// Returns the attribute `shop.telex` with this value. See [`TELEX`].
    #[deprecated(note = "no replacement")]
    pub fn telex(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.telex", value.into())
    }

    /// `shop.order.*`
    pub mod order {
        use ::opentelemetry::{KeyValue, StringValue};

        /// Order.
        ///
        /// Type: `string`. Stability: stable.
        ///
        /// Examples: `"1"`.
        pub const ID: &str = "shop.order.id";

        /// Returns the attribute `shop.order.id` with this value. See [`ID`].
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }
    }
}
