//! What becomes of attributes, remembered by their keys.

use super::{
    config::{Fate, KeyRules},
    keys::On,
};

/// How many keys are remembered. Those of a system are some hundred.
const SLOTS: usize = 1024;

/// The longest key that is remembered.
const LONGEST: usize = 128;

/// Fates of keys that were seen: going through patterns takes longer than finding a key.
///
/// A key has one place, which it shares with others; who comes last has it. So memory has a bound, and
/// keys without end cost no more than no memory at all.
#[derive(Debug, Default)]
pub(super) struct Fates {
    slots: Vec<Option<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    on: On,
    key: Box<[u8]>,
    fate: Fate,
}

impl Fates {
    /// Returns what becomes of an attribute with this key.
    #[inline]
    pub(super) fn of(&mut self, rules: &KeyRules, on: On, key: &[u8]) -> Fate {
        let slot = hash(key, on.bits().into()) as usize % SLOTS;
        match self.slots.get(slot) {
            Some(Some(known)) if known.on == on && *known.key == *key => known.fate,
            _ => self.learn(rules, on, key, slot),
        }
    }

    #[cold]
    fn learn(&mut self, rules: &KeyRules, on: On, key: &[u8], slot: usize) -> Fate {
        let fate = rules.fate(on, key);
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        if key.len() <= LONGEST
            && let Some(slot) = self.slots.get_mut(slot)
        {
            let key = key.into();
            *slot = Some(Known { on, key, fate });
        }
        fate
    }
}

/// Returns a number for bytes, nearly always another one for others. Whoever wants to can find bytes of
/// equal numbers, so only what may be forgotten is stored by it.
#[inline]
pub(super) fn hash(bytes: &[u8], seed: u64) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = seed ^ bytes.len() as u64;
    for word in words {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    let last = rest
        .iter()
        .fold(0, |last, byte| last << 8 | u64::from(*byte));
    hash = (hash.rotate_left(5) ^ last).wrapping_mul(FACTOR);
    hash ^ hash >> 32
}
