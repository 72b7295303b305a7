//! The meaning of conditions.

use std::time::Duration;

use lamplight_relay::{
    record::StreamTime,
    rules::{Condition, Measured, Rule, Rules},
    sampling::Threshold,
};
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};

use super::traces::{With as _, array, attribute, encoded, judge, of_resource, span, verdict};

const ID: [u8; 16] = [7; 16];

/// Returns whether a trace of these spans meets the condition.
fn meets(when: Condition, spans: Vec<Span>) -> bool {
    let rules = Rules::builder()
        .rule(Rule::keep("rule", when))
        .build()
        .unwrap();
    verdict(&rules, spans).kept
}

fn plain() -> Span {
    span(ID, 1, 0)
}

#[test]
fn an_error_of_any_span_is_an_error_of_the_trace() {
    assert!(meets(
        Condition::error(),
        vec![plain(), span(ID, 2, 1).failed()]
    ));
    assert!(!meets(Condition::error(), vec![plain()]));
}

#[test]
fn latency_is_that_of_entries_by_default() {
    let slow = |measured| Condition::latency(measured, Duration::from_millis(100)..);
    let fast_root = || span(ID, 1, 0).took(1000, 5);
    let slow_child = |kind, flags| {
        let mut child = span(ID, 2, 1).took(1000, 200);
        child.kind = kind;
        child.flags = flags;
        vec![fast_root(), child]
    };
    // A server, a consumer, and a span with a remote parent; a client and a span with a local
    // parent are not entries.
    for (kind, flags, expected) in [
        (2, 0, true),
        (5, 0, true),
        (1, 0x301, true),
        (1, 0x101, false),
        (3, 0, false),
    ] {
        assert_eq!(
            meets(slow(Measured::Entry), slow_child(kind, flags)),
            expected
        );
        assert!(!meets(slow(Measured::Root), slow_child(kind, flags)));
        assert!(meets(slow(Measured::Span), slow_child(kind, flags)));
    }
    let exact = Duration::from_millis(5);
    assert!(meets(
        Condition::latency(Measured::Root, exact..=exact),
        vec![fast_root()]
    ));
    assert!(!meets(
        Condition::latency(Measured::Root, ..exact),
        vec![fast_root()]
    ));
    let mut backwards = plain();
    backwards.end_time_unix_nano = 0;
    assert!(meets(
        Condition::latency(Measured::Root, ..exact),
        vec![backwards]
    ));
}

#[test]
fn attributes_are_of_spans_or_resources() {
    let rules = |when| {
        Rules::builder()
            .rule(Rule::keep("rule", when))
            .build()
            .unwrap()
    };
    let blue = || Value::StringValue("blue".to_owned());
    let judged = |when: Condition, on_resource: bool| {
        let (resource, span) = if on_resource {
            (vec![attribute("color", blue())], plain())
        } else {
            (Vec::new(), plain().attribute("color", blue()))
        };
        let request = encoded(vec![of_resource(resource, vec![span])]);
        let (rules, now) = (rules(when), StreamTime::from_millis(1));
        judge(&rules, &mut rules.state(), &[request], ID, now).kept
    };
    let color = || Condition::attribute("color");
    for on_resource in [true, false] {
        assert!(judged(color().is("blue"), on_resource));
        assert_eq!(
            judged(color().on_resource().is("blue"), on_resource),
            on_resource
        );
        assert_eq!(
            judged(color().on_span().exists(), on_resource),
            !on_resource
        );
    }
}

#[test]
fn values_are_compared_in_every_way() {
    let met = |when: Condition| {
        let span = plain()
            .text("route", "/orders/7")
            .attribute("status", Value::IntValue(503))
            .attribute("ratio", Value::DoubleValue(0.25))
            .attribute("retry", Value::BoolValue(true))
            .attribute("tags", array(&["a", "vip"]));
        meets(when, vec![span])
    };
    let of = Condition::attribute;
    for (when, expected) in [
        (of("route").is("/orders/7"), true),
        (of("route").is("/orders"), false),
        (of("route").one_of(["/a", "/orders/7"]), true),
        (of("route").starts_with(["/b", "/orders"]), true),
        (of("route").starts_with(["orders"]), false),
        (of("route").matches("ers/[0-9]$"), true),
        (of("route").matches("^ers"), false),
        (of("status").number(500.0..600.0), true),
        (of("status").number(..=502.9), false),
        (of("status").is(503), true),
        (of("status").is("503"), false),
        (of("ratio").number(0.25..), true),
        (of("ratio").number(0.3..), false),
        (of("retry").is(true), true),
        (of("retry").is(false), false),
        (of("tags").is("vip"), true),
        (of("tags").exists(), true),
        (of("none").exists(), false),
        (Condition::span_name().is("span"), true),
        (Condition::span_name().starts_with(["sp"]), true),
        (Condition::span_name().matches("^a"), false),
        (Condition::always(), true),
    ] {
        assert_eq!(met(when.clone()), expected, "{when:?}");
        assert_eq!(met(Condition::not(when.clone())), !expected, "not {when:?}");
    }
}

#[test]
fn invocations_of_lambda_tell_cold_starts_timeouts_and_triggers() {
    let invocation = || {
        plain()
            .attribute("faas.coldstart", Value::BoolValue(true))
            .text("faas.trigger", "pubsub")
            .text("error.type", "timeout")
            .text("http.route", "/orders")
    };
    for (when, expected) in [
        (Condition::cold_start(), true),
        (Condition::timeout(), true),
        (Condition::trigger("pubsub"), true),
        (Condition::trigger("http"), false),
        (Condition::route().is("/orders"), true),
    ] {
        assert_eq!(
            meets(when.clone(), vec![invocation()]),
            expected,
            "{when:?}"
        );
        assert!(!meets(when, vec![plain()]));
    }
    let mut sampled = plain();
    sampled.flags = 0x101;
    assert!(meets(Condition::sampled(), vec![sampled]));
    assert!(!meets(Condition::sampled(), vec![plain()]));
}

#[test]
fn parts_may_be_met_by_different_spans_unless_one_is_asked_for() {
    let both = || [Condition::error(), Condition::attribute("vip").is(true)];
    let vip = || plain().attribute("vip", Value::BoolValue(true));
    let apart = || vec![vip(), span(ID, 2, 1).failed()];
    assert!(meets(Condition::all(both()), apart()));
    assert!(!meets(Condition::same_span(both()), apart()));
    assert!(meets(
        Condition::same_span(both()),
        vec![plain(), vip().failed()]
    ));
    // `not` then applies to that span: an error of a span that is not `vip`.
    let error_of_others = || {
        Condition::same_span([
            Condition::error(),
            Condition::not(Condition::attribute("vip").is(true)),
        ])
    };
    assert!(meets(error_of_others(), apart()));
    assert!(!meets(error_of_others(), vec![plain(), vip().failed()]));
    // A condition that another span met before still applies.
    let failed_vip = vip().failed();
    assert!(meets(
        Condition::all([Condition::error(), Condition::same_span(both())]),
        vec![plain().failed(), failed_vip]
    ));
}

#[test]
fn a_part_that_any_span_meets_counts_in_any_and_all() {
    let name = |name: &str| Condition::span_name().is(name);
    let two = Condition::all([name("span"), Condition::error()]);
    assert!(!meets(
        Condition::any([two.clone(), name("other")]),
        vec![plain()]
    ));
    assert!(meets(
        Condition::any([two.clone(), name("span")]),
        vec![plain()]
    ));
    assert!(meets(
        Condition::any([two, name("other")]),
        vec![plain().failed()]
    ));
    let nested = Condition::not(Condition::any([name("a"), Condition::not(name("span"))]));
    assert!(meets(nested, vec![plain()]));
}

#[test]
fn one_can_ask_for_oneself() {
    let long_name = Condition::custom(
        |_: lamplight_otlp::trace::Place<'_, '_>, span: &lamplight_otlp::trace::Span<'_>| {
            span.name.len() > 3
        },
    );
    assert!(meets(long_name.clone(), vec![plain()]));
    assert!(!meets(Condition::not(long_name), vec![plain()]));
}

#[test]
fn a_condition_that_panics_is_not_met() {
    let panics = Condition::custom(
        |_: lamplight_otlp::trace::Place<'_, '_>, _: &lamplight_otlp::trace::Span<'_>| -> bool {
            panic!("on purpose")
        },
    );
    assert!(!meets(panics, vec![plain()]));
}

#[test]
fn the_lowest_threshold_decides_and_says_its_rule() {
    let rules = Rules::builder()
        .rule(Rule::probability("baseline", Condition::always(), 0.01))
        .rule(Rule::probability("errors", Condition::error(), 0.5))
        .rule(Rule::probability("also errors", Condition::error(), 0.5))
        .rule(Rule::drop("health", Condition::route().is("/health")))
        .build()
        .unwrap();
    let name = |spans| {
        let verdict = verdict(&rules, spans);
        (verdict.rule.map(|rule| rules.name(rule)), verdict.threshold)
    };
    assert_eq!(
        name(vec![plain()]),
        (Some("baseline"), Threshold::from_probability(0.01))
    );
    let failed = vec![plain(), plain().failed()];
    assert_eq!(
        name(failed),
        (Some("errors"), Threshold::from_probability(0.5))
    );
    let health = vec![plain().failed().text("http.route", "/health")];
    assert_eq!(name(health), (Some("health"), Threshold::NEVER));
    let rules = Rules::builder()
        .rule(Rule::keep("errors", Condition::error()))
        .build()
        .unwrap();
    let unmatched = verdict(&rules, vec![plain()]);
    assert_eq!((unmatched.kept, unmatched.rule), (false, None));
}

#[test]
fn explicit_randomness_of_any_span_is_that_of_the_trace() {
    let rules = Rules::builder()
        .rule(Rule::probability("half", Condition::always(), 0.5))
        .build()
        .unwrap();
    let judged = |spans| verdict(&rules, spans).kept;
    let (low, high) = ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xff; 16]);
    assert!(!judged(vec![span(low, 1, 0)]));
    assert!(judged(vec![
        span(low, 1, 0),
        span(low, 2, 1).state("ot=rv:80000000000000")
    ]));
    assert!(!judged(vec![
        span(high, 1, 0).state("ot=rv:7fffffffffffff"),
        span(high, 2, 1)
    ]));
}
