//! Bug reports about other products, at the level of rules.

use std::{slice::from_ref, time::Duration};

use lamplight_relay::{
    record::StreamTime,
    rules::{Condition, Evidence, Measured, Rule, Rules},
    sampling::{Heads, Rewritten, Threshold, rewrite},
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;

use super::traces::{With as _, attribute, encoded, judge, observe, of_resource, span, verdict};

/// A trace id with the maximum randomness, and one with the minimum.
const HIGH: [u8; 16] = [0xff; 16];
const LOW: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0];

/// Collector-contrib 14760: a later span changed an earlier decision. Here a veto applies to all
/// known spans of the trace, in any order.
#[test]
fn a_later_span_does_not_undo_a_veto() {
    let rules = Rules::builder()
        .rule(Rule::drop(
            "alive",
            Condition::attribute("http.target").matches("alive$"),
        ))
        .rule(Rule::keep(
            "foobar",
            Condition::attribute("service.namespace").matches("^foobar$"),
        ))
        .build()
        .unwrap();
    let foobar = || {
        let name = Value::StringValue("foobar".to_owned());
        vec![attribute("service.namespace", name)]
    };
    let alive = span(HIGH, 1, 0).text("http.target", "/service/alive");
    let other = span(HIGH, 2, 1).text("http.target", "/orders");
    let first = encoded(vec![of_resource(foobar(), vec![alive])]);
    let second = encoded(vec![of_resource(foobar(), vec![other])]);
    let mut state = rules.state();
    let now = StreamTime::from_millis(1);
    let mut judged = |requests: &[Vec<u8>]| judge(&rules, &mut state, requests, HIGH, now);
    assert!(judged(from_ref(&first)).vetoed);
    assert!(judged(&[first.clone(), second.clone()]).vetoed);
    assert!(judged(&[second.clone(), first]).vetoed);
    // On its own it would be kept: the remembered verdict must not be re-evaluated.
    assert!(judged(&[second]).kept);
}

/// Collector-contrib 50623, refinery 1271: a late span of a trace that was kept at 10 % was
/// delivered without a threshold. The verdict contains it, also in the 20 bits of a cache.
#[test]
fn every_span_of_a_trace_that_was_kept_with_10_percent_says_so() {
    let rules = Rules::builder()
        .rule(Rule::probability("tenth", Condition::always(), 0.1))
        .build()
        .unwrap();
    let decided = verdict(&rules, vec![span(HIGH, 1, 0)]);
    assert!(decided.kept);
    let cached = decided.threshold.compact();
    let late = Threshold::from_compact(cached);
    for (before, after) in [("", "ot=th:e666"), ("ot=th:8,x=y", "ot=th:e666,x=y")] {
        for threshold in [decided.threshold, late] {
            let mut out = Vec::new();
            let written = rewrite(
                before.as_bytes(),
                &HIGH,
                Some(threshold),
                Heads::Unsampled,
                &mut out,
            );
            assert_eq!(written, Rewritten::Written);
            assert_eq!(out, after.as_bytes());
        }
    }
    let dropped = verdict(&rules, vec![span(LOW, 1, 0)]);
    assert!(!dropped.kept && !dropped.vetoed);
    assert_eq!(dropped.threshold, decided.threshold);
}

/// Collector-contrib 24912: a trace counted as slow because of work after the response.
#[test]
fn work_after_the_answer_does_not_make_the_answer_slow() {
    let spans = || {
        let root = span(LOW, 1, 0).took(1_000_000, 5);
        let mut producer = span(LOW, 2, 1).took(1_000_001, 500);
        producer.kind = 4;
        vec![root, producer]
    };
    let slow = |measured| {
        let when = Condition::latency(measured, Duration::from_millis(10)..);
        let rules = Rules::builder()
            .rule(Rule::keep("slow", when))
            .build()
            .unwrap();
        verdict(&rules, spans()).kept
    };
    assert!(!slow(Measured::Entry));
    assert!(!slow(Measured::Root));
    assert!(slow(Measured::Trace));
    assert!(slow(Measured::Span));
}

/// Collector-contrib 13865: spans were counted per batch.
#[test]
fn spans_are_counted_over_all_records() {
    let rules = Rules::builder()
        .rule(Rule::keep("two", Condition::span_count(2..)))
        .build()
        .unwrap();
    let request = |id| encoded(vec![of_resource(Vec::new(), vec![span(LOW, id, 0)])]);
    let (mut state, mut evidence) = (rules.state(), Evidence::default());
    let now = StreamTime::from_millis(1);
    observe(&rules, &mut state, &mut evidence, &request(1));
    assert!(!rules.decide(&mut state, &evidence, &LOW, now).kept);
    observe(&rules, &mut state, &mut evidence, &request(2));
    assert!(rules.decide(&mut state, &evidence, &LOW, now).kept);
}

/// Collector-contrib 47476: an upper bound was applied before the trace was complete.
#[test]
fn an_upper_bound_is_about_the_complete_trace() {
    let second = Duration::from_secs(1);
    let when = Condition::latency(Measured::Trace, Duration::from_millis(10)..=second);
    let rules = Rules::builder()
        .rule(Rule::keep("medium", when))
        .build()
        .unwrap();
    let first = span(LOW, 1, 0).took(1_000_000, 100);
    let second = span(LOW, 2, 1).took(1_000_000, 5000);
    assert!(verdict(&rules, vec![first.clone()]).kept);
    assert!(!verdict(&rules, vec![first.clone(), second.clone()]).kept);
    assert!(!verdict(&rules, vec![second, first]).kept);
}
