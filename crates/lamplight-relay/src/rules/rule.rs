//! Rules, as a user says them.

use super::{adaptive::Adaptive, condition::Condition};

/// A rule: which traces it is about, and how many of them are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub(super) name: String,
    pub(super) when: Condition,
    pub(super) action: Action,
}

/// What a rule does with the traces it is about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Keeps all of them.
    Keep,
    /// Keeps this fraction of them, above 0 and at most 1.
    Probability(f64),
    /// Keeps a fraction of them that adapts to what arrives.
    Adaptive(Adaptive),
    /// Keeps none of them, whatever other rules say.
    Drop,
}

impl Rule {
    /// Returns a rule. Its name is what kept spans say (`lamplight.relay.rule`).
    pub fn new(name: impl Into<String>, when: Condition, action: Action) -> Self {
        let name = name.into();
        Self { name, when, action }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a rule that keeps all these traces.
    pub fn keep(name: impl Into<String>, when: Condition) -> Self {
        Self::new(name, when, Action::Keep)
    }

    /// Returns a rule that keeps this fraction of these traces, above 0 and at most 1.
    pub fn probability(name: impl Into<String>, when: Condition, fraction: f64) -> Self {
        Self::new(name, when, Action::Probability(fraction))
    }

    /// Returns a rule that keeps a fraction of these traces that adapts to what arrives.
    pub fn adaptive(name: impl Into<String>, when: Condition, adaptive: Adaptive) -> Self {
        Self::new(name, when, Action::Adaptive(adaptive))
    }

    /// Returns a rule that keeps none of these traces, whatever other rules say.
    pub fn drop(name: impl Into<String>, when: Condition) -> Self {
        Self::new(name, when, Action::Drop)
    }
}
