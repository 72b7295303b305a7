//! Compiled rules.

use super::{compile::Program, evidence::Evidence, state::RuleState, verdict::RuleId};

/// Compiled rules: immutable, so that all shards share them.
#[derive(Debug)]
pub struct Rules {
    pub(super) program: Program,
    /// The number of each rule that drops; these are evaluated first.
    pub(super) drops: Vec<RuleId>,
    /// True if rules use resources.
    pub(super) asks_resources: bool,
}

impl Rules {
    /// Returns an empty state.
    pub fn state(&self) -> RuleState {
        RuleState::new(self.program.fields.len(), &self.program.plans)
    }

    /// Returns the state of a [snapshot](RuleState::snapshot), without undecided traces. The
    /// snapshot may be from other rules: the state of adaptive rules that still exist by name is
    /// restored. Returns `None` if the snapshot is invalid.
    pub fn restore(&self, snapshot: &[u8]) -> Option<RuleState> {
        let mut state = self.state();
        state.read(snapshot, &self.program.plans)?;
        Some(state)
    }

    /// Adds a share of another state's adaptive rules: 0.5 of the parent's for each half of a split
    /// shard, 1 for each parent of a merge.
    pub fn inherit(&self, state: &mut RuleState, parent: &RuleState, part: f64) {
        let estimates = state.estimates.iter_mut().zip(&parent.estimates);
        for (((_, estimate), (_, from)), plan) in estimates.zip(&self.program.plans) {
            plan.inherit(estimate, from, part);
        }
    }

    /// Moves the data of a trace from one state to another, for a trace that continues in another
    /// shard.
    pub fn transfer(&self, from: &mut RuleState, to: &mut RuleState, evidence: &mut Evidence) {
        let Some(row) = from.slots.row(evidence.extra) else {
            return;
        };
        let new = to.slots.allocate();
        if let Some(to) = to.slots.row_mut(new) {
            to.0.copy_from_slice(row);
        }
        from.slots.free(evidence.extra);
        evidence.extra = new;
    }

    /// Frees the data of a trace.
    // The evidence refers to that data and must not be used again.
    #[allow(clippy::needless_pass_by_value)]
    pub fn forget(&self, state: &mut RuleState, evidence: Evidence) {
        state.slots.free(evidence.extra);
    }

    /// Returns the name of a rule; empty for an unknown number.
    pub fn name(&self, rule: RuleId) -> &str {
        let rule = self.program.rules.get(usize::from(rule.index()));
        rule.map_or("", |rule| &rule.name)
    }

    /// Returns the names of all rules, in the order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.program.rules.iter().map(|rule| &*rule.name)
    }
}
