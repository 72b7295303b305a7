//! Kept traces represent the original number.

use lamplight_relay::{
    record::StreamTime,
    rules::{RuleState, Rules, Verdict},
    sampling::{Heads, Randomness, Rewritten, Threshold, TraceState, rewrite},
};
use opentelemetry_proto::tonic::trace::v1::Span;

use super::{
    population::{Trace, rules},
    random::Random,
    traces::{encoded, judge},
};

/// Traces for each set of rules.
const TRACES: u64 = 6_000;

/// A sum of estimates, with its tolerance.
#[derive(Debug, Default)]
struct Sum {
    truth: f64,
    estimate: f64,
    variance: f64,
    largest: f64,
}

impl Sum {
    /// Adds a number of spans of a trace that would be kept with this threshold.
    fn expect(&mut self, spans: f64, threshold: Threshold) {
        let count = threshold.adjusted_count();
        self.truth += spans;
        self.variance += spans * spans * (count - 1.0);
        self.largest = self.largest.max(spans * count);
    }

    fn add(&mut self, other: &Self) {
        self.truth += other.truth;
        self.estimate += other.estimate;
        self.variance += other.variance;
        self.largest = self.largest.max(other.largest);
    }

    /// Checks the sum, and returns the relative tolerance by Freedman's inequality, which is
    /// Bernstein's for martingales, since adaptive thresholds depend on the past. Results outside
    /// of it occur less than once in 10^12 times.
    fn check(&self, what: &str) -> f64 {
        let log = 2e12_f64.ln();
        let linear = self.largest * log / 3.0;
        let bound = linear + (linear * linear + 2.0 * self.variance * log).sqrt();
        let error = (self.estimate - self.truth).abs();
        assert!(error <= bound, "{what}: {error} above {bound}, {self:?}");
        bound / self.truth
    }
}

fn head_of(trace: &Trace) -> Threshold {
    let given = trace
        .head
        .map(|head| Threshold::from_th(head.as_bytes()).unwrap());
    given.unwrap_or(Threshold::ALWAYS)
}

/// Returns the number of spans that a delivered span represents.
fn adjusted_count(span: &Span, id: &[u8; 16], verdict: &Verdict) -> f64 {
    let mut out = Vec::new();
    let before = span.trace_state.as_bytes();
    let after = match rewrite(
        before,
        id,
        Some(verdict.threshold),
        Heads::Unsampled,
        &mut out,
    ) {
        Rewritten::Unchanged => before,
        Rewritten::Written => &out,
    };
    TraceState::new(after).threshold().unwrap().adjusted_count()
}

fn is_red(span: &Span) -> bool {
    span.attributes.iter().any(|attribute| {
        use opentelemetry_proto::tonic::common::v1::any_value::Value;
        let value = attribute
            .value
            .as_ref()
            .and_then(|value| value.value.as_ref());
        matches!(value, Some(Value::StringValue(text)) if text == "red")
    })
}

/// Decides a trace, if it passes its head sampler; else decides it in a copy of the state, to find
/// the threshold with which it would have been kept.
fn judged(
    rules: &Rules,
    state: &mut RuleState,
    trace: &Trace,
    passes: bool,
    random: &mut Random,
    now: StreamTime,
) -> Verdict {
    let requests: Vec<_> = trace.requests(random).into_iter().map(encoded).collect();
    if passes {
        return judge(rules, state, &requests, trace.id, now);
    }
    judge(rules, &mut state.clone(), &requests, trace.id, now)
}

#[test]
fn adjusted_counts_of_what_is_kept_are_those_of_all_there_was() {
    let mut total = Sum::default();
    for seed in 0..24 {
        let mut random = Random::new(seed);
        let rules = rules(&mut random);
        let mut state = rules.state();
        let (mut all, mut red) = (Sum::default(), Sum::default());
        for number in 0..TRACES {
            let trace = Trace::random(&mut random);
            let randomness = Randomness::of_trace_id(&trace.id);
            let head = head_of(&trace);
            let passes = head.keeps(randomness);
            // A hundred traces per second.
            let now = StreamTime::from_millis(1_700_000_000_000 + number * 10);
            let verdict = judged(&rules, &mut state, &trace, passes, &mut random, now);
            if verdict.threshold == Threshold::NEVER {
                assert!(!verdict.kept);
                continue;
            }
            let threshold = head.max(verdict.threshold);
            assert_eq!(passes && verdict.kept, threshold.keeps(randomness));
            let spans = || trace.spans.iter().map(|(_, span)| span);
            all.expect(spans().count() as f64, threshold);
            red.expect(
                spans().filter(|span| is_red(span)).count() as f64,
                threshold,
            );
            if passes && verdict.kept {
                for span in spans() {
                    let count = adjusted_count(span, &trace.id, &verdict);
                    assert_eq!(count, threshold.adjusted_count());
                    all.estimate += count;
                    red.estimate += if is_red(span) { count } else { 0.0 };
                }
            }
        }
        all.check(&format!("all of seed {seed}"));
        red.check(&format!("red of seed {seed}"));
        total.add(&all);
    }
    // This is only meaningful if the tolerance is small.
    let part = total.check("all");
    assert!(part < 0.08, "{part}");
}
