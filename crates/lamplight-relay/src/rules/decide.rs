//! Verdicts on traces.

use super::{
    compile::Effect,
    evidence::Evidence,
    hash::Hash,
    node::Facts,
    program::Rules,
    slots,
    state::RuleState,
    verdict::{RuleId, Verdict},
};
use crate::{
    record::StreamTime,
    sampling::{Randomness, Threshold},
};

impl Rules {
    /// Returns the verdict on a trace, based on all its observed spans. `now` is the stream time at
    /// which adaptive rules count the trace.
    pub fn decide(
        &self,
        state: &mut RuleState,
        evidence: &Evidence,
        trace_id: &[u8; 16],
        now: StreamTime,
    ) -> Verdict {
        let (facts, randomness) = seen(state, evidence, trace_id);
        self.judge(&facts, randomness, |plan| {
            self.adapt(plan, state, evidence, now)
        })
    }

    /// Returns the verdict on spans that arrived late for a dropped trace, based on these spans
    /// alone. Adaptive rules are skipped: they counted the trace when it was decided, and would
    /// give it a second chance.
    pub fn decide_late(
        &self,
        state: &RuleState,
        evidence: &Evidence,
        trace_id: &[u8; 16],
    ) -> Verdict {
        let (facts, randomness) = seen(state, evidence, trace_id);
        self.judge(&facts, randomness, |_| Threshold::NEVER)
    }

    /// Returns the verdict on known facts, with the thresholds of all matching adaptive rules.
    fn judge(
        &self,
        facts: &Facts,
        randomness: Randomness,
        mut adapt: impl FnMut(usize) -> Threshold,
    ) -> Verdict {
        let rules = &self.program.rules;
        for id in &self.drops {
            let rule = rules.get(usize::from(id.index()));
            if rule.is_some_and(|rule| rule.when.holds(facts)) {
                return Verdict::veto(*id);
            }
        }
        let mut best: Option<(Threshold, RuleId)> = None;
        for (index, rule) in (0..).zip(rules) {
            if !rule.when.holds(facts) {
                continue;
            }
            let threshold = match rule.effect {
                Effect::Keep(threshold) => threshold,
                Effect::Adapt(plan) => adapt(plan),
                Effect::Drop => continue,
            };
            if best.is_none_or(|(lowest, _)| threshold < lowest) {
                best = Some((threshold, RuleId::new(index)));
            }
        }
        match best {
            None => Verdict::unmatched(),
            Some((threshold, rule)) if threshold.keeps(randomness) => {
                Verdict::kept(rule, threshold)
            }
            Some((threshold, rule)) => Verdict::dropped(rule, threshold),
        }
    }

    /// Counts a trace for an adaptive rule, and returns its threshold.
    fn adapt(
        &self,
        plan: usize,
        state: &mut RuleState,
        evidence: &Evidence,
        now: StreamTime,
    ) -> Threshold {
        let row = state.row(evidence);
        let Some(what) = self.program.plans.get(plan) else {
            return Threshold::NEVER;
        };
        let key = what.fields.iter().fold(Hash::new(), |hash, field| {
            // The rank of the span that the value came from is not part of the key.
            hash.number(slots::key(row, usize::from(*field)) << 2)
        });
        let head = slots::head(row).and_then(Threshold::from_number);
        let count = head.map_or(1.0, Threshold::adjusted_count);
        let Some((_, estimate)) = state.estimates.get_mut(plan) else {
            return Threshold::NEVER;
        };
        what.threshold(estimate, key.finish(), count, now)
    }
}

/// Returns the facts to evaluate conditions on, and the randomness of the trace.
fn seen(state: &RuleState, evidence: &Evidence, trace_id: &[u8; 16]) -> (Facts, Randomness) {
    let row = state.row(evidence);
    let facts = Facts {
        conditions: evidence.conditions,
        spans: evidence.spans,
        extent: slots::extent(row),
    };
    let randomness = slots::randomness(row)
        .map_or_else(|| Randomness::of_trace_id(trace_id), Randomness::from_bits);
    (facts, randomness)
}
