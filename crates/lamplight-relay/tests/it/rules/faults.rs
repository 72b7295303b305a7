//! All faults of rules are reported at once.

use std::time::Duration;

use lamplight_relay::rules::{Adaptive, Condition, KeyField, Measured, Rule, Rules};

fn problems(rules: impl IntoIterator<Item = Rule>) -> String {
    let built = Rules::builder().rules(rules).build();
    built.map(drop).unwrap_err().to_string()
}

fn problem(when: Condition) -> String {
    problems([Rule::keep("rule", when)])
}

#[test]
fn all_faults_are_said_at_once_each_with_its_rule() {
    let attribute = || Condition::attribute("key");
    let said = problems([
        Rule::keep("first", attribute().matches("(")),
        Rule::probability("second", Condition::always(), 1.5),
        Rule::keep("", Condition::error()),
        Rule::keep("first", Condition::all([])),
    ]);
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("rule "))
        .collect();
    assert!(
        lines[0].starts_with("rule `first`: attribute `key`: the regular expression `(`"),
        "{said}"
    );
    assert_eq!(
        lines[1..],
        [
            "rule `second`: the probability is 1.5; it must be above 0 and at most 1",
            "rule 3: it has no name",
            "rule `first`: a list of conditions is empty",
            "rule `first`: another rule has the same name",
        ]
    );
}

#[test]
fn conditions_that_cannot_be_meant_are_refused() {
    let key = || Condition::attribute("key");
    let second = Duration::from_secs(1);
    for (when, expected) in [
        (
            key().one_of(Vec::<String>::new()),
            "nothing to compare with",
        ),
        (
            key().starts_with([""]),
            "an empty prefix matches everything",
        ),
        (key().number(2.0..=1.0), "no number from 2 to 1"),
        (key().number(f64::NAN..), "NaN is not a bound"),
        (key().is(f64::NAN), "nothing equals NaN"),
        (Condition::attribute("").exists(), "without a name"),
        (
            Condition::latency(Measured::Entry, second..second),
            "is empty",
        ),
        (
            Condition::latency(Measured::Trace, ..Duration::ZERO),
            "is empty",
        ),
        (Condition::span_count(3..3), "is empty"),
        (
            Condition::same_span([Condition::span_count(1..)]),
            "on the whole trace",
        ),
        (
            Condition::same_span([Condition::latency(Measured::Trace, second..)]),
            "on the whole trace",
        ),
        (
            Condition::same_span([Condition::same_span([Condition::error()])]),
            "or another `same_span`",
        ),
        (key().matches(r"\w{5000}"), "takes more than"),
    ] {
        let said = problem(when);
        assert!(said.contains(expected), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let mut deep = Condition::error();
    for _ in 0..40 {
        deep = Condition::not(deep);
    }
    assert!(problem(deep).contains("nested deeper than 32"));
}

#[test]
fn adaptive_rules_have_goals_that_can_be_met() {
    let adaptive = |adaptive| problems([Rule::adaptive("rule", Condition::always(), adaptive)]);
    let tenth = || Adaptive::percentage(0.1);
    for (said, expected) in [
        (
            adaptive(Adaptive::percentage(0.0)),
            "the percentage's fraction is 0",
        ),
        (adaptive(Adaptive::throughput(-1.0)), "the throughput is -1"),
        (
            adaptive(Adaptive::throughput(f64::INFINITY)),
            "the throughput is inf",
        ),
        (adaptive(tenth().weight(0.0)), "the weight is 0"),
        (adaptive(tenth().max_keys(0)), "max_keys is 0"),
        (
            adaptive(tenth().adjustment_interval(Duration::from_millis(10))),
            "at least a second",
        ),
        (
            adaptive(tenth().key([KeyField::attribute("")])),
            "without a name",
        ),
        (
            adaptive(tenth().key((0..33).map(|n| KeyField::attribute(n.to_string())))),
            "more than 32 fields",
        ),
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn there_are_64_conditions_and_a_thousand_rules_at_most() {
    let rule = |number: usize, key: usize| {
        let when = Condition::attribute(format!("key{key}")).exists();
        Rule::keep(number.to_string(), when)
    };
    let most = Rules::builder().rules((0..1000).map(|number| rule(number, number % 64)));
    assert_eq!(most.build().unwrap().names().count(), 1000);
    let said = problems((0..65).map(|number| rule(number, number)));
    assert!(
        said.starts_with("rule `64`: all rules together have more than 64"),
        "{said}"
    );
    assert!(
        problems((0..1001).map(|number| rule(number, 0))).contains("1001 rules, but at most 1000")
    );
}
