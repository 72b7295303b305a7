//! Which of 64 bytes are of a kind, as a bit each.

/// Bytes looked at together.
pub(super) const BLOCK: usize = 64;

/// Bit `i` is set where `is` says so of byte `i`.
///
/// The compiler turns the loop into vector instructions. They leave two bits in each of 32 bytes,
/// which become one bit in each of 64 places by shifting words together and turning the 8 by 8 bits
/// of the result over their diagonal.
#[inline]
pub(super) fn mask(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    const HALF: usize = BLOCK / 2;

    let (low, high) = block.split_at(HALF);
    let mut pairs = [0; HALF];
    for (pair, (low, high)) in pairs.iter_mut().zip(low.iter().zip(high)) {
        let high = if is(*high) { 0x10 } else { 0 };
        *pair = u8::from(is(*low)) | high;
    }
    let words = pairs.as_chunks::<8>().0.iter().enumerate();
    diagonal(words.fold(0, |bits, (i, word)| bits | u64::from_le_bytes(*word) << i))
}

/// [`mask`] for one byte.
#[inline]
pub(super) fn equal(block: &[u8; BLOCK], byte: u8) -> u64 {
    mask(block, |other| other == byte)
}

/// Turns a square of 8 by 8 bits over its diagonal: three rounds of swapping ever larger squares.
#[inline]
fn diagonal(mut bits: u64) -> u64 {
    for (shift, squares) in [
        (7, 0x00aa_00aa_00aa_00aa),
        (14, 0x0000_cccc_0000_cccc),
        (28, 0x0000_0000_f0f0_f0f0),
    ] {
        let swapped = (bits ^ (bits >> shift)) & squares;
        bits ^= swapped ^ swapped << shift;
    }
    bits
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

/// How many bytes there are before the first quote, backslash or byte outside ASCII in eight, or 8.
///
/// A byte that equals becomes zero, and taking one from it sets its top bit, as it does for a byte
/// that has it set already. Those above may be marked by the borrow, the lowest never is.
#[inline]
pub(super) fn first_mark(word: [u8; 8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);

    let word = u64::from_le_bytes(word);
    let quotes = (word ^ u64::from_ne_bytes([b'"'; 8])).wrapping_sub(ONES);
    let backslashes = (word ^ u64::from_ne_bytes([b'\\'; 8])).wrapping_sub(ONES);
    ((quotes | backslashes | word) & TOPS).trailing_zeros() as usize / 8
}

/// Whether there is such a byte at all, for less than half the price of knowing where.
#[inline]
pub(super) fn has(block: &[u8; BLOCK], byte: u8) -> bool {
    let hit = |hit, other: &u8| hit | u8::from(*other == byte);
    block.iter().fold(0, hit) != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, equal, first_mark, has, inside, mask};

    proptest! {
        #[test]
        fn masks_say_what_a_loop_says(bytes in prop::array::uniform32(any::<u8>()), byte in any::<u8>()) {
            let mut block = [byte; BLOCK];
            for (i, byte) in bytes.iter().enumerate() {
                block[i * 2] = *byte;
            }
            let loops = |is: &dyn Fn(u8) -> bool| {
                block.iter().rev().fold(0, |mask, b| mask << 1 | u64::from(is(*b)))
            };
            prop_assert_eq!(equal(&block, byte), loops(&|other| other == byte));
            prop_assert_eq!(mask(&block, |other| other < byte), loops(&|other| other < byte));
            prop_assert_eq!(has(&block, bytes[0].wrapping_add(1)), block.contains(&bytes[0].wrapping_add(1)));
        }

        #[test]
        fn the_first_mark_is_where_a_loop_finds_it(bytes in prop::array::uniform8(any::<u8>())) {
            for bytes in [bytes, bytes.map(|byte| if byte < 40 { b'"' } else { byte | 0x58 })] {
                let place = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0x80..));
                prop_assert_eq!(first_mark(bytes), place.unwrap_or(8));
            }
        }
    }

    #[test]
    fn parity_fills_strings() {
        assert_eq!(inside(0b0100_0100_0001_0100), 0b0011_1100_0000_1100);
    }
}
