//! The cost of cleaning kept traces and encoding them as requests.
//!
//! `cargo bench -p lamplight-relay --bench clean [-- PART OF A NAME]` prints, for every set of
//! settings, the number of spans that one core cleans per second and the nanoseconds per span. The
//! spans are those of a function that is called over HTTP and calls a table: 22 attributes
//! including resource and scope, and 800 bytes as received.
//!
//! With `--instructions` after the `--` it counts instructions instead, which do not depend on the
//! load of the machine: it runs itself under `valgrind --tool=callgrind`, which must be installed.
//!
//! With `--check` it fails if a set exceeds its budget of instructions.

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{
    env,
    hint::black_box,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use bytes::Bytes;
use lamplight_otlp::{Writer, trace::visit};
use lamplight_relay::{
    clean::{
        Cleaner, CleanerBuilder, DEFAULT_MAX_REQUEST, EventPolicy, KeyPattern, On, Oversized,
        Stamp, ValueSet, requests,
    },
    record::StreamTime,
    rules::{Condition, Evidence, Measured, Rule, Rules},
    sampling::Threshold,
};
use lamplight_test_rig::callgrind;

/// Number of spans in a trace: one record from each of two functions.
const SPANS: u64 = 20;

/// A set of settings, and the instruction budget per span.
struct Case {
    name: &'static str,
    settings: fn() -> CleanerBuilder,
    /// True if rules observe and decide the spans too.
    decides: bool,
    budget: f64,
}

const CASES: [Case; 5] = [
    Case {
        name: "untouched",
        settings: || Cleaner::builder().marks(false),
        decides: false,
        budget: 2_000.0,
    },
    Case {
        name: "marks",
        settings: Cleaner::builder,
        decides: false,
        budget: 4_000.0,
    },
    Case {
        name: "redact",
        settings: redact,
        decides: false,
        budget: 12_000.0,
    },
    Case {
        name: "keys",
        settings: keys,
        decides: false,
        budget: 12_000.0,
    },
    Case {
        name: "full path",
        settings: || keys_of(redact()),
        decides: true,
        budget: 20_000.0,
    },
];

fn redact() -> CleanerBuilder {
    Cleaner::builder()
        .events(EventPolicy::Exceptions)
        .values(ValueSet::CardNumbers)
        .values(ValueSet::Emails)
        .values(ValueSet::Tokens)
        .max_value_bytes(4096)
}

fn keys() -> CleanerBuilder {
    keys_of(Cleaner::builder())
}

fn keys_of(settings: CleanerBuilder) -> CleanerBuilder {
    settings
        .deny(On::ALL, [KeyPattern::prefix("http.request.header.")])
        .mask(On::ALL, [KeyPattern::regex("(?i)password|secret").unwrap()])
        .hash(On::SPANS, ["enduser.id".into()])
        .salt("salt")
        .rename(On::SPANS, "http.url", "url.full")
}

fn attribute(writer: &mut Writer, number: u32, key: &str, text: &str) {
    writer.message(number, |writer| {
        writer.message(2, |writer| writer.bytes_always(1, text.as_bytes()));
        writer.bytes(1, key.as_bytes());
    });
}

const ATTRIBUTES: [(&str, &str); 14] = [
    ("http.request.method", "GET"),
    ("http.route", "/pets/{id}"),
    ("url.path", "/pets/4711"),
    ("url.scheme", "https"),
    ("server.address", "api.example.com"),
    (
        "user_agent.original",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    ),
    ("client.address", "2001:db8::17"),
    ("faas.invocation_id", "af9d5aa4-a685-4c5f-a22b-444f80b3cc28"),
    ("faas.trigger", "http"),
    (
        "cloud.resource_id",
        "arn:aws:lambda:eu-west-1:123456789012:function:orders",
    ),
    ("aws.request_id", "JKJaXmPLvHcESHA="),
    ("db.system.name", "aws.dynamodb"),
    ("db.operation.name", "GetItem"),
    ("enduser.id", "4711"),
];

const RESOURCE: [(&str, &str); 8] = [
    ("service.name", "orders"),
    ("service.version", "1.17.3"),
    ("cloud.provider", "aws"),
    ("cloud.region", "eu-west-1"),
    ("cloud.platform", "aws_lambda"),
    ("faas.name", "orders"),
    ("faas.instance", "2026/11/26/[$LATEST]3f2a1b"),
    ("telemetry.sdk.language", "rust"),
];

fn span(writer: &mut Writer, trace: [u8; 16], id: u64) {
    writer.fixed32(16, 0x101);
    let mut attributes = ATTRIBUTES.iter().rev();
    attributes
        .by_ref()
        .for_each(|(key, text)| attribute(writer, 9, key, text));
    writer.fixed64(8, 1_732_600_000_020_000_000);
    writer.fixed64(7, 1_732_600_000_000_000_000);
    writer.uint(6, 2);
    writer.bytes(5, b"GET /pets/{id}");
    writer.bytes(4, &[7; 8]);
    writer.bytes(2, &(id + 1).to_be_bytes());
    writer.bytes(1, &trace);
}

/// The records of a trace.
fn payloads(trace: [u8; 16]) -> Vec<Bytes> {
    let record = |first: u64| {
        let mut writer = Writer::with_capacity(16 * 1024);
        writer.message(1, |writer| {
            writer.message(2, |writer| {
                for id in (first..first + SPANS / 2).rev() {
                    writer.message(2, |writer| span(writer, trace, id));
                }
                writer.message(1, |writer| writer.bytes(1, b"lamplight"));
            });
            writer.message(1, |writer| {
                let attributes = RESOURCE.iter().rev();
                attributes.for_each(|(key, text)| attribute(writer, 1, key, text));
            });
        });
        Bytes::from(writer.into_bytes())
    };
    vec![record(0), record(SPANS / 2)]
}

/// A hundred traces, as in a second of a busy shard.
struct Bench {
    traces: Vec<([u8; 16], Vec<Bytes>)>,
    rules: Rules,
    cleaner: Cleaner,
    decides: bool,
}

impl Bench {
    fn new(case: &Case) -> Self {
        let rules = Rules::builder()
            .rule(Rule::drop(
                "health",
                Condition::attribute("http.route").is("/health"),
            ))
            .rule(Rule::keep("errors", Condition::error()))
            .rule(Rule::keep(
                "slow",
                Condition::latency(Measured::Entry, Duration::from_secs(1)..),
            ))
            .rule(Rule::probability("baseline", Condition::always(), 1.0))
            .build();
        Self {
            traces: (1..=100_u128)
                .map(|trace| trace.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes())
                .map(|trace| (trace, payloads(trace)))
                .collect(),
            rules: rules.unwrap(),
            cleaner: (case.settings)().build().unwrap(),
            decides: case.decides,
        }
    }

    /// Cleans all traces, and returns the number of bytes to send.
    fn run(&mut self) -> usize {
        let mut state = self.rules.state();
        let mut chunks = Vec::new();
        for (trace, payloads) in &self.traces {
            let mut threshold = Threshold::ALWAYS;
            if self.decides {
                let mut evidence = Evidence::default();
                for payload in payloads {
                    visit(payload, |place, span| {
                        span.check().unwrap();
                        self.rules.observe(&mut state, &mut evidence, place, span);
                    })
                    .unwrap();
                }
                let now = StreamTime::default();
                threshold = self
                    .rules
                    .decide(&mut state, &evidence, trace, now)
                    .threshold;
                self.rules.forget(&mut state, evidence);
            }
            let stamp = Stamp::new(*trace, Some(threshold)).rule("baseline");
            chunks.extend(self.cleaner.clean(&stamp, payloads));
        }
        let made = requests(&chunks, DEFAULT_MAX_REQUEST, Oversized::CutDown);
        made.requests.iter().map(|request| request.body.len()).sum()
    }

    fn spans(&self) -> u64 {
        self.traces.len() as u64 * SPANS
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, name, runs] = arguments.as_slice()
        && flag == "--run"
    {
        let case = CASES.iter().find(|case| case.name == *name).unwrap();
        let mut bench = Bench::new(case);
        for _ in 0..runs.parse::<u64>().unwrap() {
            black_box(bench.run());
        }
        return ExitCode::SUCCESS;
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let parts: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let (counts, quick) = (has("--instructions") || has("--check"), has("--test"));
    let (mut over, spans) = (Vec::new(), 100 * SPANS);
    for case in &CASES {
        if !parts.is_empty() && !parts.iter().any(|part| case.name.contains(part.as_str())) {
            continue;
        }
        if counts {
            let instructions = instructions(case) / spans as f64;
            println!("{:<12}{instructions:>10.0} instructions a span", case.name);
            if instructions > case.budget {
                over.push(case.name);
            }
        } else {
            let mut bench = Bench::new(case);
            let spans = bench.spans() as f64;
            let bytes = bench.run() as f64 / spans;
            let nanos = time(&mut bench, quick).as_nanos() as f64 / spans;
            println!(
                "{:<12}{nanos:>8.0} ns a span{:>12.0} spans/s/core{bytes:>8.0} bytes a span",
                case.name,
                1e9 / nanos,
            );
        }
    }
    if has("--check") && !over.is_empty() {
        eprintln!("over the budget: {}", over.join("; "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The shortest time of one run.
fn time(bench: &mut Bench, quick: bool) -> Duration {
    let budget = Duration::from_millis(if quick { 1 } else { 1_500 });
    let start = Instant::now();
    let mut shortest = Duration::MAX;
    while shortest == Duration::MAX || start.elapsed() < budget {
        let start = Instant::now();
        black_box(bench.run());
        shortest = shortest.min(start.elapsed());
    }
    shortest
}

/// The instructions of one run.
fn instructions(case: &Case) -> f64 {
    let command = |runs: u64| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--run", case.name, &runs.to_string()]);
        command
    };
    callgrind::difference(command, 2, 6).unwrap_or_else(|error| panic!("{error}"))
}
