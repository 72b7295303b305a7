//! The same policies give the decisions documented for the Collector's `tail_sampling`.
//!
//! The expected decisions are implemented here from the policies that the Collector's README
//! describes, on decoded spans. Deliberate differences are left out: see the documentation of
//! `lamplight_relay::rules`.

use std::time::Duration;

use lamplight_relay::{
    record::StreamTime,
    rules::{Action, Condition, Measured, Rule, Rules, Status},
};
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{ResourceSpans, Span},
};
use regex::Regex;

use super::{
    random::Random,
    traces::{MS, With as _, attribute, encoded, judge, of_resource, span},
};

/// A policy of the Collector.
#[derive(Debug, Clone)]
enum Policy {
    AlwaysSample,
    /// Milliseconds; inclusive without an upper bound, exclusive with one.
    Latency(u64, Option<u64>),
    StatusCode(Vec<i32>),
    Text(String, Vec<String>),
    TextRegex(String, Vec<String>),
    Numeric(String, i64, i64),
    Boolean(String, bool),
    SpanCount(u32, u32),
    TraceFlags,
    Probabilistic(f64),
    And(Vec<Policy>),
    Not(Box<Policy>),
}

/// A top-level policy: it samples or drops.
#[derive(Debug, Clone)]
enum Top {
    Sample(Policy),
    Drop(Vec<Policy>),
}

impl Policy {
    /// Returns whether the Collector's policy samples the trace.
    fn samples(&self, trace: &[ResourceSpans]) -> bool {
        let spans = || {
            let scopes = trace.iter().flat_map(|resource| &resource.scope_spans);
            scopes.flat_map(|scope| &scope.spans)
        };
        let some = |fits: &dyn Fn(&Value) -> bool, key: &str| {
            let is_it = |attribute: &KeyValue| {
                let value = attribute
                    .value
                    .as_ref()
                    .and_then(|value| value.value.as_ref());
                attribute.key == key && value.is_some_and(fits)
            };
            let resources = trace
                .iter()
                .filter_map(|resource| resource.resource.as_ref());
            resources
                .flat_map(|resource| &resource.attributes)
                .any(is_it)
                || spans().flat_map(|span| &span.attributes).any(is_it)
        };
        match self {
            Self::AlwaysSample => true,
            Self::Latency(least, most) => {
                let start = spans().map(|span| span.start_time_unix_nano).min();
                let end = spans().map(|span| span.end_time_unix_nano).max();
                let took = (end.unwrap() - start.unwrap()) / MS;
                match most {
                    None => took >= *least,
                    Some(most) => took > *least && took <= *most,
                }
            }
            Self::StatusCode(codes) => spans().any(|span| {
                let code = span.status.as_ref().map_or(0, |status| status.code);
                codes.contains(&code)
            }),
            Self::Text(key, values) => some(
                &|value| matches!(value, Value::StringValue(text) if values.contains(text)),
                key,
            ),
            Self::TextRegex(key, regexes) => some(
                &|value| {
                    let Value::StringValue(text) = value else {
                        return false;
                    };
                    !text.is_empty()
                        && regexes
                            .iter()
                            .any(|regex| Regex::new(regex).unwrap().is_match(text))
                },
                key,
            ),
            Self::Numeric(key, least, most) => some(
                &|value| matches!(value, Value::IntValue(number) if (*least..=*most).contains(number)),
                key,
            ),
            Self::Boolean(key, wanted) => some(
                &|value| matches!(value, Value::BoolValue(found) if found == wanted),
                key,
            ),
            Self::SpanCount(least, most) => {
                let count = spans().count() as u32;
                count >= *least && (*most == 0 || count <= *most)
            }
            Self::TraceFlags => spans().any(|span| span.flags & 1 == 1),
            Self::Probabilistic(percent) => {
                let id = &spans().next().unwrap().trace_id;
                let randomness = id[9..]
                    .iter()
                    .fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
                // Four digits, of numbers that have no more.
                let kept = (percent / 100.0 * 65536.0) as u64;
                randomness >= (65536 - kept) << 40
            }
            Self::And(policies) => policies.iter().all(|policy| policy.samples(trace)),
            Self::Not(policy) => !policy.samples(trace),
        }
    }

    /// Returns the equivalent condition; `None` for a probability, which is not a condition.
    fn condition(&self) -> Option<Condition> {
        Some(match self {
            Self::AlwaysSample => Condition::always(),
            Self::Latency(least, None) => {
                Condition::latency(Measured::Trace, Duration::from_millis(*least)..)
            }
            Self::Latency(least, Some(most)) => {
                // The Collector compares whole milliseconds.
                let from = Duration::from_millis(least + 1);
                let to = Duration::from_millis(most + 1);
                Condition::latency(Measured::Trace, from..to)
            }
            Self::StatusCode(codes) => Condition::any(codes.iter().map(|code| {
                Condition::status(match code {
                    0 => Status::Unset,
                    1 => Status::Ok,
                    _ => Status::Error,
                })
            })),
            Self::Text(key, values) => Condition::attribute(key).one_of(values.clone()),
            Self::TextRegex(key, regexes) => Condition::any(
                regexes
                    .iter()
                    .map(|regex| Condition::attribute(key).matches(regex)),
            ),
            Self::Numeric(key, least, most) => {
                Condition::attribute(key).number(*least as f64..=*most as f64)
            }
            Self::Boolean(key, wanted) => Condition::attribute(key).is(*wanted),
            Self::SpanCount(least, 0) => Condition::span_count(*least..),
            Self::SpanCount(least, most) => Condition::span_count(*least..=*most),
            Self::TraceFlags => Condition::sampled(),
            Self::Probabilistic(_) => return None,
            Self::And(policies) => {
                let conditions: Option<Vec<_>> = policies.iter().map(Self::condition).collect();
                Condition::all(conditions?)
            }
            Self::Not(policy) => Condition::not(policy.condition()?),
        })
    }

    /// Returns the equivalent rule.
    fn rule(&self, name: String) -> Rule {
        match self {
            Self::Probabilistic(percent) => {
                Rule::probability(name, Condition::always(), percent / 100.0)
            }
            // `and` with a probability is a probability for traces that meet the rest.
            Self::And(policies) if self.condition().is_none() => {
                let rest: Vec<_> = policies.iter().filter_map(Self::condition).collect();
                let probabilities = policies.iter().filter_map(|policy| match policy {
                    Self::Probabilistic(percent) => Some(percent / 100.0),
                    _ => None,
                });
                let least = probabilities.fold(1.0, f64::min);
                let when = if rest.is_empty() {
                    Condition::always()
                } else {
                    Condition::all(rest)
                };
                Rule::new(name, when, Action::Probability(least))
            }
            other => Rule::keep(name, other.condition().unwrap()),
        }
    }
}

const KEYS: [&str; 4] = ["http.route", "service.name", "n", "flag"];
const TEXTS: [&str; 6] = ["/health", "/orders", "orders", "health", "", "/orders/7"];
const REGEXES: [&str; 5] = ["^/ord", "health$", "[0-9]+", "o.d", "^$"];

fn plain_policy(random: &mut Random) -> Policy {
    let key = random.pick(&KEYS).to_string();
    match random.below(9) {
        0 => Policy::AlwaysSample,
        1 => {
            let least = random.below(300);
            let most = random.chance(0.5).then(|| least + 1 + random.below(500));
            Policy::Latency(least, most)
        }
        2 => Policy::StatusCode(
            (0..=random.below(2))
                .map(|_| random.below(3) as i32)
                .collect(),
        ),
        3 => {
            let values = (0..=random.below(2)).map(|_| random.pick(&TEXTS[..4]).to_string());
            Policy::Text(key, values.collect())
        }
        4 => {
            let regexes = (0..=random.below(1)).map(|_| random.pick(&REGEXES[..4]).to_string());
            Policy::TextRegex(key, regexes.collect())
        }
        5 => {
            let least = random.below(20) as i64 - 10;
            Policy::Numeric(key, least, least + random.below(10) as i64)
        }
        6 => Policy::Boolean(key, random.chance(0.5)),
        7 => {
            let least = random.below(4) as u32;
            let most = if random.chance(0.5) {
                0
            } else {
                least + random.below(4) as u32
            };
            Policy::SpanCount(least, most)
        }
        _ => Policy::TraceFlags,
    }
}

fn policy(random: &mut Random) -> Policy {
    match random.below(6) {
        0 => Policy::Probabilistic(*random.pick(&[50.0, 25.0, 6.25, 75.0, 3.125])),
        1 => {
            let count = 1 + random.below(3);
            let mut parts: Vec<_> = (0..count).map(|_| plain_policy(random)).collect();
            if random.chance(0.3) {
                parts.push(Policy::Probabilistic(50.0));
            }
            if random.chance(0.3) {
                parts.push(Policy::Not(Box::new(plain_policy(random))));
            }
            Policy::And(parts)
        }
        2 => Policy::Not(Box::new(plain_policy(random))),
        _ => plain_policy(random),
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(4) {
        0 => Value::IntValue(random.below(24) as i64 - 12),
        1 => Value::BoolValue(random.chance(0.5)),
        _ => Value::StringValue(random.pick(&TEXTS).to_string()),
    }
}

fn random_span(random: &mut Random, trace_id: [u8; 16], id: u8) -> Span {
    let start = 1_000_000 + random.below(300);
    let parent = if id == 1 { 0 } else { 1 };
    let mut span = span(trace_id, id, parent).took(start, random.below(300));
    span.end_time_unix_nano += random.below(MS);
    span.flags = u32::from(random.chance(0.3));
    for key in KEYS {
        if random.chance(0.3) {
            span = span.attribute(key, value(random));
        }
    }
    if random.chance(0.3) {
        span = span.failed();
        span.status.as_mut().unwrap().code = random.below(3) as i32;
    }
    span
}

fn random_trace(random: &mut Random, trace_id: [u8; 16]) -> Vec<ResourceSpans> {
    let mut id = 0;
    let resources = 1 + random.below(2);
    let resource = |_| {
        let keys = KEYS
            .iter()
            .filter(|_| random.chance(0.2))
            .collect::<Vec<_>>();
        let attributes = keys
            .into_iter()
            .map(|key| attribute(key, value(random)))
            .collect();
        let spans = (0..=random.below(3)).map(|_| {
            id += 1;
            random_span(random, trace_id, id)
        });
        of_resource(attributes, spans.collect())
    };
    (0..resources).map(resource).collect()
}

#[test]
fn the_same_policies_decide_as_the_collector_does() {
    let mut random = Random::new(17);
    let (mut kept, mut vetoed, mut all) = (0, 0, 0);
    for _ in 0..400 {
        let count = 1 + random.below(5);
        let tops: Vec<Top> = (0..count)
            .map(|_| {
                if random.chance(0.2) {
                    Top::Drop(
                        (0..=random.below(2))
                            .map(|_| plain_policy(&mut random))
                            .collect(),
                    )
                } else {
                    Top::Sample(policy(&mut random))
                }
            })
            .collect();
        let rules = tops.iter().enumerate().map(|(index, top)| match top {
            Top::Sample(policy) => policy.rule(index.to_string()),
            Top::Drop(parts) => {
                let all = Policy::And(parts.clone()).condition().unwrap();
                Rule::drop(index.to_string(), all)
            }
        });
        let rules = Rules::builder().rules(rules).build().unwrap();
        let mut state = rules.state();
        for _ in 0..100 {
            let trace_id = random.trace_id();
            let trace = random_trace(&mut random, trace_id);
            let drops = tops.iter().any(|top| match top {
                Top::Drop(parts) => parts.iter().all(|policy| policy.samples(&trace)),
                Top::Sample(_) => false,
            });
            let samples = tops.iter().any(|top| match top {
                Top::Sample(policy) => policy.samples(&trace),
                Top::Drop(_) => false,
            });
            // Each span comes in its own record.
            let requests: Vec<_> = trace.iter().map(|one| encoded(vec![one.clone()])).collect();
            let now = StreamTime::from_millis(1);
            let verdict = judge(&rules, &mut state, &requests, trace_id, now);
            assert_eq!(
                verdict.kept,
                samples && !drops,
                "{tops:#?}\n{trace:#?}\n{verdict:?}"
            );
            assert_eq!(verdict.vetoed, drops);
            kept += u32::from(verdict.kept);
            vetoed += u32::from(verdict.vetoed);
            all += 1;
        }
    }
    // The corpus does not consist of trivial traces.
    assert!(kept > all / 5 && kept < all * 4 / 5, "{kept} of {all}");
    assert!(vetoed > all / 50, "{vetoed} of {all}");
}
