//! Numeric values.

use std::ops::Range;

use memchr::memchr2_iter;

use super::places;

/// The key of `AnyValue.int_value`.
const INT: u8 = 3 << 3;

/// The key of `AnyValue.double_value`.
const DOUBLE: u8 = 4 << 3 | 1;

/// The smallest number with as many digits as a card number.
const SMALLEST: f64 = 1e12;

/// Returns the range that contains all values with as many digits as a card number. It may contain
/// other data too.
pub(super) fn suspect(bytes: &[u8]) -> Option<Range<usize>> {
    let found = memchr2_iter(INT, DOUBLE, bytes).filter(|at| {
        match bytes.get(*at..).unwrap_or_default() {
            // The smallest has 40 bits; a byte has seven of them.
            [INT, varint @ ..] => varint
                .first_chunk::<5>()
                .is_some_and(|varint| varint.iter().all(|byte| byte & 0x80 != 0)),
            [DOUBLE, double @ ..] => double
                .first_chunk()
                .and_then(|double| whole(f64::from_le_bytes(*double)))
                .is_some_and(|whole| whole.unsigned_abs() >= SMALLEST as u64),
            _ => false,
        }
    });
    places(found.map(|at| at..at + 1))
}

/// Returns a number without a fraction as an integer: JSON parsers may turn any number into a
/// floating point number.
pub(in super::super) fn whole(number: f64) -> Option<i64> {
    let is_whole = number.fract() == 0.0 && number.abs() < i64::MAX as f64;
    is_whole.then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, any_value::Value};
    use proptest::prelude::*;
    use prost::Message as _;

    proptest! {
        #[test]
        fn every_number_of_as_many_digits_is_suspected(
            number in 1_000_000_000_000_i64..i64::MAX, is_negative in any::<bool>(), is_double in any::<bool>(),
        ) {
            let number = if is_negative { -number } else { number };
            // A double has 53 bits of precision.
            let value = match is_double {
                true => Value::DoubleValue((number >> 10) as f64),
                false => Value::IntValue(number),
            };
            prop_assume!(!is_double || (number >> 10).unsigned_abs() >= SMALLEST as u64);
            let value = AnyValue { value: Some(value) };
            prop_assert!(suspect(&value.encode_to_vec()).is_some());
        }

        #[test]
        fn a_number_with_a_fraction_is_not_whole(number in any::<f64>(), small in -1e9..1e9_f64) {
            if let Some(whole) = whole(number) {
                prop_assert!(whole as f64 == number);
            }
            prop_assert_eq!(whole(small.trunc() + 0.5), None);
            prop_assert!(whole(small.trunc()).is_some());
        }
    }

    #[test]
    fn what_is_short_is_none() {
        for value in [
            Value::IntValue(42),
            Value::DoubleValue(0.5),
            Value::DoubleValue(42.0),
        ] {
            let value = AnyValue { value: Some(value) };
            assert_eq!(suspect(&value.encode_to_vec()), None);
        }
    }
}
