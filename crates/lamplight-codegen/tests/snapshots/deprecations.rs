// Generated from a registry of semantic conventions: change that, not this.

use ::opentelemetry::KeyValue;

/// A name from before there were namespaces.
///
/// Type: `int`. Stability: development.
#[deprecated(note = "no replacement")]
pub const BARE: &str = "bare";

/// [`BARE`] with a value.
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

    /// [`FAX`] with a value.
    #[deprecated(note = "Faxes are gone.")]
    pub fn fax(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.fax", value.into())
    }

    /// Something old.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "A note without a reason.")]
    pub const OLD: &str = "shop.old";

    /// [`OLD`] with a value.
    #[deprecated(note = "A note without a reason.")]
    pub fn old(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.old", value.into())
    }

    /// Former name of the order.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "use `shop.order.id` instead")]
    pub const ORDER_ID: &str = "shop.order_id";

    /// [`ORDER_ID`] with a value.
    #[deprecated(note = "use `shop.order.id` instead")]
    pub fn order_id(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.order_id", value.into())
    }

    /// Way of the parcel.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "Split into `shop.order.id` and others, as \"need\" be.")]
    pub const ROUTE: &str = "shop.route";

    /// [`ROUTE`] with a value.
    #[deprecated(note = "Split into `shop.order.id` and others, as \"need\" be.")]
    pub fn route(value: impl Into<StringValue>) -> KeyValue {
        KeyValue::new("shop.route", value.into())
    }

    /// Number of the telex.
    ///
    /// Type: `string`. Stability: development.
    #[deprecated(note = "no replacement")]
    pub const TELEX: &str = "shop.telex";

    /// [`TELEX`] with a value.
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

        /// [`ID`] with a value.
        pub fn id(value: impl Into<StringValue>) -> KeyValue {
            KeyValue::new(ID, value.into())
        }
    }
}
