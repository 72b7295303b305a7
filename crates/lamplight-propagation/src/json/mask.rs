//! Which of 64 bytes are a given byte, as a bit each.

/// Bytes looked at together.
pub(super) const BLOCK: usize = 64;

/// A block as eight words, the first byte the lowest.
pub(super) type Words = [u64; BLOCK / 8];

/// Bit `i` is set where byte `i` equals `byte`.
///
/// Eight bytes at a time: those equal become zero, a zero byte sets its top bit, and a
/// multiplication gathers the eight top bits.
#[inline]
pub(super) fn equal(words: &Words, byte: u8) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    const GATHER: u64 = 0x0102_0408_1020_4080;

    let wanted = u64::from_ne_bytes([byte; 8]);
    let mut mask = 0;
    for (i, word) in words.iter().enumerate() {
        let differing = word ^ wanted;
        let zero = !(((differing & LOW) + LOW) | differing | LOW);
        mask |= ((zero >> 7).wrapping_mul(GATHER) >> 56) << (8 * i);
    }
    mask
}

#[inline]
pub(super) fn words(block: &[u8; BLOCK]) -> Words {
    let mut words = [0; BLOCK / 8];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

/// Every byte with the bit set that tells `{` from `[` and `}` from `]`.
#[inline]
pub(super) fn as_braces(words: &Words) -> Words {
    words.map(|word| word | u64::from_ne_bytes([0x20; 8]))
}

/// The parity of the bits at or below each bit: with quotes set, the insides of strings (with the
/// opening quote).
#[inline]
pub(super) fn inside(mut quotes: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        quotes ^= quotes << shift;
    }
    quotes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, equal, inside, words};

    proptest! {
        #[test]
        fn masks_say_what_a_loop_says(bytes in prop::array::uniform32(any::<u8>()), byte in any::<u8>()) {
            let mut block = [byte; BLOCK];
            for (i, byte) in bytes.iter().enumerate() {
                block[i * 2] = *byte;
            }
            let expected = block.iter().rev().fold(0, |mask, b| mask << 1 | u64::from(*b == byte));
            prop_assert_eq!(equal(&words(&block), byte), expected);
        }
    }

    #[test]
    fn parity_fills_strings() {
        assert_eq!(inside(0b0100_0100_0001_0100), 0b0011_1100_0000_1100);
    }
}
