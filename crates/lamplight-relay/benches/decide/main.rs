//! The cost of a decision: encoded spans read in place and observed by rules, and traces decided.
//!
//! `cargo bench -p lamplight-relay --bench decide` prints the fastest of many runs on one core, in
//! spans per second, for several sets of rules. The goal is more than 1.2 million with ten rules.
//!
//! With `--instructions` after the `--` it counts instructions instead, which do not depend on the
//! load of the machine: it runs itself under `valgrind --tool=callgrind`, which must be installed.

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod rules;
mod spans;

use std::{
    env,
    hint::black_box,
    process::{Command, ExitCode},
    time::Instant,
};

use lamplight_otlp::trace::visit;
use lamplight_relay::{
    record::StreamTime,
    rules::{Adaptive, Condition, Evidence, KeyField, Rule, Rules},
};
use lamplight_test_rig::callgrind;

use self::{
    rules::{slow, ten},
    spans::{Record, records},
};

/// Traces per run, and spans per trace: a corpus larger than the caches near the core.
const TRACES: u32 = 2000;
const SPANS: u32 = 5;

/// The goal in spans per second, with ten rules.
const GOAL: f64 = 1.2e6;

/// Sets of rules, from none to those of a large system.
fn sets() -> [(&'static str, Rules); 4] {
    let build = |rules: Vec<Rule>| Rules::builder().rules(rules).build().unwrap();
    let always = Condition::always;
    let robots = || Condition::attribute("user_agent.original").matches("curl|bot");
    let mut adapting = ten(robots());
    adapting.push(Rule::adaptive(
        "routes",
        always(),
        Adaptive::throughput(50.0).key([
            KeyField::attribute("service.name"),
            KeyField::attribute("http.route"),
        ]),
    ));
    [
        ("reading alone", build(vec![Rule::keep("all", always())])),
        (
            "errors, latency, 10 %",
            build(vec![
                Rule::keep("errors", Condition::error()),
                slow(),
                Rule::probability("baseline", always(), 0.1),
            ]),
        ),
        ("ten rules", build(ten(robots()))),
        ("ten and an adaptive one", build(adapting)),
    ]
}

/// Decides all traces a number of times, and returns the number of kept ones.
fn run(rules: &Rules, records: &[Record], times: u64) -> u64 {
    let mut state = rules.state();
    let mut kept = 0;
    for time in 0..times {
        for record in records {
            let mut evidence = Evidence::default();
            visit(&record.payload, |place, span| {
                rules.observe(&mut state, &mut evidence, place, span);
            })
            .unwrap();
            let now = StreamTime::from_millis(1_700_000_000_000 + time);
            let verdict = rules.decide(&mut state, &evidence, &record.trace_id, now);
            kept += u64::from(verdict.kept);
            rules.forget(&mut state, evidence);
        }
    }
    black_box(kept)
}

/// Returns the spans per second of the fastest run.
fn spans_per_second(rules: &Rules, records: &[Record], quick: bool) -> f64 {
    let runs = if quick { 1 } else { 60 };
    let fastest = (0..runs).map(|_| {
        let start = Instant::now();
        run(rules, records, 1);
        start.elapsed()
    });
    f64::from(TRACES * SPANS) / fastest.min().unwrap().as_secs_f64()
}

/// Returns the instructions per span.
fn instructions(set: usize) -> f64 {
    let command = |times: u64| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--run", &set.to_string(), &times.to_string()]);
        command
    };
    let run = callgrind::difference(command, 1, 3).unwrap_or_else(|error| panic!("{error}"));
    run / f64::from(TRACES * SPANS)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let records = records(TRACES, SPANS);
    let sets = sets();
    if let [flag, set, times] = arguments.as_slice()
        && flag == "--run"
    {
        let (_, rules) = sets.get(set.parse::<usize>().unwrap()).unwrap();
        run(rules, &records, times.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let bytes: usize = records.iter().map(|record| record.payload.len()).sum();
    let a_span = bytes as f64 / f64::from(TRACES * SPANS);
    println!("{TRACES} traces of {SPANS} spans, 18 attributes and {a_span:.0} bytes a span");
    let unit = if has("--instructions") {
        "instructions/span"
    } else {
        "spans/s"
    };
    println!("{:<28}{unit:>20}{:>10}", "rules", "kept");
    let mut missed = false;
    for (index, (name, rules)) in sets.iter().enumerate() {
        let kept = run(rules, &records, 1);
        let figure = if has("--instructions") {
            instructions(index)
        } else {
            spans_per_second(rules, &records, has("--test"))
        };
        println!(
            "{name:<28}{figure:>20.0}{:>8.1} %",
            kept as f64 / f64::from(TRACES) * 100.0
        );
        missed |= !has("--instructions") && figure < GOAL;
    }
    // `--check` fails if the goal is missed, which may happen on a busy machine.
    if has("--check") && missed {
        eprintln!("below the goal of {GOAL} spans a second");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
