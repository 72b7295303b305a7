//! Rules that are ready to judge.

use super::{compile::Program, evidence::Evidence, state::RuleState, verdict::RuleId};

/// Rules, ready to judge: immutable, so that all shards share one.
#[derive(Debug)]
pub struct Rules {
    pub(super) program: Program,
    /// The number of each rule that drops; these have the first word.
    pub(super) drops: Vec<RuleId>,
    /// Whether something is asked of resources.
    pub(super) asks_resources: bool,
}

impl Rules {
    /// Returns a state without any trace in it.
    pub fn state(&self) -> RuleState {
        RuleState::new(self.program.fields.len(), &self.program.plans)
    }

    /// Returns the state that a [snapshot](RuleState::snapshot) was taken of, without undecided traces. It
    /// may be of other rules: of those that have the name and adapt still, what it knows is taken over.
    /// `None` where it is no snapshot.
    pub fn restore(&self, snapshot: &[u8]) -> Option<RuleState> {
        let mut state = self.state();
        state.read(snapshot, &self.program.plans)?;
        Some(state)
    }

    /// Adds a part of what adaptive rules know in another state: 0.5 of a parent's for each of two shards
    /// that it is split into, 1 of each of two parents that are merged.
    pub fn inherit(&self, state: &mut RuleState, parent: &RuleState, part: f64) {
        let estimates = state.estimates.iter_mut().zip(&parent.estimates);
        for (((_, estimate), (_, from)), plan) in estimates.zip(&self.program.plans) {
            plan.inherit(estimate, from, part);
        }
    }

    /// Moves what `from` holds of a trace to `to`: the trace goes on in another shard.
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

    /// Frees what a state holds of a trace.
    // The evidence says where that is, and is not to be used again.
    #[allow(clippy::needless_pass_by_value)]
    pub fn forget(&self, state: &mut RuleState, evidence: Evidence) {
        state.slots.free(evidence.extra);
    }

    /// Returns the name of a rule; empty where there is none of this number.
    pub fn name(&self, rule: RuleId) -> &str {
        let rule = self.program.rules.get(usize::from(rule.index()));
        rule.map_or("", |rule| &rule.name)
    }

    /// Returns the names of all rules, in the order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.program.rules.iter().map(|rule| &*rule.name)
    }
}
