//! Adaptive rules meet their goals.

use std::{collections::BTreeMap, time::Duration};

use lamplight_relay::{
    record::StreamTime,
    rules::{Adaptive, Condition, Evidence, KeyField, Rule, RuleState, Rules},
    sampling::Threshold,
};
use opentelemetry_proto::tonic::trace::v1::Span;

use super::{
    random::Random,
    traces::{With as _, encoded, judge, observe, of_resource, span},
};

const SECOND: u64 = 1000;
const START: u64 = 1_700_000_010 * SECOND;

fn rules(adaptive: Adaptive) -> Rules {
    let adaptive = adaptive.key([KeyField::attribute("route")]);
    Rules::builder()
        .rule(Rule::adaptive("rule", Condition::always(), adaptive))
        .build()
        .unwrap()
}

/// Traffic: routes with a number of traces per second each.
struct Traffic<'a> {
    rules: &'a Rules,
    state: RuleState,
    random: Random,
    now: u64,
}

impl<'a> Traffic<'a> {
    fn new(rules: &'a Rules) -> Self {
        let (state, random) = (rules.state(), Random::new(5));
        Self {
            rules,
            state,
            random,
            now: START,
        }
    }

    fn judge(
        &mut self,
        spans: impl FnOnce([u8; 16]) -> Vec<Span>,
    ) -> lamplight_relay::rules::Verdict {
        let id = self.random.trace_id();
        let request = encoded(vec![of_resource(Vec::new(), spans(id))]);
        let now = StreamTime::from_millis(self.now);
        judge(self.rules, &mut self.state, &[request], id, now)
    }

    /// Returns the number of kept traces per route in a number of seconds.
    fn run<'r>(&mut self, seconds: u64, routes: &[(&'r str, u64)]) -> BTreeMap<&'r str, u64> {
        let mut kept = BTreeMap::new();
        for _ in 0..seconds {
            for (route, count) in routes {
                for _ in 0..*count {
                    let verdict = self.judge(|id| vec![span(id, 1, 0).text("route", route)]);
                    *kept.entry(*route).or_default() += u64::from(verdict.kept);
                }
            }
            self.now += SECOND;
        }
        kept
    }
}

/// Tolerated deviation by chance: 6 standard deviations.
fn is_near(found: u64, expected: f64) -> bool {
    (found as f64 - expected).abs() < 6.0 * expected.sqrt() + 6.0
}

#[test]
fn a_percentage_is_met_and_what_is_rare_is_seen() {
    let rules = rules(Adaptive::percentage(0.1));
    let mut traffic = Traffic::new(&rules);
    let routes = [("frequent", 400), ("medium", 40), ("rare", 1)];
    traffic.run(45, &routes);
    let kept = traffic.run(60, &routes);
    let all: u64 = kept.values().sum();
    assert!(is_near(all, 60.0 * 44.1), "{kept:?}");
    assert_eq!(kept["rare"], 60, "{kept:?}");
    assert!(
        kept["medium"] > 60 * 40 / 8 && kept["frequent"] < 60 * 400 / 10,
        "{kept:?}"
    );
}

#[test]
fn a_throughput_is_met_whatever_comes() {
    let rules = rules(Adaptive::throughput(20.0));
    let mut traffic = Traffic::new(&rules);
    for scale in [1, 4, 1] {
        let routes = [
            ("frequent", 100 * scale),
            ("medium", 20 * scale),
            ("rare", 2 * scale),
        ];
        traffic.run(90, &routes);
        let kept = traffic.run(60, &routes);
        let all: u64 = kept.values().sum();
        assert!(is_near(all, 60.0 * 20.0), "{kept:?}");
        // All of the rare ones, if there are that few.
        assert!(kept["rare"] >= 60 * 2, "{kept:?}");
    }
    // If there are fewer than the goal, all are kept.
    traffic.run(150, &[("few", 5)]);
    assert_eq!(traffic.run(30, &[("few", 5)])["few"], 150);
}

#[test]
fn a_burst_within_an_interval_is_cut() {
    let rules = rules(Adaptive::throughput(10.0));
    let mut traffic = Traffic::new(&rules);
    traffic.run(60, &[("route", 10)]);
    // A hundred times as many: at most the share of an interval and its part of the logarithm.
    let kept = traffic.run(15, &[("route", 1000)])["route"];
    assert!(kept < 150 * 7, "{kept}");
    // From the first interval on it is as expected.
    traffic.run(45, &[("route", 1000)]);
    assert!(is_near(traffic.run(60, &[("route", 1000)])["route"], 600.0));
}

#[test]
fn keys_are_bounded_and_forgotten() {
    let rules = rules(Adaptive::percentage(0.01).max_keys(50));
    let mut traffic = Traffic::new(&rules);
    for number in 0..2000 {
        traffic.judge(|id| vec![span(id, 1, 0).text("route", &number.to_string())]);
    }
    let most = 1 + 24 + 51 * 32;
    assert!(traffic.state.snapshot().len() <= most);
    traffic.now += 1000 * SECOND;
    traffic.run(1, &[("route", 1)]);
    assert_eq!(traffic.state.snapshot().len(), 1 + 24 + 32);
}

#[test]
fn the_key_of_a_trace_is_that_of_its_root() {
    let rules = rules(Adaptive::percentage(0.5));
    let mut traffic = Traffic::new(&rules);
    for number in 0..20 {
        traffic.judge(|id| {
            let child = span(id, 2, 1).text("route", &number.to_string());
            vec![child, span(id, 1, 0).text("route", "/orders")]
        });
    }
    assert_eq!(traffic.state.snapshot().len(), 1 + 24 + 32);
}

#[test]
fn traces_count_for_what_they_stand_for() {
    let rules = rules(Adaptive::throughput(1.0));
    let mut traffic = Traffic::new(&rules);
    let sampled = |id: [u8; 16]| vec![span(id, 1, 0).text("route", "a").state("ot=th:e")];
    // 10 per second arrive of an original 80.
    let mut last = None;
    for _ in 0..90 {
        for _ in 0..10 {
            last = Some(traffic.judge(sampled).threshold);
        }
        traffic.now += SECOND;
    }
    let fraction = last.unwrap().probability();
    assert!((fraction * 80.0 - 1.0).abs() < 0.01, "{fraction}");
}

#[test]
fn a_shard_that_is_split_hands_on_what_it_knows() {
    let rules = rules(Adaptive::throughput(10.0));
    let mut traffic = Traffic::new(&rules);
    // A second into an interval: the shares are still those of the parent.
    traffic.run(91, &[("a", 100), ("b", 10)]);
    let mut child = rules.state();
    rules.inherit(&mut child, &traffic.state, 0.5);
    let mut other = rules.state();
    rules.inherit(&mut other, &traffic.state, 0.5);
    rules.inherit(&mut other, &child, 1.0);
    // Two halves make a whole.
    assert_eq!(other.snapshot(), traffic.state.snapshot());
    let threshold = |mut state: RuleState| {
        let id = [0; 16];
        let spans = vec![span(id, 1, 0).text("route", "a")];
        let request = encoded(vec![of_resource(Vec::new(), spans)]);
        let now = StreamTime::from_millis(traffic.now);
        judge(&rules, &mut state, &[request], id, now).threshold
    };
    let parent = threshold(traffic.state.clone());
    assert!(parent > Threshold::ALWAYS);
    assert_eq!(threshold(child), parent);
}

#[test]
fn intervals_begin_at_multiples_of_their_length() {
    let rules = rules(Adaptive::percentage(0.1).adjustment_interval(Duration::from_secs(10)));
    let verdicts = |start: u64| {
        let mut traffic = Traffic::new(&rules);
        // The start is soon forgotten.
        traffic.now = START + start * SECOND;
        traffic.run(10 - start, &[("a", 10)]);
        traffic.run(200, &[("a", 10), ("b", 1)]);
        traffic.state.snapshot()
    };
    let (one, other) = (verdicts(0), verdicts(0));
    assert_eq!(one, other);
    assert_eq!(verdicts(0)[..25], verdicts(3)[..25]);
}

#[test]
fn another_length_of_intervals_goes_on_from_what_is_known() {
    let short = rules(Adaptive::percentage(0.1));
    let mut traffic = Traffic::new(&short);
    traffic.run(60, &[("a", 100), ("b", 2)]);
    let long = rules(Adaptive::percentage(0.1).adjustment_interval(Duration::from_secs(60)));
    let mut changed = Traffic::new(&long);
    changed.state = long.restore(&traffic.state.snapshot()).unwrap();
    changed.now = traffic.now;
    // It continues to adapt: a new route gets its share.
    changed.run(240, &[("c", 100)]);
    assert!(is_near(changed.run(60, &[("c", 100)])["c"], 600.0));
}

/// A dropped trace had its chance; late spans are kept because of their content, or not at all.
#[test]
fn late_spans_are_not_counted_and_not_kept_by_chance() {
    let rules = Rules::builder()
        .rule(Rule::adaptive(
            "rate",
            Condition::always(),
            Adaptive::throughput(1000.0),
        ))
        .rule(Rule::keep("errors", Condition::error()))
        .build()
        .unwrap();
    let mut state = rules.state();
    let before = state.snapshot();
    let id = [0; 16];
    let mut late = |span: Span| {
        let mut evidence = Evidence::default();
        let request = encoded(vec![of_resource(Vec::new(), vec![span])]);
        observe(&rules, &mut state, &mut evidence, &request);
        let verdict = rules.decide_late(&state, &evidence, &id);
        rules.forget(&mut state, evidence);
        verdict.kept
    };
    assert!(!late(span(id, 1, 0)));
    assert!(late(span(id, 2, 1).failed()));
    assert_eq!(state.snapshot(), before);
}
