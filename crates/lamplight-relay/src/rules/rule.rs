//! Rules, as configured.

use super::{adaptive::Adaptive, condition::Condition};

/// A sampling rule: a condition on traces, and the share of matching traces to keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub(super) name: String,
    pub(super) when: Condition,
    pub(super) action: Action,
}

/// The action of a rule for matching traces.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Keeps all of them.
    Keep,
    /// Keeps this fraction of them, above 0 and at most 1.
    Probability(f64),
    /// Keeps a fraction of them that adapts to the traffic.
    Adaptive(Adaptive),
    /// Keeps none of them, whatever other rules decide.
    Drop,
}

impl Rule {
    /// Returns a rule. Kept spans carry its name (`lamplight.relay.rule`).
    pub fn new(name: impl Into<String>, when: Condition, action: Action) -> Self {
        let name = name.into();
        Self { name, when, action }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a rule that keeps all matching traces.
    pub fn keep(name: impl Into<String>, when: Condition) -> Self {
        Self::new(name, when, Action::Keep)
    }

    /// Returns a rule that keeps this fraction of matching traces, above 0 and at most 1.
    pub fn probability(name: impl Into<String>, when: Condition, fraction: f64) -> Self {
        Self::new(name, when, Action::Probability(fraction))
    }

    /// Returns a rule that keeps an adaptive fraction of matching traces.
    pub fn adaptive(name: impl Into<String>, when: Condition, adaptive: Adaptive) -> Self {
        Self::new(name, when, Action::Adaptive(adaptive))
    }

    /// Returns a rule that drops all matching traces, whatever other rules decide.
    pub fn drop(name: impl Into<String>, when: Condition) -> Self {
        Self::new(name, when, Action::Drop)
    }
}
