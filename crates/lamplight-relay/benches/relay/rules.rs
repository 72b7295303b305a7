//! Rules as a system has them.

use std::time::Duration;

use lamplight_relay::rules::{Condition, Measured, Rule, Rules};

/// Returns ten rules, which keep 9 % of the corpus.
pub(crate) fn ten_rules() -> Rules {
    build(ten())
}

/// Returns the ten rules and one by which everything is dropped, after the ten have been asked.
pub(crate) fn none_kept() -> Rules {
    with(Rule::drop("nothing", Condition::always()))
}

/// Returns the ten rules and one by which everything is kept, but for health checks.
pub(crate) fn all_kept() -> Rules {
    with(Rule::keep("everything", Condition::always()))
}

fn with(rule: Rule) -> Rules {
    let mut rules = ten();
    rules.push(rule);
    build(rules)
}

fn build(rules: Vec<Rule>) -> Rules {
    Rules::builder().rules(rules).build().unwrap()
}

fn ten() -> Vec<Rule> {
    let attribute = Condition::attribute;
    let second = Duration::from_secs(1);
    vec![
        Rule::drop("health", Condition::route().one_of(["/health", "/ready"])),
        Rule::keep("errors", Condition::error()),
        Rule::keep("slow", Condition::latency(Measured::Entry, second..)),
        Rule::keep(
            "server errors",
            attribute("http.response.status_code").number(500.0..600.0),
        ),
        Rule::keep("cold starts", Condition::cold_start()),
        Rule::keep("timeouts", Condition::timeout()),
        Rule::probability(
            "orders",
            Condition::same_span([
                Condition::route().starts_with(["/orders"]),
                attribute("http.request.method").is("POST"),
            ]),
            0.5,
        ),
        Rule::keep("forced", attribute("app.force_sample").is(true)),
        Rule::probability(
            "stage",
            attribute("deployment.environment.name").is("stage"),
            0.01,
        ),
        Rule::probability("baseline", Condition::always(), 0.05),
    ]
}
