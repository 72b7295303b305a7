//! 56-bit numbers as text.

/// Maximum number of hexadecimal digits.
pub(super) const DIGITS: u32 = 14;

/// Parses 1 to 14 hexadecimal digits.
pub(super) fn hexadecimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > DIGITS as usize {
        return None;
    }
    text.iter().try_fold(0, |number, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | u64::from(digit))
    })
}
