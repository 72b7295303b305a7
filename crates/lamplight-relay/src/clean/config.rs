//! Validated settings of a cleaner.

use std::{fmt, sync::Arc};

use super::{
    error::CleanError,
    keys::{KeyPattern, On},
    transform::{SpanCondition, Transform},
    values::Search,
};

/// A policy for span events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum EventPolicy {
    /// All are kept.
    #[default]
    All,
    /// Events named `exception` are kept. The others are counted in `dropped_events_count`.
    Exceptions,
    /// No events are kept. They are counted in `dropped_events_count`.
    None,
}

/// All settings of a cleaner.
pub(super) struct Config {
    pub(super) events: EventPolicy,
    pub(super) conditions: Vec<Arc<dyn SpanCondition>>,
    pub(super) keys: KeyRules,
    pub(super) search: Search,
    pub(super) transforms: Vec<Arc<dyn Transform>>,
    pub(super) mask: Box<[u8]>,
    pub(super) salt: Box<[u8]>,
    pub(super) hash_digits: usize,
    pub(super) max_value: Option<usize>,
    pub(super) sample_rate: Option<Box<[u8]>>,
    pub(super) marks: bool,
    /// True if links are dropped and counted. Only used for requests that are too large.
    pub(super) drop_links: bool,
}

/// The settings for keys.
#[derive(Debug, Default)]
pub(super) struct KeyRules {
    /// The messages of which only allowed attributes are kept.
    closed: u8,
    allowed: Vec<(On, KeyPattern)>,
    pub(super) denied: Vec<(On, KeyPattern)>,
    pub(super) renamed: Vec<Renaming>,
    pub(super) hashed: Vec<(On, KeyPattern)>,
    pub(super) masked: Vec<(On, KeyPattern)>,
    pub(super) trusted: Vec<(On, KeyPattern)>,
}

/// A key and its new name.
#[derive(Debug)]
pub(super) struct Renaming {
    pub(super) on: On,
    pub(super) from: Box<[u8]>,
    pub(super) to: Box<[u8]>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            events: EventPolicy::All,
            conditions: Vec::new(),
            keys: KeyRules::default(),
            search: Search::default(),
            transforms: Vec::new(),
            mask: b"REDACTED".as_slice().into(),
            salt: Box::default(),
            hash_digits: 32,
            max_value: None,
            sample_rate: None,
            marks: true,
            drop_links: false,
        }
    }
}

impl Config {
    /// Returns the faults.
    pub(super) fn faults(&self) -> Vec<CleanError> {
        let mut faults = Vec::new();
        if !self.keys.hashed.is_empty() && self.salt.is_empty() {
            faults.push(CleanError::MissingSalt);
        }
        if !(8..=64).contains(&self.hash_digits) {
            faults.push(CleanError::HashLength(self.hash_digits));
        }
        for renaming in &self.keys.renamed {
            let again = |other: &Renaming| other.from == renaming.to;
            if renaming.to.is_empty() || self.keys.renamed.iter().any(again) {
                faults.push(CleanError::Rename {
                    from: String::from_utf8_lossy(&renaming.from).into_owned(),
                });
            }
        }
        faults
    }
}

impl Config {
    /// Returns whether spans that are already marked stay unchanged.
    pub(super) fn does_nothing_more(&self) -> bool {
        self.events == EventPolicy::All
            && self.conditions.is_empty()
            && self.keys.concerned() == 0
            && self.search.is_empty()
            && self.transforms.is_empty()
            && self.max_value.is_none()
            && self.sample_rate.is_none()
            && !self.drop_links
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The salt is omitted, since it is secret.
        f.debug_struct("Config")
            .field("events", &self.events)
            .field("keys", &self.keys)
            .field("search", &self.search)
            .field("max_value", &self.max_value)
            .field("marks", &self.marks)
            .finish_non_exhaustive()
    }
}

impl KeyRules {
    pub(super) fn allow_only(&mut self, on: On, keys: impl IntoIterator<Item = KeyPattern>) {
        self.closed |= on.bits();
        self.allowed.extend(keys.into_iter().map(|key| (on, key)));
    }

    /// Returns the messages whose attributes must be read.
    pub(super) fn concerned(&self) -> u8 {
        let patterns = [&self.denied, &self.hashed, &self.masked];
        let patterns = patterns.into_iter().flatten().map(|(on, _)| on.bits());
        let renamed = self.renamed.iter().map(|renaming| renaming.on.bits());
        patterns
            .chain(renamed)
            .fold(self.closed, |all, on| all | on)
    }

    /// Returns the messages for whose attributes the key matters, beyond the search of values.
    pub(super) fn asked(&self) -> u8 {
        let trusted = self.trusted.iter().map(|(on, _)| on.bits());
        trusted.fold(self.concerned(), |all, on| all | on)
    }

    /// Returns the handling of an attribute with this key.
    pub(super) fn fate(&self, on: On, key: &[u8]) -> Fate {
        let among = |list: &[(On, KeyPattern)]| {
            list.iter()
                .any(|(place, pattern)| place.has(on) && pattern.matches(key))
        };
        let removed = among(&self.denied) || self.closed & on.bits() != 0 && !among(&self.allowed);
        let renamed = |renaming: &Renaming| renaming.on.has(on) && *renaming.from == *key;
        let value = if removed {
            ValueFate::Removed
        } else if among(&self.masked) {
            ValueFate::Masked
        } else if among(&self.hashed) {
            ValueFate::Hashed
        } else if among(&self.trusted) {
            ValueFate::Trusted
        } else {
            ValueFate::Searched
        };
        Fate {
            value,
            renamed: self.renamed.iter().position(renamed),
        }
    }
}

/// The handling of an attribute, determined by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) value: ValueFate,
    /// The index of the renaming that applies, if any.
    pub(super) renamed: Option<usize>,
}

/// The handling of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueFate {
    Removed,
    Masked,
    Hashed,
    Trusted,
    Searched,
}

impl Fate {
    /// The handling of an attribute without settings.
    pub(super) const NONE: Self = Self {
        value: ValueFate::Searched,
        renamed: None,
    };
}
