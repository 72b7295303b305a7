//! Conditions of rules, asked of one span.

use std::sync::{Mutex, PoisonError};

use lamplight_otlp::trace::{Place, Span};

use super::transform::SpanCondition;
use crate::{
    record::StreamTime,
    rules::{Condition, Evidence, Faults, Rule, RuleState, Rules},
};

/// A condition of the rules that is asked of each span as if it were a whole trace.
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
        // What a panic left is the evidence of a span that is gone.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut evidence = Evidence::default();
        self.rules.observe(&mut state, &mut evidence, place, span);
        // Its only rule keeps every trace that meets it.
        let now = StreamTime::default();
        let verdict = self.rules.decide(&mut state, &evidence, &[0; 16], now);
        self.rules.forget(&mut state, evidence);
        verdict.kept
    }
}
