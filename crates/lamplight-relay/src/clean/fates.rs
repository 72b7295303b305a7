//! Cache of the handling of attributes, by key.

use super::{
    config::{Fate, KeyRules},
    keys::On,
};

/// Number of keys in the cache. A system has some hundred.
const SLOTS: usize = 1024;

/// Maximum length of a key in the cache.
const LONGEST: usize = 128;

/// A cache of the handling of keys, since matching patterns takes longer than a lookup.
///
/// Each key has one slot, which it shares with others; the last one wins. Memory is therefore
/// bounded, and an endless number of keys costs no more than having no cache.
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
    /// Returns the handling of an attribute with this key.
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

/// Returns a hash of bytes. Collisions can be constructed on purpose, so it must only be used for
/// data that may be forgotten.
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
