//! With the instructions that every x86-64 has (SSE2).

use safe_arch::{
    bitor_m128i, cmp_eq_mask_i8_m128i, load_unaligned_m128i, m128i, move_mask_i8_m128i,
    set_splat_i8_m128i,
};

use super::{BLOCK, CHUNK};

/// A block, ready to be compared.
#[derive(Debug, Clone, Copy)]
pub(in crate::json) struct Lanes([m128i; BLOCK / CHUNK]);

impl Lanes {
    #[inline(always)]
    pub(in crate::json) fn of(block: &[u8; BLOCK]) -> Self {
        let mut lanes = [splat(0); BLOCK / CHUNK];
        for (lane, chunk) in lanes.iter_mut().zip(block.as_chunks().0) {
            *lane = load_unaligned_m128i(chunk);
        }
        Self(lanes)
    }

    /// The bytes that are this one.
    #[inline(always)]
    pub(in crate::json) fn equal(&self, byte: u8) -> u64 {
        self.bits(|lane| cmp_eq_mask_i8_m128i(lane, splat(byte)))
    }

    /// The brackets of all kinds: one bit tells `{` from `[` and `}` from `]`.
    #[inline(always)]
    pub(in crate::json) fn brackets(&self) -> u64 {
        self.bits(|lane| either(bitor_m128i(lane, splat(0x20)), b'{', b'}'))
    }

    #[inline(always)]
    fn bits(&self, compare: impl Fn(m128i) -> m128i) -> u64 {
        let lanes = self.0.iter().rev();
        lanes.fold(0, |bits, lane| {
            bits << CHUNK | u64::from(mask(compare(*lane)))
        })
    }
}

/// The quotes and backslashes of a chunk.
#[inline(always)]
pub(in crate::json) fn marks(chunk: &[u8; CHUNK]) -> u32 {
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
