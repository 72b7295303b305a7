//! Settings of a cleaner.

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

/// The settings of a [`Cleaner`]. By default it only adds marks.
///
/// The result of several settings for one key does not depend on their order: removal takes
/// precedence over masking, and masking over hashing; renaming is independent of these.
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
    /// Sets the policy for span events. By default all are kept.
    #[must_use]
    pub fn events(mut self, policy: EventPolicy) -> Self {
        self.config.events = policy;
        self
    }

    /// Drops spans for which a condition holds, such as health checks. Their children stay.
    #[must_use]
    pub fn drop_spans(mut self, condition: impl SpanCondition) -> Self {
        self.config.conditions.push(Arc::new(condition));
        self
    }

    /// Drops spans that meet a condition of the rules, which is evaluated for each span on its own.
    ///
    /// # Errors
    ///
    /// Returns an error if a rule with this condition would be invalid.
    pub fn drop_spans_where(self, condition: Condition) -> Result<Self, Faults> {
        Ok(self.drop_spans(OneSpan::new(condition)?))
    }

    /// Removes all attributes of these messages except those with these or previously allowed keys.
    /// Removed attributes are counted in `dropped_attributes_count`.
    #[must_use]
    pub fn allow(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        self.config.keys.allow_only(on, keys);
        self
    }

    /// Removes the attributes with these keys, and counts them in `dropped_attributes_count`.
    #[must_use]
    pub fn deny(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.denied.extend(keys);
        self
    }

    /// Renames an attribute. If the message already has the new key, that attribute stays, and the
    /// one to be renamed is removed.
    #[must_use]
    pub fn rename(mut self, on: On, from: &str, to: &str) -> Self {
        self.config.keys.renamed.push(Renaming {
            on,
            from: from.as_bytes().into(),
            to: to.as_bytes().into(),
        });
        self
    }

    /// Replaces the values of these keys with hashes: the first digits of the hexadecimal SHA-256
    /// of the [salt](Self::salt) and the value. Equal values have equal hashes.
    #[must_use]
    pub fn hash(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.hashed.extend(keys);
        self
    }

    /// Sets the salt that is hashed before each value. It must be secret, and the same in all
    /// relays whose hashes are compared. Hashing requires a salt: without one, the hash of an email
    /// address or a customer number could be reversed by hashing all possible values.
    #[must_use]
    pub fn salt(mut self, salt: impl AsRef<[u8]>) -> Self {
        self.config.salt = salt.as_ref().into();
        self
    }

    /// Sets the number of digits of a hash, from 8 to 64. Default: 32.
    #[must_use]
    pub fn hash_digits(mut self, digits: usize) -> Self {
        self.config.hash_digits = digits;
        self
    }

    /// Replaces the values of these keys with the [mask](Self::mask_text).
    #[must_use]
    pub fn mask(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.masked.extend(keys);
        self
    }

    /// Sets the text that replaces masked values. Default: `REDACTED`.
    #[must_use]
    pub fn mask_text(mut self, text: &str) -> Self {
        self.config.mask = text.as_bytes().into();
        self
    }

    /// Exempts the values of these keys from the search, such as order numbers that look like card
    /// numbers.
    #[must_use]
    pub fn trust(mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) -> Self {
        let keys = keys.into_iter().map(|key| (on, key));
        self.config.keys.trusted.extend(keys);
        self
    }

    /// Masks values of a built-in set, anywhere in a text.
    #[must_use]
    pub fn values(mut self, set: ValueSet) -> Self {
        self.config.search.add(set);
        self
    }

    /// Masks matches of a pattern, anywhere in a text.
    #[must_use]
    pub fn value_pattern(mut self, pattern: ValuePattern) -> Self {
        self.config.search.patterns.push(pattern);
        self
    }

    /// Masks the values of a parameter in URLs. The name is not case-sensitive.
    #[must_use]
    pub fn url_parameter(mut self, name: &str) -> Self {
        self.config.search.add_parameter(name);
        self
    }

    /// Truncates strings and bytes in attributes of spans, events and links to this number of
    /// bytes, never within a character. By default nothing is truncated.
    #[must_use]
    pub fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.config.max_value = Some(bytes);
        self
    }

    /// Adds an attribute with the rounded adjusted count of each span: the number of spans it
    /// represents. Some backends read `SampleRate`. Spans with an unknown probability do not get
    /// the attribute.
    #[must_use]
    pub fn sample_rate(mut self, key: &str) -> Self {
        self.config.sample_rate = Some(key.as_bytes().into());
        self
    }

    /// Sets whether kept spans are marked with threshold and rule. Default: true.
    #[must_use]
    pub fn marks(mut self, marks: bool) -> Self {
        self.config.marks = marks;
        self
    }

    /// Adds a custom change. Changes are made in the order in which they were added.
    #[must_use]
    pub fn transform(mut self, transform: impl Transform) -> Self {
        self.config.transforms.push(Arc::new(transform));
        self
    }

    /// Returns the cleaner.
    ///
    /// # Errors
    ///
    /// Returns all faults of the settings if they are invalid or contradictory.
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
