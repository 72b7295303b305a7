//! Realistic rules.

use std::time::Duration;

use lamplight_relay::rules::{Condition, Measured, Rule};

/// Returns ten rules, the last of which keeps 5 % of the traces that meet a condition.
pub(crate) fn ten(baseline: Condition) -> Vec<Rule> {
    let attribute = Condition::attribute;
    vec![
        Rule::drop("health", Condition::route().one_of(["/health", "/ready"])),
        Rule::keep("errors", Condition::error()),
        slow(),
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
        Rule::probability("baseline", baseline, 0.05),
    ]
}

/// Returns the rule that keeps traces of at least a second.
pub(crate) fn slow() -> Rule {
    let second = Duration::from_secs(1);
    Rule::keep("slow", Condition::latency(Measured::Entry, second..))
}
