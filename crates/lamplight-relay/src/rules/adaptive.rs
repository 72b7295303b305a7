//! The configuration of adaptive rules.

use std::time::Duration;

use super::attribute::Holder;

/// A sampling fraction that adapts to the traffic, separately for each key.
///
/// Traces with equal values of the key's fields form a group, such as a route of a service. At the
/// end of every interval, the number of traces to keep of each key is recalculated from an
/// exponential moving average of their number. Frequent keys get more than rare ones, but less than
/// in proportion, so that rare ones are visible. Between recalculations, a key's fraction stays
/// constant. A new key is kept completely at first, then less and less as more of its traces
/// arrive.
///
/// Traces that were sampled at the head are counted with their adjusted count. The calculation uses
/// only stream time and counts, so that a replay gives the same decisions.
///
/// Each [`RuleState`](super::RuleState) adapts on its own. A relay has one for each shard, so that
/// a goal applies to a shard.
#[derive(Debug, Clone, PartialEq)]
pub struct Adaptive {
    pub(super) goal: Goal,
    pub(super) key: Vec<KeyField>,
    pub(super) interval: Duration,
    pub(super) weight: f64,
    pub(super) max_keys: usize,
}

/// The goal of an adaptive rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// A fraction of the traces.
    Fraction(f64),
    /// A number of traces per second.
    Rate(f64),
}

impl Adaptive {
    /// Returns a rule that aims to keep this fraction of all matching traces, above 0 and at most
    /// 1.
    pub fn percentage(fraction: f64) -> Self {
        Self::new(Goal::Fraction(fraction))
    }

    /// Returns a rule that aims to keep this number of traces per second.
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

    /// Sets the fields of the key. Without fields, all traces share one key.
    #[must_use]
    pub fn key(mut self, fields: impl IntoIterator<Item = KeyField>) -> Self {
        self.key = fields.into_iter().collect();
        self
    }

    /// Sets the recalculation interval. Default: 15 s; minimum: 1 s. Intervals begin at multiples
    /// of their length.
    #[must_use]
    pub fn adjustment_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the weight of the last interval in the moving average, above 0 and at most 1. Default:
    /// 0.5.
    #[must_use]
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Sets the maximum number of keys, from 1 to 10 000. Default: 500. Further keys share one
    /// entry.
    #[must_use]
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }
}

/// A field of the key of an [`Adaptive`] rule.
///
/// If several spans have a value, that of the root takes precedence, then that of an
/// [entry](super::Measured::Entry). Among equal ones the choice does not depend on the order of the
/// spans.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyField(pub(super) Field);

/// The kinds of fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Name,
    Attribute { key: String, holder: Holder },
}

impl KeyField {
    /// Returns a field with an attribute of the span, or of its resource if the span lacks it.
    pub fn attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Any)
    }

    /// Returns a field with an attribute of the span.
    pub fn span_attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Span)
    }

    /// Returns a field with an attribute of the resource.
    pub fn resource_attribute(key: impl Into<String>) -> Self {
        Self::with(key, Holder::Resource)
    }

    /// Returns a field with the name of the span.
    pub fn span_name() -> Self {
        Self(Field::Name)
    }

    fn with(key: impl Into<String>, holder: Holder) -> Self {
        let key = key.into();
        Self(Field::Attribute { key, holder })
    }
}
