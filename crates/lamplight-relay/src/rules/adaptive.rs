//! Adaptive rules, as a user says them.

use std::time::Duration;

use super::attribute::Holder;

/// A fraction that adapts to what arrives, for each key by itself.
///
/// Traces with equal values of the key's fields count as alike: routes of a service, say. At the end of
/// every interval, it is shared out anew how many of each are to be kept, by an exponential moving average
/// of how many there were; frequent ones get more than rare ones, but less than their part, so that what is
/// rare is seen. Between, a key keeps the fraction it was given. One that is new is kept at first, then
/// ever less often as more come.
///
/// Traces are counted for what they stand for, if a head has sampled them. All of it goes by the time of
/// the stream and depends on nothing but counts, so that a replay decides the same.
///
/// One [`RuleState`](super::RuleState) adapts by itself: a relay has one for each shard, so that a goal is
/// that of a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct Adaptive {
    pub(super) goal: Goal,
    pub(super) key: Vec<KeyField>,
    pub(super) interval: Duration,
    pub(super) weight: f64,
    pub(super) max_keys: usize,
}

/// What is aimed at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// A fraction of the traces.
    Fraction(f64),
    /// So many traces a second.
    Rate(f64),
}

impl Adaptive {
    /// Returns the aim to keep this fraction of all traces the rule is about, above 0 and at most 1.
    pub fn percentage(fraction: f64) -> Self {
        Self::new(Goal::Fraction(fraction))
    }

    /// Returns the aim to keep so many traces a second.
    pub fn throughput(traces_per_second: f64) -> Self {
        Self::new(Goal::Rate(traces_per_second))
    }

    fn new(goal: Goal) -> Self {
        Self {
            goal,
            key: Vec::new(),
            interval: Duration::from_secs(15),
            weight: 0.5,
            max_keys: 500,
        }
    }

    /// Sets what makes traces alike. Without any field all are.
    #[must_use]
    pub fn key(mut self, fields: impl IntoIterator<Item = KeyField>) -> Self {
        self.key = fields.into_iter().collect();
        self
    }

    /// Sets how often it is shared out anew: 15 s by default, a second at least. Intervals begin at
    /// multiples of their length.
    #[must_use]
    pub fn adjustment_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets how much the last interval counts in the moving average, above 0 and at most 1: 0.5 by default.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Sets how many keys there are at most, 500 by default, 1 to 10 000. Those that come when there are
    /// so many count as one.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }
}

/// A field of the key of an [`Adaptive`] rule.
///
/// Of several spans that have a value, the root counts most, then what is an
/// [entry](super::Measured::Entry); of several alike one is taken, always the same one, in whichever order
/// they come.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyField(pub(super) Field);

/// The kinds of fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Name,
    Attribute { key: String, holder: Holder },
}

impl KeyField {
    /// Returns an attribute of the span, or of its resource where the span has none.
    pub fn attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Any)
    }

    /// Returns an attribute of the span.
    pub fn span_attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Span)
    }

    /// Returns an attribute of the resource.
    pub fn resource_attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Resource)
    }

    /// Returns the name of the span.
    pub fn span_name() -> Self {
        Self(Field::Name)
    }

    fn with(key: impl Into<String>, holder: Holder) -> Self {
        let key = key.into();
        Self(Field::Attribute { key, holder })
    }
}
