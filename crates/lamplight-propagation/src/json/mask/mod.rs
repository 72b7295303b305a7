//! Comparison of many bytes with one, with one bit per byte as the result.
//!
//! On x86-64, every processor compares 16 bytes at once and returns the result as 16 bits. Elsewhere, the
//! compiler vectorizes plain loops.

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable;
mod width;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(not(target_arch = "x86_64"))]
use portable as kind;
#[cfg(target_arch = "x86_64")]
use x86_64 as kind;

pub(super) use self::{
    kind::{ByteBlock, marks},
    width::{BLOCK, CHUNK},
};

/// Returns the parity of the bits at or below each bit. For quotes, the result marks the insides of strings,
/// including the opening quote. It is the exclusive or of all lower bits, with a reach that each step
/// doubles.
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

    use super::{BLOCK, CHUNK, inside, kind, portable};

    fn bits(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
        let bits = bytes.iter().rev();
        bits.fold(0, |mask, byte| mask << 1 | u64::from(is(*byte)))
    }

    /// Generates mostly the compared bytes and their neighbors.
    fn byte() -> impl Strategy<Value = u8> {
        let wanted = prop::sample::select(b"\"\\{}[]!#[|\xa2\xdc".as_slice());
        prop_oneof![wanted, any::<u8>()]
    }

    proptest! {
        #[test]
        fn blocks_say_what_a_loop_says(bytes in prop::collection::vec(byte(), BLOCK), byte in byte(), other in byte()) {
            let block = bytes.as_slice().try_into().unwrap();
            let equal = bits(&bytes, |other| other == byte);
            let either = bits(&bytes, |it| it == byte || it == other);
            prop_assert_eq!(kind::ByteBlock::of(block).equal(byte), equal);
            prop_assert_eq!(kind::ByteBlock::of(block).either(byte, other), either);
            prop_assert_eq!(portable::ByteBlock::of(block).equal(byte), equal);
            prop_assert_eq!(portable::ByteBlock::of(block).either(byte, other), either);
        }

        #[test]
        fn quotes_are_counted_where_there_is_nothing_else(
            bytes in prop::collection::vec(prop::sample::select(b"aaaaaaaaaaaa\"\"\"#[|".as_slice()), BLOCK),
            odd in prop_oneof![Just(b'a'), byte()],
            place in 0..BLOCK,
        ) {
            let mut bytes = bytes;
            bytes[place] = odd;
            let block = bytes.as_slice().try_into().unwrap();
            let is_odd = bits(&bytes, |byte| byte == b'"').count_ones() % 2 == 1;
            let other = bytes.iter().any(|byte| b"{|}[\\]".contains(byte));
            let expected = (!other).then_some(is_odd);
            prop_assert_eq!(kind::ByteBlock::of(block).quote_parity_if_no_brackets(), expected);
            prop_assert_eq!(portable::ByteBlock::of(block).quote_parity_if_no_brackets(), expected);
        }

        #[test]
        fn chunks_say_what_a_loop_says(bytes in prop::collection::vec(byte(), CHUNK)) {
            let chunk = bytes.as_slice().try_into().unwrap();
            let marks = bits(&bytes, |byte| matches!(byte, b'"' | b'\\'));
            prop_assert_eq!(u64::from(kind::marks(chunk)), marks);
            prop_assert_eq!(u64::from(portable::marks(chunk)), marks);
        }
    }

    #[test]
    fn parity_fills_strings() {
        assert_eq!(inside(0b0100_0100_0001_0100), 0b0011_1100_0000_1100);
    }
}
