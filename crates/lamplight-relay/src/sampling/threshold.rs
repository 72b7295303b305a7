//! Rejection thresholds.

use std::fmt;

use super::{
    hexadecimal::{DIGITS, hexadecimal},
    randomness::Randomness,
};

/// How many values randomness has: 2^56.
const VALUES: u64 = 1 << 56;

/// Digits that a probability is rounded to, behind leading `f`s. The specification's default.
const PRECISION: u32 = 4;

/// Where the compact form has the number of leading `f`s: above the digits.
const COMPACT_DIGITS: u32 = 4 * PRECISION;

/// The compact form of [`Threshold::NEVER`].
const COMPACT_NEVER: u32 = 0xf_ffff;

/// A rejection threshold: of 2^56 traces, how many are not kept.
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

    /// The threshold that keeps none. It cannot be written: what is never kept is not counted.
    pub const NEVER: Self = Self(VALUES);

    /// Returns the threshold that keeps this fraction of the traces, rounded to four digits behind
    /// leading `f`s as the specification recommends.
    ///
    /// A fraction from 1 on is [`ALWAYS`](Self::ALWAYS); 0, less, and what is no number is
    /// [`NEVER`](Self::NEVER). A fraction below 2^-56, which is the least there is, counts as that.
    /// Close to 1 there are no more digits: 0.99999 is rounded to 1.
    pub fn from_probability(fraction: f64) -> Self {
        Self::rounded(fraction, PRECISION)
    }

    /// Returns the threshold of a fraction, with so many digits behind leading `f`s.
    pub(super) fn rounded(fraction: f64, precision: u32) -> Self {
        if fraction >= 1.0 {
            return Self::ALWAYS;
        }
        if fraction.is_nan() || fraction <= 0.0 {
            return Self::NEVER;
        }
        let kept = ((fraction * VALUES as f64).round() as u64).clamp(1, VALUES);
        let exact = VALUES - kept;
        // One digit more for each leading `f`, which there is for every four zeros before the first bit
        // of the fraction: its exponent says how many, where a logarithm would not be the same on all
        // machines.
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

    /// Returns the threshold that is written like this behind `th:`: 1 to 14 hexadecimal digits, as
    /// many zeros behind them as are missing. `None` where it is something else.
    pub fn from_th(text: &[u8]) -> Option<Self> {
        let missing = DIGITS.checked_sub(u32::try_from(text.len()).ok()?)?;
        Some(Self(hexadecimal(text)? << (4 * missing)))
    }

    /// Returns the text that follows `th:`. That of [`NEVER`](Self::NEVER) is the highest there is.
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

    /// Returns whether a trace of this randomness is kept.
    #[inline]
    pub fn keeps(self, randomness: Randomness) -> bool {
        randomness.get() >= self.0
    }

    /// Returns the fraction of the traces that is kept.
    pub fn probability(self) -> f64 {
        (VALUES - self.0) as f64 / VALUES as f64
    }

    /// Returns how many spans one that was kept stands for: the inverse of the
    /// [probability](Self::probability), infinite for [`NEVER`](Self::NEVER).
    pub fn adjusted_count(self) -> f64 {
        VALUES as f64 / (VALUES - self.0) as f64
    }

    /// Returns the threshold of this number, `None` where it is above 2^56.
    pub fn from_number(number: u64) -> Option<Self> {
        (number <= VALUES).then_some(Self(number))
    }

    /// Returns the number itself, at most 2^56.
    pub fn get(self) -> u64 {
        self.0
    }

    /// Returns the threshold in 20 bits. Nothing is lost of one
    /// [from a probability](Self::from_probability); others are rounded down to four digits behind
    /// leading `f`s.
    pub fn compact(self) -> u32 {
        if self == Self::NEVER {
            return COMPACT_NEVER;
        }
        let leading = ((self.0 << 8).leading_ones() / 4).min(DIGITS - PRECISION);
        let digits = self.0 >> (4 * (DIGITS - PRECISION - leading)) & 0xffff;
        leading << COMPACT_DIGITS | digits as u32
    }

    /// Returns the threshold that a [compact](Self::compact) form stands for. Bits above the 20 are
    /// not looked at.
    pub fn from_compact(compact: u32) -> Self {
        let compact = compact & COMPACT_NEVER;
        let leading = compact >> COMPACT_DIGITS;
        let Some(rest) = (DIGITS - PRECISION).checked_sub(leading) else {
            return Self::NEVER;
        };
        let digits = u64::from(compact & 0xffff) << (4 * rest);
        let leading = VALUES - (VALUES >> (4 * leading));
        // Digits below leading `f`s are below them in the number as well.
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

/// A threshold as text: 1 to 14 hexadecimal digits without zeros at the end.
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
