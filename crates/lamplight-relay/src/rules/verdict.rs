//! Verdicts.

use crate::sampling::Threshold;

/// The number of a rule: its index in its [`Rules`](super::Rules), below 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(u16);

impl RuleId {
    /// Returns the number of the rule with this index.
    pub const fn new(index: u16) -> Self {
        Self(index)
    }

    /// Returns the index of the rule.
    pub const fn index(self) -> u16 {
        self.0
    }
}

/// The decision on a trace, with its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Verdict {
    /// True if the trace is kept, which is the case if its randomness is not below the threshold.
    pub kept: bool,
    /// The lowest threshold of the matching rules; [`Threshold::NEVER`] if no rule matches or a
    /// rule has a veto.
    pub threshold: Threshold,
    /// The rule with that threshold, or with the veto; the first one of several. `None` if no rule
    /// matches.
    pub rule: Option<RuleId>,
    /// True if a rule that drops matches.
    pub vetoed: bool,
}

impl Verdict {
    /// Returns the verdict on a trace that matches no rule.
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

    /// Returns the verdict on a trace that this rule keeps with this threshold.
    pub const fn kept(rule: RuleId, threshold: Threshold) -> Self {
        Self {
            kept: true,
            threshold,
            rule: Some(rule),
            vetoed: false,
        }
    }

    /// Returns the verdict on a trace that this rule drops because of its randomness.
    pub const fn dropped(rule: RuleId, threshold: Threshold) -> Self {
        Self {
            kept: false,
            threshold,
            rule: Some(rule),
            vetoed: false,
        }
    }
}
