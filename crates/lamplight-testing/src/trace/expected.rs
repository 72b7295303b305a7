//! Values that attributes are expected to have.

use opentelemetry::{Array, StringValue, Value};

/// A value that an attribute can be compared with: a text, a number, a Boolean, or a list of texts.
pub trait Expected {
    /// Returns the value.
    fn into_value(self) -> Value;
}

macro_rules! expected {
    ($($type:ty: $value:ident => $make:expr;)*) => {
        $(impl Expected for $type {
            fn into_value(self) -> Value {
                let $value = self;
                $make
            }
        })*
    };
}

expected! {
    Value: value => value;
    &Value: value => value.clone();
    &str: text => Value::String(text.to_owned().into());
    String: text => Value::String(text.into());
    &String: text => Value::String(text.clone().into());
    bool: value => Value::Bool(value);
    f64: number => Value::F64(number);
    i32: number => Value::I64(number.into());
    i64: number => Value::I64(number);
    u16: number => Value::I64(number.into());
    u32: number => Value::I64(number.into());
    // Attributes have no larger numbers.
    usize: number => Value::I64(i64::try_from(number).unwrap_or(i64::MAX));
}

impl<const N: usize> Expected for [&str; N] {
    fn into_value(self) -> Value {
        let texts = self.map(|text| StringValue::from(text.to_owned()));
        Value::Array(Array::String(texts.to_vec()))
    }
}
