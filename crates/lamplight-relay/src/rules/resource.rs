//! What rules ask of resources, asked once of each.

use lamplight_otlp::trace::field::RESOURCE_ATTRIBUTES;

use super::{
    hash::{of_value, of_words},
    keys::Keys,
};

/// How many resources are remembered, each in a place by its hash, which it shares with others. A record has one as a
/// rule, and records of some functions alternate.
const REMEMBERED: usize = 64;

/// The largest resource that is remembered, in bytes. Those of functions have some hundred.
const MAX_BYTES: usize = 4 << 10;

/// Resources that were seen last.
#[derive(Debug, Clone, Default)]
pub(super) struct Resources {
    seen: Vec<Answers>,
    /// The one that was asked for last.
    last: usize,
    /// Where that lay, while nothing else can lie there.
    place: Option<(usize, usize)>,
    /// Whether spans of one record are looked at, whose bytes stay where they are.
    is_in_record: bool,
}

/// What a resource has.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    /// The resource itself: one that is somewhere else but equal is the same, one that is in the
    /// same place later is not.
    resource: Vec<u8>,
    /// Whether it is that of a resource.
    is_known: bool,
    /// The leaves it meets.
    pub(super) met: u64,
    /// The values that slots are for.
    pub(super) slots: Vec<(u8, u64)>,
}

impl Resources {
    /// Returns what a resource has.
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

    /// Says whether what comes is of one record, whose bytes stay where they are until it is said that it is not. So a
    /// resource is asked once for a million spans, however large it is.
    pub(super) fn in_record(&mut self, is_in_record: bool) {
        self.is_in_record = is_in_record;
        self.place = None;
    }

    /// Returns how many bytes it takes.
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
            // Answers for the moment.
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

    /// A resource with one attribute without a value, and others behind it.
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
