//! Evaluation of rules on resources, once per resource.

use lamplight_otlp::trace::field::RESOURCE_ATTRIBUTES;

use super::{
    hash::{of_value, of_words},
    keys::Keys,
};

/// Number of remembered resources, each in a place given by its hash, which it shares with others.
/// A record usually has one resource, and records of a few functions alternate.
const REMEMBERED: usize = 64;

/// Maximum size of a remembered resource, in bytes. Those of functions have a few hundred.
const MAX_BYTES: usize = 4 << 10;

/// Recently seen resources.
#[derive(Debug, Clone, Default)]
pub(super) struct Resources {
    seen: Vec<Answers>,
    /// The index of the last one.
    last: usize,
    /// The address of the last one, as long as no other data can be there.
    place: Option<(usize, usize)>,
    /// True while spans of one record are observed, whose bytes do not move.
    is_in_record: bool,
}

/// The result for a resource.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    /// The resource itself. An equal one at another address is the same; a different one at the
    /// same address later is not.
    resource: Vec<u8>,
    /// True if this is the result for a resource.
    is_known: bool,
    /// The leaves it meets.
    pub(super) met: u64,
    /// The values to store in slots.
    pub(super) slots: Vec<(u8, u64)>,
}

impl Resources {
    /// Returns the result for a resource.
    #[inline]
    pub(super) fn of(&mut self, keys: &Keys, resource: &[u8]) -> &Answers {
        let place = (resource.as_ptr().addr(), resource.len());
        if self.place != Some(place) {
            let is_it = |answers: &Answers| answers.is_known && answers.resource == resource;
            if !self.seen.get(self.last).is_some_and(is_it) {
                self.look_up(keys, resource);
            }
            self.place = Some(place).filter(|_| self.is_in_record);
        }
        self.seen.get(self.last).unwrap_or(&NOTHING)
    }

    fn look_up(&mut self, keys: &Keys, resource: &[u8]) {
        let is_it = |answers: &&mut Answers| answers.is_known && answers.resource == resource;
        if self.seen.is_empty() {
            self.seen.resize(REMEMBERED, Answers::default());
        }
        self.last = of_words(resource) as usize % REMEMBERED;
        let answers = self.seen.get_mut(self.last);
        if let Some(answers) = answers.filter(|answers| !is_it(answers)) {
            answers.ask(keys, resource);
        }
    }

    /// Sets whether the following spans are of one record, whose bytes do not move until this is
    /// reset. This way a resource is evaluated once for a million spans, however large it is.
    pub(super) fn in_record(&mut self, is_in_record: bool) {
        self.is_in_record = is_in_record;
        self.place = None;
    }

    /// Returns the memory in use, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.seen
            .iter()
            .map(|answers| answers.resource.capacity())
            .sum()
    }
}

static NOTHING: Answers = Answers {
    resource: Vec::new(),
    is_known: false,
    met: 0,
    slots: Vec::new(),
};

impl Answers {
    fn ask(&mut self, keys: &Keys, resource: &[u8]) {
        self.resource.clear();
        self.slots.clear();
        self.is_known = resource.len() <= MAX_BYTES;
        if self.is_known {
            self.resource.extend_from_slice(resource);
        } else {
            // Large resources are remembered only temporarily.
            self.resource.shrink_to(MAX_BYTES);
        }
        let Self { met, slots, .. } = self;
        *met = keys.scan(resource, RESOURCE_ATTRIBUTES, u64::MAX, |slot, value| {
            slots.push((slot, of_value(value)));
        });
    }
}

#[cfg(test)]
mod tests {
    use lamplight_otlp::Writer;

    use super::*;
    use crate::rules::{attribute::Test, matcher::Matcher};

    /// A resource with one attribute without a value, followed by others.
    fn resource(key: &[u8], others: usize) -> Vec<u8> {
        let mut writer = Writer::default();
        for _ in 0..others {
            writer.message(1, |writer| writer.bytes(1, b"other"));
        }
        writer.message(1, |writer| writer.bytes(1, key));
        writer.into_bytes()
    }

    fn keys() -> Keys {
        let mut keys = Keys::default();
        keys.leaf("wanted", 1, Matcher::new(&Test::Exists).unwrap());
        keys
    }

    #[test]
    fn a_resource_is_asked_again_when_others_lie_in_its_place() {
        let (keys, mut resources) = (keys(), Resources::default());
        for others in [0, 10_000] {
            let mut bytes = resource(b"wanted", others);
            let unwanted = resource(b"unwant", others);
            for in_record in [true, false] {
                resources.in_record(in_record);
                for _ in 0..3 {
                    assert_eq!(resources.of(&keys, &bytes).met, 1);
                }
                resources.in_record(false);
                bytes.copy_from_slice(&unwanted);
                assert_eq!(resources.of(&keys, &bytes).met, 0);
                bytes = resource(b"wanted", others);
            }
        }
    }

    #[test]
    fn a_large_resource_is_asked_once_in_a_record() {
        let (keys, mut resources) = (keys(), Resources::default());
        let bytes = resource(b"wanted", 1_000_000);
        resources.in_record(true);
        for _ in 0..1_000_000 {
            assert_eq!(resources.of(&keys, &bytes).met, 1);
        }
    }

    #[test]
    fn hundreds_of_resources_in_turn_are_each_answered_as_alone() {
        let (keys, mut resources) = (keys(), Resources::default());
        for number in (0..300_u32).chain(0..300) {
            let key = match number % 3 {
                0 => b"wanted",
                _ => b"unwant",
            };
            let bytes = resource(key, number as usize);
            assert_eq!(resources.of(&keys, &bytes).met, u64::from(number % 3 == 0));
        }
        assert!(resources.bytes() <= REMEMBERED * MAX_BYTES);
    }
}
