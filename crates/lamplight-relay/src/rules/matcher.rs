//! Compiled tests of values.

use std::ops::{Bound, RangeBounds};

use lamplight_otlp::{Fields, trace::AnyValue};
use regex::bytes::{Regex, RegexBuilder};

use super::{
    attribute::{Range, Test},
    value::Scalar,
};

/// Maximum size of a compiled regular expression, in bytes. One with Unicode classes takes some ten
/// thousand.
const MAX_REGEX: usize = 1 << 20;

/// Maximum nesting depth of groups and repetitions in a regular expression.
const MAX_REGEX_DEPTH: u32 = 64;

/// A compiled test of a value.
#[derive(Debug)]
pub(super) enum Matcher {
    Exists,
    OneOf {
        /// Sorted, like the other lists.
        texts: Box<[Box<[u8]>]>,
        /// Integers, including those written as floating point numbers.
        ints: Box<[i64]>,
        doubles: Box<[f64]>,
        bools: Box<[bool]>,
    },
    /// Sorted; none is a prefix of another.
    Prefix(Box<[Box<[u8]>]>),
    Regex(Regex),
    Numbers {
        range: Range,
        /// The integers in the range, both bounds included.
        least: i128,
        most: i128,
    },
}

impl Matcher {
    /// Returns the matcher of a test.
    ///
    /// # Errors
    ///
    /// Returns the fault of the test.
    pub(super) fn new(test: &Test) -> Result<Self, String> {
        Ok(match test {
            Test::Exists => Self::Exists,
            Test::OneOf(values) => Self::one_of(values)?,
            Test::Prefix(prefixes) if prefixes.iter().all(|prefix| !prefix.is_empty()) => {
                Self::prefix(not_empty(prefixes)?)
            }
            Test::Prefix(_) => return Err("an empty prefix matches everything".to_owned()),
            Test::Regex(regex) => Self::Regex(compile(regex)?),
            Test::Range(range) => Self::numbers(*range)?,
        })
    }

    fn one_of(values: &[Scalar]) -> Result<Self, String> {
        let mut texts: Vec<Box<[u8]>> = Vec::new();
        let (mut ints, mut doubles, mut bools) = (Vec::new(), Vec::new(), Vec::new());
        for value in not_empty(values)? {
            match value {
                Scalar::Text(text) => texts.push(text.as_bytes().into()),
                Scalar::Bool(value) => bools.push(*value),
                Scalar::Int(number) => ints.push(*number),
                Scalar::Double(number) if number.is_nan() => {
                    return Err("nothing equals NaN".to_owned());
                }
                Scalar::Double(number) => match whole(*number) {
                    Some(number) => ints.push(number),
                    None => doubles.push(*number),
                },
            }
        }
        texts.sort_unstable();
        ints.sort_unstable();
        doubles.sort_unstable_by(f64::total_cmp);
        Ok(Self::OneOf {
            texts: texts.into(),
            ints: ints.into(),
            doubles: doubles.into(),
            bools: bools.into(),
        })
    }

    fn prefix(prefixes: &[String]) -> Self {
        let mut all: Vec<Box<[u8]>> = prefixes
            .iter()
            .map(|prefix| prefix.as_bytes().into())
            .collect();
        all.sort_unstable();
        // After sorting, texts that start with another one follow it directly.
        all.dedup_by(|later, shorter| later.starts_with(shorter));
        Self::Prefix(all.into())
    }

    fn numbers(range: Range) -> Result<Self, String> {
        let is_nan = |bound: &Bound<f64>| match bound {
            Bound::Included(bound) | Bound::Excluded(bound) => bound.is_nan(),
            Bound::Unbounded => false,
        };
        if is_nan(&range.from) || is_nan(&range.to) {
            return Err("NaN is not a bound".to_owned());
        }
        let least = match range.from {
            Bound::Included(bound) => bound.ceil() as i128,
            Bound::Excluded(bound) => (bound.floor() as i128).saturating_add(1),
            Bound::Unbounded => i128::MIN,
        };
        let most = match range.to {
            Bound::Included(bound) => bound.floor() as i128,
            Bound::Excluded(bound) => (bound.ceil() as i128).saturating_sub(1),
            Bound::Unbounded => i128::MAX,
        };
        if let (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to)) =
            (range.from, range.to)
            && from > to
        {
            return Err(format!("there is no number from {from} to {to}"));
        }
        Ok(Self::Numbers { range, least, most })
    }

    /// Returns whether a value, or an element of an array, passes the test.
    #[inline]
    pub(super) fn fits(&self, value: &AnyValue<'_>) -> bool {
        match value {
            AnyValue::Array(elements) if !matches!(self, Self::Exists) => {
                let mut elements = Fields::new(elements).bytes(1);
                elements
                    .any(|element| AnyValue::new(element).is_ok_and(|value| self.fits_one(&value)))
            }
            value => self.fits_one(value),
        }
    }

    fn fits_one(&self, value: &AnyValue<'_>) -> bool {
        match (self, value) {
            (Self::Exists, _) => true,
            (_, AnyValue::String(text)) => self.fits_text(text),
            (Self::OneOf { bools, .. }, AnyValue::Bool(value)) => bools.contains(value),
            (Self::OneOf { ints, .. }, AnyValue::Int(number)) => ints.binary_search(number).is_ok(),
            (Self::OneOf { ints, doubles, .. }, AnyValue::Double(number)) => match whole(*number) {
                Some(number) => ints.binary_search(&number).is_ok(),
                None => doubles
                    .binary_search_by(|other| other.total_cmp(number))
                    .is_ok(),
            },
            (Self::Numbers { least, most, .. }, AnyValue::Int(number)) => {
                (*least..=*most).contains(&i128::from(*number))
            }
            (Self::Numbers { range, .. }, AnyValue::Double(number)) => {
                (range.from, range.to).contains(number)
            }
            _ => false,
        }
    }

    /// Returns whether text passes the test.
    #[inline]
    pub(super) fn fits_text(&self, text: &[u8]) -> bool {
        match self {
            Self::Exists => true,
            Self::OneOf { texts, .. } => {
                texts.binary_search_by(|other| (**other).cmp(text)).is_ok()
            }
            Self::Prefix(prefixes) => {
                // All texts sorted between a text and its prefix start with that prefix too.
                let behind = prefixes.partition_point(|prefix| **prefix <= *text);
                let last = behind.checked_sub(1).and_then(|last| prefixes.get(last));
                last.is_some_and(|prefix| text.starts_with(prefix))
            }
            Self::Regex(regex) => regex.is_match(text),
            Self::Numbers { .. } => false,
        }
    }
}

/// Returns a floating point number as a 64-bit integer if it is one. Above 2^53 not every integer
/// has a double.
fn whole(double: f64) -> Option<i64> {
    let is_whole = double.fract() == 0.0;
    is_whole.then(|| i64::try_from(double as i128).ok())?
}

fn not_empty<T>(list: &[T]) -> Result<&[T], String> {
    if list.is_empty() {
        return Err("there is nothing to compare with".to_owned());
    }
    Ok(list)
}

/// Returns a regular expression whose matching time is linear in the text.
fn compile(regex: &str) -> Result<Regex, String> {
    RegexBuilder::new(regex)
        .size_limit(MAX_REGEX)
        .dfa_size_limit(MAX_REGEX)
        .nest_limit(MAX_REGEX_DEPTH)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => {
                format!(
                    "the regular expression `{regex}` takes more than {limit} bytes; use fewer \
                    repetitions"
                )
            }
            error => format!("the regular expression `{regex}` is invalid: {error}"),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(range: impl std::ops::RangeBounds<f64>) -> Matcher {
        Matcher::new(&Test::Range(Range::new(&range))).unwrap()
    }

    #[test]
    fn whole_numbers_are_compared_exactly() {
        let large = 1_i64 << 53;
        assert!(range(large as f64..).fits(&AnyValue::Int(large)));
        assert!(!range(..=large as f64).fits(&AnyValue::Int(large + 1)));
        assert!(range(399.5..600.0).fits(&AnyValue::Int(400)));
        assert!(!range(399.5..600.0).fits(&AnyValue::Int(600)));
        assert!(range(f64::NEG_INFINITY..).fits(&AnyValue::Int(i64::MIN)));
        assert!(!range(..).fits(&AnyValue::String(b"1")));
        assert!(!range(..1.0).fits(&AnyValue::Double(f64::NAN)));
    }

    #[test]
    fn numbers_equal_numbers_and_text_equals_text() {
        let one = Matcher::new(&Test::OneOf(vec![1.0.into(), "a".into(), true.into()])).unwrap();
        for value in [
            AnyValue::Int(1),
            AnyValue::Double(1.0),
            AnyValue::String(b"a"),
            AnyValue::Bool(true),
        ] {
            assert!(one.fits(&value), "{value:?}");
        }
        for value in [
            AnyValue::Int(2),
            AnyValue::String(b"1"),
            AnyValue::Bytes(b"a"),
            AnyValue::Empty,
            AnyValue::Bool(false),
        ] {
            assert!(!one.fits(&value), "{value:?}");
        }
    }

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        let two_63 = 9_223_372_036_854_775_808.0;
        let values = [1.0, -0.0, 2.5, two_63, f64::INFINITY].map(Scalar::from);
        let all = values.into_iter().chain([Scalar::Int(7)]).collect();
        let one_of = Matcher::new(&Test::OneOf(all)).unwrap();
        for double in [0.0, -0.0, 1.0, 7.0, 2.5, two_63, f64::INFINITY] {
            assert!(one_of.fits(&AnyValue::Double(double)), "{double}");
        }
        for double in [2.0, -2.5, -two_63, f64::NEG_INFINITY, f64::NAN] {
            assert!(!one_of.fits(&AnyValue::Double(double)), "{double}");
        }
        for (int, fits) in [
            (0, true),
            (1, true),
            (7, true),
            (2, false),
            (i64::MAX, false),
        ] {
            assert_eq!(one_of.fits(&AnyValue::Int(int)), fits, "{int}");
        }
    }

    proptest! {
        /// Any number of prefixes gives the same result as checking each of them.
        #[test]
        fn a_prefix_is_found_as_by_comparing_all(
            prefixes in prop::collection::vec("[a-c]{1,4}", 1..20),
            text in "[a-d]{0,6}",
        ) {
            let expected = prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()));
            let matcher = Matcher::new(&Test::Prefix(prefixes)).unwrap();
            prop_assert_eq!(matcher.fits_text(text.as_bytes()), expected);
        }
    }

    #[test]
    fn a_regex_that_explodes_is_refused() {
        let explodes = Test::Regex(r"(\w{1000}){1000}".to_owned());
        let error = Matcher::new(&explodes).unwrap_err();
        assert!(error.contains("takes more than"), "{error}");
        let error = Matcher::new(&Test::Regex("(".to_owned())).unwrap_err();
        assert!(error.contains("`(` is invalid"), "{error}");
        // Back references cannot be matched in linear time.
        assert!(Matcher::new(&Test::Regex(r"(a)\1".to_owned())).is_err());
    }

    #[test]
    fn a_regex_looks_at_bytes_that_are_no_text() {
        let regex = Matcher::new(&Test::Regex("b+$".to_owned())).unwrap();
        assert!(regex.fits(&AnyValue::String(b"\xff\xfebb")));
    }
}
