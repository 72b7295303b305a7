//! What is to be cleaned, and how.

use std::{fmt, sync::Arc};

use super::{
    cleaner::Cleaner,
    condition::OneSpan,
    config::{Config, EventPolicy, Renaming},
    error::CleanError,
    keys::{KeyPattern, On},
    transform::{SpanCondition, Transform},
    values::{ValuePattern, ValueSet},
};
use crate::rules::{Condition, Faults};

/// The settings of a [`Cleaner`]; by default it only marks.
///
/// What several settings say of one key does not depend on their order: it is removed, else masked, else
/// hashed, and it is renamed in any case.
#[derive(Default)]
pub struct CleanerBuilder {
    config: Config,
}

impl Cleaner {
    /// Returns the settings of a cleaner.
    pub fn builder() -> CleanerBuilder {
        CleanerBuilder::default()
    }
}

impl CleanerBuilder {
    /// Sets what becomes of span events. By default all are kept.
    #[must_use]
    pub fn events(mut self, policy: EventPolicy) -> Self {
        self.config.events = policy;
        self
    }

    /// Leaves out spans for which a condition holds: health checks, for instance. Their children stay.
    #[must_use]
    pub fn drop_spans(mut self, condition: impl SpanCondition) -> Self {
        self.config.conditions.push(Arc::new(condition));
        self
    }

    /// Leaves out spans that meet a condition of the rules, which is asked of each span by itself.
    ///
    /// # Errors
    ///
    /// Where a rule with it would be refused.
    pub fn drop_spans_where(self, condition: Condition) -> Result<Self, Faults> {
        Ok(self.drop_spans(OneSpan::new(condition)?))
    }

    /// Removes all attributes of these messages but those of these keys, and of the keys that were allowed
    /// before. What is removed is counted in `dropped_attributes_count`.
    #[must_use]
    pub fn allow(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        self.config.keys.allow_only(on, keys);
        self
    }

    /// Removes the attributes of these keys, and counts them in `dropped_attributes_count`.
    #[must_use]
    pub fn deny(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.denied.extend(keys);
        self
    }

    /// Gives an attribute another key. Where the message has that key already, its attribute stays as it
    /// is, and the one that cannot have its key is removed.
    #[must_use]
    pub fn rename(mut self, on: On, from: &str, to: &str) -> Self {
        self.config.keys.renamed.push(Renaming {
            on,
            from: from.as_bytes().into(),
            to: to.as_bytes().into(),
        });
        self
    }

    /// Replaces the values of these keys by hashes, which are equal for equal values: the first digits of
    /// the SHA-256 of the [salt](Self::salt) and the value, in hexadecimal.
    #[must_use]
    pub fn hash(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.hashed.extend(keys);
        self
    }

    /// Sets what is hashed before each value: a secret, the same in all relays whose hashes are compared.
    /// Without one nothing is hashed, since whoever has the hash of an e-mail address or a customer's
    /// number would find it by hashing all there are.
    #[must_use]
    pub fn salt(mut self, salt: impl AsRef<[u8]>) -> Self {
        self.config.salt = salt.as_ref().into();
        self
    }

    /// Sets how many digits of a hash are written, 8 to 64. Default 32.
    #[must_use]
    pub fn hash_digits(mut self, digits: usize) -> Self {
        self.config.hash_digits = digits;
        self
    }

    /// Replaces the values of these keys by the [mask](Self::mask_text).
    #[must_use]
    pub fn mask(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.masked.extend(keys);
        self
    }

    /// Sets what is written in the place of what is masked. Default `REDACTED`.
    #[must_use]
    pub fn mask_text(mut self, text: &str) -> Self {
        self.config.mask = text.as_bytes().into();
        self
    }

    /// Does not search the values of these keys: numbers of orders that look like those of cards, for
    /// instance.
    #[must_use]
    pub fn trust(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.trusted.extend(keys);
        self
    }

    /// Masks what a ready-made set has, wherever it is in a text.
    #[must_use]
    pub fn values(mut self, set: ValueSet) -> Self {
        self.config.search.add(set);
        self
    }

    /// Masks what a pattern finds, wherever it is in a text.
    #[must_use]
    pub fn value_pattern(mut self, pattern: ValuePattern) -> Self {
        self.config.search.patterns.push(pattern);
        self
    }

    /// Masks the values of a parameter in URLs, whatever they are. Upper and lower case are the same.
    #[must_use]
    pub fn url_parameter(mut self, name: &str) -> Self {
        self.config.search.add_parameter(name);
        self
    }

    /// Cuts text and bytes in attributes of spans, events and links down to so many bytes, never within a
    /// character. By default nothing is cut.
    #[must_use]
    pub fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.config.max_value = Some(bytes);
        self
    }

    /// Adds an attribute with the adjusted count of each span, rounded: for how many spans it stands. Some
    /// backends read `SampleRate`. Spans whose probability is not known get none.
    #[must_use]
    pub fn sample_rate(mut self, key: &str) -> Self {
        self.config.sample_rate = Some(key.as_bytes().into());
        self
    }

    /// Sets whether kept spans are marked with threshold and rule. Default: they are.
    #[must_use]
    pub fn marks(mut self, marks: bool) -> Self {
        self.config.marks = marks;
        self
    }

    /// Adds a change of the user's own. They are made in the order in which they were added.
    #[must_use]
    pub fn transform(mut self, transform: impl Transform) -> Self {
        self.config.transforms.push(Arc::new(transform));
        self
    }

    /// Returns the cleaner.
    ///
    /// # Errors
    ///
    /// Where settings contradict each other. All that is wrong with them is said at once.
    pub fn build(self) -> Result<Cleaner, Vec<CleanError>> {
        let faults = self.config.faults();
        if faults.is_empty() {
            Ok(Cleaner::new(Arc::new(self.config)))
        } else {
            Err(faults)
        }
    }
}

impl fmt::Debug for CleanerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CleanerBuilder").field(&self.config).finish()
    }
}
