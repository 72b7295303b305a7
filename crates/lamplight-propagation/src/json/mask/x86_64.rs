//! Comparison with SSE2 instructions, which every x86-64 processor has.

use safe_arch::{
    bitor_m128i, bitxor_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, m128i, min_u8_m128i,
    move_mask_i8_m128i, set_splat_i8_m128i, sub_i8_m128i,
};

use super::width::{BLOCK, CHUNK};

/// A block to be compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByteBlock([m128i; BLOCK / CHUNK]);

impl ByteBlock {
    #[inline(always)]
    pub(crate) fn of(block: &[u8; BLOCK]) -> Self {
        let mut lanes = [splat(0); BLOCK / CHUNK];
        for (lane, chunk) in lanes.iter_mut().zip(block.as_chunks().0) {
            *lane = load_unaligned_m128i(chunk);
        }
        Self(lanes)
    }

    /// Returns the positions of a byte.
    #[inline(always)]
    pub(crate) fn equal(&self, byte: u8) -> u64 {
        self.bits(|lane| cmp_eq_mask_i8_m128i(lane, splat(byte)))
    }

    /// Returns the positions of either byte.
    #[inline(always)]
    pub(crate) fn either(&self, one: u8, other: u8) -> u64 {
        self.bits(|lane| either(lane, one, other))
    }

    /// Returns whether the number of quotes is odd, or `None` if there may be brackets or backslashes.
    #[inline(always)]
    pub(crate) fn quote_parity_if_no_brackets(&self) -> Option<bool> {
        // `[\]` and `{|}`, which differ in one bit, map to 0, 1 and 2; all other bytes map to higher values.
        let (mut quotes, mut least) = (splat(0), splat(u8::MAX));
        for lane in &self.0 {
            quotes = bitxor_m128i(quotes, cmp_eq_mask_i8_m128i(*lane, splat(b'"')));
            let distance = sub_i8_m128i(bitor_m128i(*lane, splat(b' ')), splat(b'{'));
            least = min_u8_m128i(least, distance);
        }
        let other = cmp_eq_mask_i8_m128i(min_u8_m128i(least, splat(2)), least);
        (mask(other) == 0).then(|| mask(quotes).count_ones() & 1 != 0)
    }

    #[inline(always)]
    fn bits(&self, compare: impl Fn(m128i) -> m128i) -> u64 {
        let lanes = self.0.iter().rev();
        lanes.fold(0, |bits, lane| {
            bits << CHUNK | u64::from(mask(compare(*lane)))
        })
    }
}

/// Returns the positions of quotes and backslashes in a chunk.
#[inline(always)]
pub(crate) fn marks(chunk: &[u8; CHUNK]) -> u32 {
    mask(either(load_unaligned_m128i(chunk), b'"', b'\\'))
}

#[inline(always)]
fn either(lane: m128i, one: u8, other: u8) -> m128i {
    let is = |byte| cmp_eq_mask_i8_m128i(lane, splat(byte));
    bitor_m128i(is(one), is(other))
}

#[inline(always)]
fn splat(byte: u8) -> m128i {
    set_splat_i8_m128i(byte.cast_signed())
}

#[inline(always)]
fn mask(lane: m128i) -> u32 {
    move_mask_i8_m128i(lane).cast_unsigned()
}
