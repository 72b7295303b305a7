//! A hash that is the same in every version, since it is stored.

use std::hash::{BuildHasherDefault, Hasher};

/// Bits without a pattern, for mixing.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns a hash of bytes with a seed. Collisions can be constructed on purpose, so exact uses
/// must also compare the bytes.
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let length = u64::try_from(bytes.len()).unwrap_or_default();
    let state = (words.iter()).fold(seed ^ length, |state, word| {
        mix(state ^ u64::from_le_bytes(*word))
    });
    mix(state ^ u64::from_le_bytes(last))
}

/// Returns a hash of a number in which every bit depends on every bit of the input.
pub(super) fn mix(number: u64) -> u64 {
    let product = u128::from(number ^ MIX) * u128::from(MIX.rotate_left(23) | 1);
    let (high, low) = (product >> 64, product & u128::from(u64::MAX));
    u64::try_from(high ^ low).unwrap_or_default()
}

/// A hasher for values that are already hashes.
pub(super) type IsHash = BuildHasherDefault<Same>;

/// A hasher that returns a number unchanged.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(self.0, bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
