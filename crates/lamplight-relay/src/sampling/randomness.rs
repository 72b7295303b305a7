//! Randomness of traces.

use super::hexadecimal::hexadecimal;

/// The bits of a trace id that are random.
const BITS: u64 = (1 << 56) - 1;

/// The randomness of a trace: 56 bits, the same for all its spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Randomness(u64);

impl Randomness {
    /// Returns the last 56 bits of a trace id.
    #[inline]
    pub fn of_trace_id(trace_id: &[u8; 16]) -> Self {
        Self((u128::from_be_bytes(*trace_id) as u64) & BITS)
    }

    /// Parses the value of `rv`: 14 hexadecimal digits.
    pub fn from_rv(text: &[u8]) -> Option<Self> {
        (text.len() == 14).then(|| hexadecimal(text).map(Self))?
    }

    /// Returns the randomness with the lowest 56 of these bits.
    pub fn from_bits(bits: u64) -> Self {
        Self(bits & BITS)
    }

    /// Returns the number, which is less than 2^56.
    #[inline]
    pub fn get(self) -> u64 {
        self.0
    }
}
