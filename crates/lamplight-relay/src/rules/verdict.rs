//! Verdicts.

use crate::sampling::Threshold;

/// The number of a rule: its place in the order of its [`Rules`](super::Rules), less than 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(u16);

impl RuleId {
    /// Returns the number of the rule in this place.
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    /// Returns the place of the rule.
    pub const fn index(self) -> u16 {
        self.0
    }
}

/// What becomes of a trace, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it is kept: whether its randomness is not below the threshold.
    pub kept: bool,
    /// The lowest threshold of the rules it meets. [`Threshold::NEVER`] where it meets none, or where it is
    /// vetoed.
    pub threshold: Threshold,
    /// The rule that gave the threshold, or the veto; of several alike the first one. `None` where
    /// the trace meets none.
    pub rule: Option<RuleId>,
    /// Whether a rule that drops has a veto.
    pub vetoed: bool,
}

impl Verdict {
    /// Returns the verdict on a trace that meets no rule.
    pub const fn unmatched() -> Self {
        Self {
            kept: false,
            threshold: Threshold::NEVER,
            rule: None,
            vetoed: false,
        }
    }

    /// Returns the veto of a rule.
    pub const fn veto(rule: RuleId) -> Self {
        Self {
            kept: false,
            threshold: Threshold::NEVER,
            rule: Some(rule),
            vetoed: true,
        }
    }

    /// Returns the verdict on a trace that is kept with this threshold, by this rule.
    pub const fn kept(rule: RuleId, threshold: Threshold) -> Self {
        Self {
            kept: true,
            threshold,
            rule: Some(rule),
            vetoed: false,
        }
    }

    /// Returns the verdict on a trace that this rule would have kept with a higher randomness.
    pub const fn dropped(rule: RuleId, threshold: Threshold) -> Self {
        Self {
            kept: false,
            threshold,
            rule: Some(rule),
            vetoed: false,
        }
    }
}
