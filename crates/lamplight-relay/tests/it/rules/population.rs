//! Random traces and rules.

use std::time::Duration;

use lamplight_relay::rules::{Adaptive, Condition, KeyField, Measured, Rule, Rules};
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{ResourceSpans, Span},
};

use super::{
    random::Random,
    traces::{With as _, attribute, of_resource, span},
};

pub(super) const COLORS: [&str; 5] = ["red", "red", "red", "green", "blue"];
const SERVICES: [&str; 3] = ["orders", "stock", "mail"];
const HEADS: [Option<&str>; 6] = [None, None, Some("0"), Some("8"), Some("c"), Some("e666")];

/// A trace before any sampling.
#[derive(Debug, Clone)]
pub(super) struct Trace {
    pub(super) id: [u8; 16],
    pub(super) spans: Vec<(Vec<KeyValue>, Span)>,
    /// The threshold of its head sampler.
    pub(super) head: Option<&'static str>,
}

impl Trace {
    pub(super) fn random(random: &mut Random) -> Self {
        let id = random.trace_id();
        let head = *random.pick(&HEADS);
        let spans = (1..=1 + random.below(4) as u8)
            .map(|number| {
                let took = random.below(2000);
                let mut span = span(id, number, number - 1).took(1000, took);
                if random.chance(0.5) {
                    span = span.text("color", COLORS[random.below(5) as usize]);
                }
                if random.chance(0.1) {
                    span = span.failed();
                }
                if let Some(head) = head {
                    span = span.state(&format!("ot=th:{head}"));
                }
                let service = Value::StringValue(random.pick(&SERVICES).to_string());
                (vec![attribute("service.name", service)], span)
            })
            .collect();
        Self { id, spans, head }
    }

    /// Returns the spans in requests: in some order, some of them together.
    pub(super) fn requests(&self, random: &mut Random) -> Vec<Vec<ResourceSpans>> {
        let mut spans = self.spans.clone();
        random.shuffle(&mut spans);
        let mut requests = vec![Vec::new()];
        for (resource, span) in spans {
            if random.chance(0.5) {
                requests.push(Vec::new());
            }
            let request = requests.last_mut().unwrap();
            request.push(of_resource(resource, vec![span]));
        }
        requests
    }
}

fn condition(random: &mut Random) -> Condition {
    let color = || Condition::attribute("color");
    match random.below(9) {
        0 => Condition::error(),
        1 => Condition::latency(Measured::Root, Duration::from_secs(1)..),
        2 => Condition::latency(Measured::Trace, Duration::from_millis(1500)..),
        3 => color().is(*random.pick(&COLORS)),
        4 => Condition::not(color().exists()),
        5 => Condition::span_count(random.below(4) as u32..),
        6 => Condition::attribute("service.name")
            .on_resource()
            .is(*random.pick(&SERVICES)),
        7 => Condition::same_span([Condition::error(), color().is("red")]),
        _ => Condition::always(),
    }
}

fn adaptive(random: &mut Random) -> Adaptive {
    let adaptive = if random.chance(0.5) {
        Adaptive::percentage(*random.pick(&[0.05, 0.2, 0.5]))
    } else {
        Adaptive::throughput(*random.pick(&[5.0, 20.0, 100.0]))
    };
    let fields = [
        KeyField::attribute("color"),
        KeyField::attribute("service.name"),
        KeyField::span_name(),
    ];
    adaptive
        .key(fields.into_iter().filter(|_| random.chance(0.6)))
        .max_keys(*random.pick(&[2, 500]))
}

pub(super) fn rules(random: &mut Random) -> Rules {
    let count = 1 + random.below(5);
    let rules = (0..count).map(|number| {
        let (name, when) = (number.to_string(), condition(random));
        match random.below(8) {
            0 | 1 => Rule::keep(name, when),
            2 => Rule::drop(name, Condition::all([when, Condition::error()])),
            3 | 4 => Rule::adaptive(name, when, adaptive(random)),
            _ => Rule::probability(name, when, *random.pick(&[0.05, 0.1, 0.3, 0.77])),
        }
    });
    Rules::builder().rules(rules).build().unwrap()
}
