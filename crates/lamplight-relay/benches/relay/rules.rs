//! The rules of the benchmark `decide`, with other shares of kept traces.

use lamplight_relay::rules::{Condition, Rule, Rules};

#[path = "../decide/rules.rs"]
mod system;

/// Returns ten rules, which keep 9 % of the corpus.
pub(crate) fn ten_rules() -> Rules {
    build(ten())
}

/// Returns the ten rules and one that drops everything, after the ten have been evaluated.
pub(crate) fn none_kept() -> Rules {
    with(Rule::drop("nothing", Condition::always()))
}

/// Returns the ten rules and one that keeps everything except health checks.
pub(crate) fn all_kept() -> Rules {
    with(Rule::keep("everything", Condition::always()))
}

fn ten() -> Vec<Rule> {
    system::ten(Condition::always())
}

fn with(rule: Rule) -> Rules {
    let mut rules = ten();
    rules.push(rule);
    build(rules)
}

fn build(rules: Vec<Rule>) -> Rules {
    Rules::builder().rules(rules).build().unwrap()
}
