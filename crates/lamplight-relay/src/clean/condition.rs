//! Conditions of rules, evaluated for single spans.

use std::sync::{Mutex, PoisonError};

use lamplight_otlp::trace::{Place, Span};

use super::transform::SpanCondition;
use crate::{
    record::StreamTime,
    rules::{Condition, Evidence, Faults, Rule, RuleState, Rules},
};

/// A condition of the rules that is evaluated for each span as if it were a whole trace.
pub(super) struct OneSpan {
    rules: Rules,
    state: Mutex<RuleState>,
}

impl OneSpan {
    pub(super) fn new(condition: Condition) -> Result<Self, Faults> {
        let rules = Rules::builder()
            .rule(Rule::keep("span", condition))
            .build()?;
        let state = Mutex::new(rules.state());
        Ok(Self { rules, state })
    }
}

impl SpanCondition for OneSpan {
    fn holds(&self, place: Place<'_, '_>, span: &Span<'_>) -> bool {
        // After a panic, at most the evidence of one span remains, which does no harm.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut evidence = Evidence::default();
        self.rules.observe(&mut state, &mut evidence, place, span);
        // The only rule keeps every trace that meets the condition.
        let now = StreamTime::default();
        let verdict = self.rules.decide(&mut state, &evidence, &[0; 16], now);
        self.rules.forget(&mut state, evidence);
        verdict.kept
    }
}
