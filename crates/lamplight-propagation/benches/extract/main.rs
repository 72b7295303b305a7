//! The cost of finding the context, against parsing the event into its type.
//!
//! `cargo bench -p lamplight-propagation --bench extract [-- PART OF A NAME]` prints, for every
//! event and size, the fastest of many runs of both sides, taken in turns so that a busy machine
//! slows both alike, their ratio, and the allocations of one extraction. The budget for the ratio is
//! 25 % at 2 KB and 15 % from 256 KB.
//!
//! With `--instructions` behind the `--` it counts instructions instead, which no busy machine
//! changes: it runs itself below `valgrind --tool=callgrind`, which has to be installed. Measured so
//! on x86-64 with Rust 1.95, in percent of the parse:
//!
//! | event | 2 KB | 256 KB |
//! |---|---|---|
//! | API Gateway v2 | 22.8 | 4.6 |
//! | SQS, 1 message | 16.6 | 4.5 |
//! | SQS, 1000 messages | | 14.3 |
//! | SNS in SQS | 24.6 | 8.7 |
//! | EventBridge | 6.7 | 2.5 |
//! | EventBridge without context | 9.1 | 4.8 |
//! | Kinesis, 100 records | | 13.1 |
//!
//! With `--raw-value` the other side is not a parse into the event's type, but `serde_json` that finds the
//! same members with types that borrow and `RawValue`, and nothing is done with them. In percent of that:
//!
//! | event | 2 KB | 256 KB |
//! |---|---|---|
//! | API Gateway v2 | 57 | 8.4 |
//! | SQS, 1 message | 33 | 8.0 |
//! | SQS, 1000 messages | | 39 |
//! | SNS in SQS | 27 | 7.4 |
//! | EventBridge | 32 | 15 |
//! | Kinesis, 100 records | | 41 |
//!
//! With `--check` as well it fails where one is over its budget.
//!
//! SNS in SQS is `SqsEventObj<SnsMessage>`. Its context is inside of the message's body: `SqsEvent`
//! leaves that a string, so against it the same look is 38.0 % at 2 KB, and 13.9 % at 256 KB.

// A benchmark fails by panicking.
#![allow(clippy::panic, clippy::unwrap_used)]

mod events;
mod raw_value;

use std::{
    cell::LazyCell,
    env,
    hint::black_box,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use aws_lambda_events::{
    apigw::ApiGatewayV2httpRequest,
    eventbridge::EventBridgeEvent,
    kinesis::KinesisEvent,
    sns::SnsMessage,
    sqs::{SqsEvent, SqsEventObj},
};
use lamplight_propagation::inbound::{EventExtractor, Incoming, RawInvocation};
use lamplight_test_rig::callgrind;
use opentelemetry::trace::TraceContextExt as _;
use serde::de::DeserializeOwned;

use self::events::KB;

const MB: usize = KB * KB;

/// The sizes of events, and the percent of the parse that finding the context may cost at each.
const SIZES: [(&str, usize, f64); 3] = [
    ("2 KB", 2 * KB, 25.0),
    ("256 KB", 256 * KB, 15.0),
    ("6 MB", 6 * MB, 15.0),
];

/// An event parsed into a type that leaves the part with the context a string: no budget, for
/// information.
const BODY_A_STRING: &str = "sns in sqs, body a string";

/// One event of one size, and the type it is measured against.
struct Case {
    event: &'static str,
    size: &'static str,
    text: LazyCell<String, Box<dyn FnOnce() -> String>>,
    parse: fn(&[u8]),
    /// Finds the members an extraction is after, by other means.
    raw_value: fn(&[u8]),
    /// The percent of the parse that is not to be exceeded.
    budget: Option<f64>,
}

impl Case {
    fn name(&self) -> String {
        format!("{} {}", self.event, self.size)
    }

    fn extract(&self, extractor: &EventExtractor) -> Incoming {
        extractor.extract(&RawInvocation::new(self.text.as_bytes(), "function"))
    }

    fn parse(&self) {
        (self.parse)(self.text.as_bytes());
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) {
    black_box(serde_json::from_slice::<T>(black_box(body)).unwrap());
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, size, budget) in SIZES {
        let mut add = |event, text: Box<dyn FnOnce() -> String>, parse, raw_value| {
            cases.push(Case {
                event,
                size: name,
                text: LazyCell::new(text),
                parse,
                raw_value,
                budget: (event != BODY_A_STRING).then_some(budget),
            });
        };
        add(
            "api gateway v2",
            Box::new(move || events::api_gateway_v2(size)),
            parse::<ApiGatewayV2httpRequest>,
            raw_value::request,
        );
        add(
            "sqs, 1 message",
            Box::new(move || events::sqs(size, 1)),
            parse::<SqsEvent>,
            raw_value::messages,
        );
        if size > 2 * KB {
            add(
                "sqs, 10 messages",
                Box::new(move || events::sqs(size, 10)),
                parse::<SqsEvent>,
                raw_value::messages,
            );
            add(
                "sqs, 1000 messages",
                Box::new(move || events::sqs(size, 1000)),
                parse::<SqsEvent>,
                raw_value::messages,
            );
        }
        // A larger message than SNS takes, and a larger body than is looked into: what that costs.
        add(
            "sns in sqs",
            Box::new(move || events::sns_in_sqs(size)),
            parse::<SqsEventObj<SnsMessage>>,
            raw_value::notification,
        );
        add(
            BODY_A_STRING,
            Box::new(move || events::sns_in_sqs(size)),
            parse::<SqsEvent>,
            raw_value::notification,
        );
        add(
            "eventbridge",
            Box::new(move || events::eventbridge(size)),
            parse::<EventBridgeEvent>,
            raw_value::event,
        );
        add(
            "eventbridge, no context",
            Box::new(move || events::eventbridge_without(size)),
            parse::<EventBridgeEvent>,
            raw_value::event,
        );
        if size > 2 * KB {
            add(
                "kinesis, 100 records",
                Box::new(move || events::kinesis(size, 100)),
                parse::<KinesisEvent>,
                raw_value::stream,
            );
        }
    }
    cases
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let mut cases = cases();
    if let [flag, side, name, runs] = arguments.as_slice()
        && flag == "--run"
    {
        let case = cases.into_iter().find(|case| case.name() == *name).unwrap();
        run(&case, side, runs.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let parts: Vec<_> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    cases.retain(|case| {
        parts.is_empty() || parts.iter().any(|part| case.name().contains(part.as_str()))
    });
    if has("--raw-value") {
        for case in &mut cases {
            (case.parse, case.budget) = (case.raw_value, None);
        }
    }
    // `cargo test --benches` only wants to know that this runs.
    let quick = has("--test");
    let unit = if has("--instructions") {
        "instructions"
    } else {
        "us"
    };
    let (other, side) = match has("--raw-value") {
        true => ("RawValue", "raw-value"),
        false => ("serde_json", "parse"),
    };
    println!(
        "{:<28}{:>8}{:>14}{:>14}{:>9}{:>8}{:>8}   ({unit})",
        "event", "size", "extract", other, "ratio", "budget", "allocs"
    );
    let mut over = Vec::new();
    for case in cases {
        if quick && case.text.len() > 300 * KB {
            continue;
        }
        let extractor = EventExtractor::new();
        let found = case.extract(&extractor);
        let has_context = found.parent.span().span_context().is_valid() || !found.links.is_empty();
        let expected = match case.event {
            "eventbridge, no context" => false,
            // Nested bodies over 1 MiB are not looked into.
            "sns in sqs" | BODY_A_STRING => case.text.len() < MB,
            _ => true,
        };
        assert_eq!(has_context, expected, "{}", case.event);
        let (extraction, parsing) = if has("--instructions") {
            (instructions(&case, "extract"), instructions(&case, side))
        } else {
            times(&case, quick)
        };
        let allocations = allocation_counter::measure(|| {
            black_box(case.extract(&extractor));
        });
        let share = extraction / parsing * 100.0;
        let budget = case
            .budget
            .map_or_else(|| "-".to_owned(), |it| format!("{it}"));
        println!(
            "{:<28}{:>8}{extraction:>14.2}{parsing:>14.2}{share:>7.1} %{budget:>8}{:>8}",
            case.event, case.size, allocations.count_total,
        );
        if case.budget.is_some_and(|budget| share > budget) {
            over.push(case.name());
        }
    }
    if has("--check") && !over.is_empty() {
        eprintln!("over the budget: {}", over.join("; "));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The shortest times of both sides, in microseconds.
fn times(case: &Case, quick: bool) -> (f64, f64) {
    let mut extraction = Duration::MAX;
    let mut parsing = Duration::MAX;
    let budget = Duration::from_millis(if quick { 1 } else { 700 });
    let extractor = EventExtractor::new();
    let start = Instant::now();
    while start.elapsed() < budget {
        extraction = extraction.min(time(|| case.extract(&extractor)));
        parsing = parsing.min(time(|| case.parse()));
    }
    (extraction.as_secs_f64() * 1e6, parsing.as_secs_f64() * 1e6)
}

/// The time of one run, averaged over as many as fill a tick of a coarse clock.
fn time<R>(run: impl Fn() -> R) -> Duration {
    const TICK: Duration = Duration::from_micros(200);

    let start = Instant::now();
    let mut runs = 0;
    loop {
        for _ in 0..8 {
            black_box(run());
        }
        runs += 8;
        let elapsed = start.elapsed();
        if elapsed >= TICK {
            return elapsed / runs;
        }
    }
}

/// The instructions of one run: what a few runs more cost, by the few.
fn instructions(case: &Case, side: &str) -> f64 {
    let command = |runs: u64| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--run", side, &case.name(), &runs.to_string()]);
        command
    };
    callgrind::difference(command, 1, 5).unwrap_or_else(|error| panic!("{error}"))
}

fn run(case: &Case, side: &str, runs: u32) {
    let extractor = EventExtractor::new();
    for _ in 0..runs {
        match side {
            "extract" => drop(black_box(case.extract(&extractor))),
            "raw-value" => (case.raw_value)(case.text.as_bytes()),
            _ => case.parse(),
        }
    }
}
