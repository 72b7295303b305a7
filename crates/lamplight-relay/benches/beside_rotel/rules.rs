//! Rules that keep everything.

use std::time::Duration;

use lamplight_relay::rules::{Condition, Measured, Rule, Rules};

/// Returns rules as a system has them, and one by which everything is kept.
pub(crate) fn all_kept() -> Rules {
    let second = Duration::from_secs(1);
    let rules = [
        Rule::keep("errors", Condition::error()),
        Rule::keep("slow", Condition::latency(Measured::Entry, second..)),
        Rule::keep("cold starts", Condition::cold_start()),
        Rule::keep("everything", Condition::always()),
    ];
    Rules::builder().rules(rules.to_vec()).build().unwrap()
}
