//! Rejection thresholds.

use std::fmt;

use super::{
    hexadecimal::{DIGITS, hexadecimal},
    randomness::Randomness,
};

/// Number of values of randomness: 2^56.
const VALUES: u64 = 1 << 56;

/// Number of digits after leading `f`s that a probability is rounded to: the specification's
/// default.
const PRECISION: u32 = 4;

/// The position of the number of leading `f`s in the compact form: above the digits.
const COMPACT_DIGITS: u32 = 4 * PRECISION;

/// The compact form of [`Threshold::NEVER`].
const COMPACT_NEVER: u32 = 0xf_ffff;

/// A rejection threshold: the number of traces out of 2^56 that are dropped.
///
/// ```
/// use lamplight_relay::sampling::Threshold;
///
/// let tenth = Threshold::from_probability(0.1);
/// assert_eq!(tenth.th().as_str(), "e666");
/// assert_eq!(tenth.adjusted_count().round(), 10.0);
/// assert!(tenth > Threshold::ALWAYS);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Threshold(u64);

impl Threshold {
    /// The threshold that keeps every trace: `th:0`.
    pub const ALWAYS: Self = Self(0);

    /// The threshold that keeps no trace. It has no text form, since dropped spans are not counted.
    pub const NEVER: Self = Self(VALUES);

    /// Returns the threshold that keeps this fraction of the traces, rounded to four digits after
    /// leading `f`s as the specification recommends.
    ///
    /// A fraction of 1 or more gives [`ALWAYS`](Self::ALWAYS); 0, a negative number or NaN gives
    /// [`NEVER`](Self::NEVER). The minimum is 2^-56, to which smaller fractions are rounded up.
    /// Close to 1 the precision is limited: 0.99999 is rounded to 1.
    pub fn from_probability(fraction: f64) -> Self {
        Self::rounded(fraction, PRECISION)
    }

    /// Returns the threshold of a fraction, with this number of digits after leading `f`s.
    pub(super) fn rounded(fraction: f64, precision: u32) -> Self {
        if fraction >= 1.0 {
            return Self::ALWAYS;
        }
        if fraction.is_nan() || fraction <= 0.0 {
            return Self::NEVER;
        }
        let kept = ((fraction * VALUES as f64).round() as u64).clamp(1, VALUES);
        let exact = VALUES - kept;
        // One more digit for each leading `f`, that is, for every four zeros before the first bit
        // of the fraction. Their number comes from the exponent, since a logarithm may differ
        // between machines.
        let exponent = (fraction.to_bits() >> 52) as u32;
        let precision = precision + 1022_u32.saturating_sub(exponent) / 4;
        let rounded = match DIGITS.checked_sub(precision) {
            None | Some(0) => exact,
            Some(cut) => {
                let unit = 1_u64 << (4 * cut);
                (exact + unit / 2) / unit * unit
            }
        };
        Self(rounded.min(VALUES - 1))
    }

    /// Parses the value of `th`: 1 to 14 hexadecimal digits, padded with zeros at the end. Returns
    /// `None` for other text.
    pub fn from_th(text: &[u8]) -> Option<Self> {
        let missing = DIGITS.checked_sub(u32::try_from(text.len()).ok()?)?;
        Some(Self(hexadecimal(text)? << (4 * missing)))
    }

    /// Returns the value of `th`. For [`NEVER`](Self::NEVER) it is that of the highest threshold
    /// with a text form.
    pub fn th(self) -> Th {
        let digits = self.0.min(VALUES - 1);
        let mut th = Th {
            digits: [b'0'; DIGITS as usize],
            length: 1,
        };
        for (position, digit) in (1_u8..).zip(&mut th.digits) {
            let value = digits >> (4 * (DIGITS - u32::from(position))) & 0xf;
            *digit = char::from_digit(value as u32, 16).map_or(b'0', |digit| digit as u8);
            if value != 0 {
                th.length = position;
            }
        }
        th
    }

    /// Returns whether a trace with this randomness is kept.
    #[inline]
    pub fn keeps(self, randomness: Randomness) -> bool {
        randomness.get() >= self.0
    }

    /// Returns the fraction of traces that is kept.
    pub fn probability(self) -> f64 {
        (VALUES - self.0) as f64 / VALUES as f64
    }

    /// Returns the number of spans that a kept span represents: the inverse of the
    /// [probability](Self::probability), infinite for [`NEVER`](Self::NEVER).
    pub fn adjusted_count(self) -> f64 {
        VALUES as f64 / (VALUES - self.0) as f64
    }

    /// Returns the threshold with this number; `None` if it is above 2^56.
    pub fn from_number(number: u64) -> Option<Self> {
        (number <= VALUES).then_some(Self(number))
    }

    /// Returns the number, which is at most 2^56.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Returns the threshold in 20 bits. This is exact for a threshold [from a
    /// probability](Self::from_probability); others are rounded down to four digits after leading
    /// `f`s.
    pub fn compact(self) -> u32 {
        if self == Self::NEVER {
            return COMPACT_NEVER;
        }
        let leading = ((self.0 << 8).leading_ones() / 4).min(DIGITS - PRECISION);
        let digits = self.0 >> (4 * (DIGITS - PRECISION - leading)) & 0xffff;
        leading << COMPACT_DIGITS | digits as u32
    }

    /// Returns the threshold of a [compact](Self::compact) form. Bits above the lowest 20 are
    /// ignored.
    pub fn from_compact(compact: u32) -> Self {
        let compact = compact & COMPACT_NEVER;
        let leading = compact >> COMPACT_DIGITS;
        let Some(rest) = (DIGITS - PRECISION).checked_sub(leading) else {
            return Self::NEVER;
        };
        let digits = u64::from(compact & 0xffff) << (4 * rest);
        let leading = VALUES - (VALUES >> (4 * leading));
        // The digits after leading `f`s are the next lower ones of the number.
        Self(leading | digits)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER {
            return f.write_str("never");
        }
        self.th().fmt(f)
    }
}

/// A threshold as text: 1 to 14 hexadecimal digits without trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Th {
    digits: [u8; DIGITS as usize],
    length: u8,
}

impl Th {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Returns the text as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.digits.get(..self.length.into()).unwrap_or_default()
    }
}

impl fmt::Display for Th {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
