//! The same spans get the same verdict: in another order, in another shard, after a restart.

use lamplight_relay::{
    record::StreamTime,
    rules::{Adaptive, Condition, Evidence, KeyField, Rule, Rules, Verdict},
};
use proptest::prelude::*;

use super::{
    population::{Trace, rules},
    random::Random,
    traces::{encoded, judge, observe},
};

fn at(number: u64) -> StreamTime {
    StreamTime::from_millis(1_700_000_000_000 + number * 500)
}

fn requests(trace: &Trace, random: &mut Random) -> Vec<Vec<u8>> {
    trace.requests(random).into_iter().map(encoded).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_spans_does_not_change_the_verdict(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let rules = rules(&mut random);
        let (mut one, mut other) = (rules.state(), rules.state());
        for number in 0..60 {
            let trace = Trace::random(&mut random);
            let mut verdict = |state| {
                judge(&rules, state, &requests(&trace, &mut random), trace.id, at(number))
            };
            prop_assert_eq!(verdict(&mut one), verdict(&mut other));
        }
        prop_assert_eq!(one.snapshot(), other.snapshot());
    }

    #[test]
    fn a_state_goes_on_from_its_snapshot_as_if_nothing_had_happened(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let rules = rules(&mut random);
        let mut state = rules.state();
        let mut restored = rules.state();
        for number in 0..120 {
            let trace = Trace::random(&mut random);
            if random.chance(0.1) {
                restored = rules.restore(&state.snapshot()).unwrap();
            }
            let mut verdict = |state| {
                judge(&rules, state, &requests(&trace, &mut random), trace.id, at(number))
            };
            prop_assert_eq!(verdict(&mut state), verdict(&mut restored));
        }
        prop_assert_eq!(state.snapshot(), restored.snapshot());
    }

    #[test]
    fn a_trace_that_goes_on_in_another_shard_is_judged_by_all_its_spans(seed in any::<u64>()) {
        let mut random = Random::new(seed);
        let rules = rules(&mut random);
        let (mut parent, mut child) = (rules.state(), rules.state());
        let mut expected = rules.state();
        // The parent contains others as well.
        let mut others: Vec<Evidence> = Vec::new();
        for number in 0..40 {
            let trace = Trace::random(&mut random);
            let requests = requests(&trace, &mut random);
            let mut evidence = Evidence::default();
            let (before, after) = requests.split_at(requests.len() / 2);
            for request in before {
                observe(&rules, &mut parent, &mut evidence, request);
            }
            let mut other = Evidence::default();
            observe(&rules, &mut parent, &mut other, &requests[0]);
            others.push(other);
            rules.transfer(&mut parent, &mut child, &mut evidence);
            for request in after {
                observe(&rules, &mut child, &mut evidence, request);
            }
            let found = rules.decide(&mut child, &evidence, &trace.id, at(number));
            rules.forget(&mut child, evidence);
            prop_assert_eq!(found, judge(&rules, &mut expected, &requests, trace.id, at(number)));
            if random.chance(0.5) {
                let other = others.swap_remove(random.below(others.len() as u64) as usize);
                rules.forget(&mut parent, other);
            }
        }
    }

    #[test]
    fn any_bytes_are_no_snapshot_or_one(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..400_usize) {
        let rules = throughput();
        let _ = rules.restore(&bytes);
        let mut state = rules.state();
        let mut random = Random::new(1);
        for number in 0..20 {
            let trace = Trace::random(&mut random);
            judge(&rules, &mut state, &requests(&trace, &mut random), trace.id, at(number));
        }
        let snapshot = state.snapshot();
        let cut = cut.min(snapshot.len());
        let _ = rules.restore(&snapshot[..cut]);
    }
}

fn throughput() -> Rules {
    let adaptive = Adaptive::throughput(1.0).key([KeyField::attribute("color")]);
    Rules::builder()
        .rule(Rule::adaptive("rate", Condition::always(), adaptive))
        .build()
        .unwrap()
}

#[test]
fn evidence_is_16_bytes() {
    assert_eq!(size_of::<Evidence>(), 16);
}

#[test]
fn what_is_forgotten_takes_no_room() {
    let rules = throughput();
    let mut state = rules.state();
    let mut random = Random::new(2);
    let mut sizes = Vec::new();
    for number in 0..1000 {
        let trace = Trace::random(&mut random);
        judge(
            &rules,
            &mut state,
            &requests(&trace, &mut random),
            trace.id,
            at(number),
        );
        sizes.push(state.bytes());
    }
    assert!(sizes[999] <= sizes[100] + 200, "{sizes:?}");
}

#[test]
fn a_snapshot_of_other_rules_gives_what_is_common() {
    let mut random = Random::new(3);
    let rules = throughput();
    let mut state = rules.state();
    for number in 0..100 {
        let trace = Trace::random(&mut random);
        judge(
            &rules,
            &mut state,
            &requests(&trace, &mut random),
            trace.id,
            at(number),
        );
    }
    let snapshot = state.snapshot();
    let goal = || Adaptive::throughput(1.0).key([KeyField::attribute("color")]);
    let more = Rules::builder()
        .rule(Rule::adaptive("another", Condition::always(), goal()))
        .rule(Rule::adaptive("rate", Condition::always(), goal()))
        .build()
        .unwrap();
    let both = more.restore(&snapshot).unwrap().snapshot();
    assert!(both.len() > snapshot.len());
    assert!(both.ends_with(&snapshot[1..]));
    let without = Rules::builder()
        .rule(Rule::keep("rate", Condition::error()))
        .build()
        .unwrap();
    assert_eq!(without.restore(&snapshot).unwrap().snapshot().len(), 1);
}

#[test]
fn verdicts_that_are_remembered_are_those_that_were_given() {
    let rules = Rules::builder()
        .rule(Rule::probability("half", Condition::always(), 0.5))
        .rule(Rule::drop("errors", Condition::error()))
        .build()
        .unwrap();
    let mut random = Random::new(4);
    for number in 0..100 {
        let trace = Trace::random(&mut random);
        let requests = requests(&trace, &mut random);
        let given = judge(&rules, &mut rules.state(), &requests, trace.id, at(number));
        let rule = given.rule.unwrap();
        let again = match (given.vetoed, given.kept) {
            (true, _) => Verdict::veto(rule),
            (false, true) => Verdict::kept(rule, given.threshold),
            (false, false) => Verdict::dropped(rule, given.threshold),
        };
        assert_eq!(again, given);
    }
}

#[test]
fn looking_at_a_span_and_judging_allocate_nothing() {
    let route = || Condition::route().matches("^/ord");
    let rules = Rules::builder()
        .rule(Rule::keep("errors", Condition::error()))
        .rule(Rule::probability(
            "route",
            Condition::same_span([route(), Condition::error()]),
            0.5,
        ))
        .rule(Rule::probability(
            "color",
            Condition::attribute("color").is("red"),
            0.1,
        ))
        .rule(Rule::adaptive(
            "rate",
            route(),
            Adaptive::throughput(1.0).key([KeyField::attribute("service.name")]),
        ))
        .build()
        .unwrap();
    let mut random = Random::new(6);
    let traces: Vec<_> = (0..50).map(|_| Trace::random(&mut random)).collect();
    let traces: Vec<_> = traces
        .iter()
        .map(|trace| (trace.id, requests(trace, &mut random)))
        .collect();
    let mut state = rules.state();
    let mut judge_all = || {
        for (id, requests) in &traces {
            judge(&rules, &mut state, requests, *id, at(1));
        }
    };
    judge_all();
    let allocations = allocation_counter::measure(judge_all);
    assert_eq!(allocations.count_total, 0);
}
