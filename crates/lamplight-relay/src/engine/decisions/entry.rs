//! A decision in 16 bytes.

use crate::{
    rules::{RuleId, Verdict},
    sampling::Threshold,
};

/// Size of an entry in bytes, in memory and in the log.
pub(super) const SIZE: usize = 16;

const RULE_BITS: u32 = 10;
const THRESHOLD_BITS: u32 = 20;
const RULE_SHIFT: u32 = THRESHOLD_BITS + 2;
const NO_RULE: u32 = (1 << RULE_BITS) - 1;

/// The decision on a trace, and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) struct Entry {
    /// The hash of the trace; or that of the trace and a record, for a late record that is kept on
    /// its own.
    pub(in crate::engine) key: u64,
    outcome: u32,
    /// The tick of the decision.
    pub(in crate::engine) tick: u32,
}

/// The outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Outcome {
    Dropped = 0,
    Kept = 1,
    Vetoed = 2,
}

impl Entry {
    /// Returns the entry of a verdict. [`verdict`](Self::verdict) returns the same verdict, except
    /// for digits of thresholds that do not come from a probability.
    pub(in crate::engine) fn new(key: u64, verdict: &Verdict, tick: u32) -> Self {
        let outcome = match (verdict.vetoed, verdict.kept) {
            (true, _) => Outcome::Vetoed,
            (false, true) => Outcome::Kept,
            (false, false) => Outcome::Dropped,
        };
        let outcome = verdict.threshold.compact() << 2 | outcome as u32;
        Self { key, outcome, tick }.with_rule(verdict.rule)
    }

    /// Returns the same decision with another rule.
    pub(super) fn with_rule(self, rule: Option<RuleId>) -> Self {
        let rule = rule.map_or(NO_RULE, |rule| u32::from(rule.index()));
        let others = self.outcome & ((1 << RULE_SHIFT) - 1);
        Self {
            outcome: rule.min(NO_RULE) << RULE_SHIFT | others,
            ..self
        }
    }

    /// Returns the decisive rule.
    pub(super) fn rule(self) -> Option<RuleId> {
        let rule = self.outcome >> RULE_SHIFT;
        let rule = u16::try_from(rule).ok().filter(|_| rule != NO_RULE);
        rule.map(RuleId::new)
    }

    pub(in crate::engine) fn outcome(&self) -> Outcome {
        match self.outcome & 3 {
            1 => Outcome::Kept,
            2 => Outcome::Vetoed,
            _ => Outcome::Dropped,
        }
    }

    pub(in crate::engine) fn verdict(&self) -> Verdict {
        let threshold = self.outcome >> 2 & ((1 << THRESHOLD_BITS) - 1);
        Verdict {
            kept: self.outcome() == Outcome::Kept,
            threshold: Threshold::from_compact(threshold),
            rule: self.rule(),
            vetoed: self.outcome() == Outcome::Vetoed,
        }
    }

    pub(super) fn to_bytes(self) -> [u8; SIZE] {
        let entry =
            u128::from(self.key) << 64 | u128::from(self.outcome) << 32 | u128::from(self.tick);
        entry.to_be_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; SIZE]) -> Self {
        let entry = u128::from_be_bytes(bytes);
        Self {
            key: (entry >> 64) as u64,
            outcome: (entry >> 32) as u32,
            tick: entry as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_remembered_in_16_bytes() {
        assert_eq!(size_of::<Entry>(), SIZE);
        for rule in [None, Some(RuleId::new(0)), Some(RuleId::new(1022))] {
            for (kept, vetoed) in [(true, false), (false, true), (false, false)] {
                for threshold in [Threshold::ALWAYS, Threshold::from_compact(0x0_e666)] {
                    let verdict = Verdict {
                        kept,
                        threshold,
                        rule,
                        vetoed,
                    };
                    let entry = Entry::new(17, &verdict, 1_700_000_000);
                    assert_eq!(entry.verdict(), verdict);
                    assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
                }
            }
        }
    }
}
