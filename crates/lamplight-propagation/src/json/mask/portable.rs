//! Comparison in machine words, for any processor.

use super::width::{BLOCK, CHUNK};

/// A block to be compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByteBlock([u8; BLOCK]);

impl ByteBlock {
    #[inline(always)]
    pub(crate) fn of(block: &[u8; BLOCK]) -> Self {
        Self(*block)
    }

    /// Returns the positions of a byte.
    #[inline(always)]
    pub(crate) fn equal(&self, byte: u8) -> u64 {
        mask(&self.0, |other| other == byte)
    }

    /// Returns the positions of either byte.
    #[inline(always)]
    pub(crate) fn either(&self, one: u8, other: u8) -> u64 {
        mask(&self.0, |byte| byte == one || byte == other)
    }

    /// Returns whether the number of quotes is odd, or `None` if there may be brackets or backslashes.
    #[inline(always)]
    pub(crate) fn quote_parity_if_no_brackets(&self) -> Option<bool> {
        let (mut quotes, mut least) = (0, u8::MAX);
        for byte in self.0 {
            quotes ^= u8::from(byte == b'"');
            // `[\]` and `{|}`, which differ in one bit, map to 0, 1 and 2; all other bytes map to higher
            // values.
            least = least.min((byte | b' ').wrapping_sub(b'{'));
        }
        (least > 2).then_some(quotes != 0)
    }
}

/// Returns a mask in which bit `i` is set if `is` holds for byte `i`.
///
/// The compiler vectorizes the loop. The loop leaves two bits in each of 32 bytes; these are moved to one bit
/// in each of 64 positions by shifting words together and transposing the result as a matrix of 8 by 8 bits.
#[inline]
fn mask(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
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

/// Transposes a matrix of 8 by 8 bits: three rounds that swap ever larger squares.
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

/// Returns the positions of quotes and backslashes in a chunk.
#[inline]
pub(crate) fn marks(chunk: &[u8; CHUNK]) -> u32 {
    let words = chunk.as_chunks::<8>().0.iter().rev();
    words.fold(0, |bits, word| bits << 8 | marks_of_word(*word))
}

/// Returns the same for a word. A byte that matches becomes zero, and adding to its lower bits does not carry
/// into its top bit; a multiplication then gathers the top bits.
#[inline]
fn marks_of_word(word: [u8; 8]) -> u32 {
    const LOW: u64 = u64::from_ne_bytes([0x7f; 8]);
    const GATHER: u64 = 0x0102_0408_1020_4080;

    let word = u64::from_le_bytes(word);
    let equal = |byte: u8| {
        let other = word ^ u64::from_ne_bytes([byte; 8]);
        !(((other & LOW) + LOW) | other | LOW)
    };
    let hits = (equal(b'"') | equal(b'\\')) >> 7;
    let [.., gathered] = hits.wrapping_mul(GATHER).to_le_bytes();
    u32::from(gathered)
}
