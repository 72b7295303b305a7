//! What rules ask of resources, asked once of each.

use lamplight_otlp::trace::field::RESOURCE_ATTRIBUTES;

use super::{
    hash::{of_value, of_words},
    keys::Keys,
};

/// How many resources are remembered, each in a place by its hash, which it shares with others. A record has one as a
/// rule, and records of some functions alternate.
const REMEMBERED: usize = 64;

/// The largest resource that is remembered, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// Resources that were seen last.
#[derive(Debug, Clone, Default)]
pub(super) struct Resources {
    seen: Vec<Answers>,
    /// The one that was asked for last.
    last: usize,
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
        let is_it = |answers: &Answers| answers.is_known && answers.resource == resource;
        if !self.seen.get(self.last).is_some_and(is_it) {
            self.look_up(keys, resource);
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
