//! Values that attributes are compared with.

/// A value for [`is`](super::AttributeCondition::is) to compare an attribute with.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Scalar {
    /// Text, compared byte by byte.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// An integer. It equals a floating point number of the same value.
    Int(i64),
    /// A floating point number.
    Double(f64),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for Scalar {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<f64> for Scalar {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}
