//! What does finding the context cost, against parsing the event into its type?
//!
//! `cargo bench -p lamplight-propagation [PART OF A NAME]` prints, for every event and size, the fastest of many
//! runs of both sides, taken in turns so that a busy machine slows both alike, their ratio, and the
//! allocations of one extraction. The budget for the ratio is 25 % at 2 KB and 15 % from 256 KB.

// A benchmark fails by panicking.
#![allow(clippy::unwrap_used)]

mod events;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use aws_lambda_events::{
    apigw::ApiGatewayV2httpRequest, eventbridge::EventBridgeEvent, kinesis::KinesisEvent,
    sqs::SqsEvent,
};
use lamplight_propagation::inbound::{Extractor, Incoming, Invocation};
use opentelemetry::trace::TraceContextExt as _;
use serde::de::DeserializeOwned;

use self::events::KB;

const SIZES: [(&str, usize); 3] = [
    ("2 KB", 2 * KB),
    ("256 KB", 256 * KB),
    ("6 MB", 6 * KB * KB),
];

fn main() {
    // `cargo test --benches` only wants to know that this runs.
    let quick = std::env::args().any(|argument| argument == "--test");
    println!(
        "{:<28}{:>8}{:>14}{:>14}{:>9}{:>8}",
        "event", "size", "extract", "serde_json", "ratio", "allocs"
    );
    for (name, size) in SIZES {
        // Larger SNS messages do not exist, and none beyond the limit is looked into.
        let exists = size <= 256 * KB;
        if quick && size > 256 * KB {
            continue;
        }
        compare::<ApiGatewayV2httpRequest>(
            "api gateway v2",
            name,
            &events::api_gateway_v2(size),
            quick,
        );
        compare::<SqsEvent>("sqs, 1 message", name, &events::sqs(size, 1), quick);
        if size > 2 * KB {
            compare::<SqsEvent>("sqs, 10 messages", name, &events::sqs(size, 10), quick);
            compare::<SqsEvent>("sqs, 1000 messages", name, &events::sqs(size, 1000), quick);
        }
        if exists {
            compare::<SqsEvent>("sns in sqs", name, &events::sns_in_sqs(size), quick);
        }
        compare::<EventBridgeEvent>("eventbridge", name, &events::eventbridge(size), quick);
        compare::<EventBridgeEvent>(
            "eventbridge, no context",
            name,
            &events::eventbridge_without(size),
            quick,
        );
        if size > 2 * KB {
            compare::<KinesisEvent>(
                "kinesis, 100 records",
                name,
                &events::kinesis(size, 100),
                quick,
            );
        }
    }
}

fn compare<T: DeserializeOwned>(event: &str, size: &str, text: &str, quick: bool) {
    let mut wanted = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .peekable();
    if wanted.peek().is_some() && !wanted.any(|part| format!("{event} {size}").contains(&part)) {
        return;
    }
    let body = text.as_bytes();
    let extractor = Extractor::new();
    let extract = || extractor.extract(&Invocation::new(body, "function"));
    let found = extract();
    let has_context = found.parent.span().span_context().is_valid() || !found.links.is_empty();
    assert_eq!(has_context, !event.contains("no context"), "{event}");

    let mut extraction = Duration::MAX;
    let mut parsing = Duration::MAX;
    let budget = Duration::from_millis(if quick { 1 } else { 700 });
    let start = Instant::now();
    while start.elapsed() < budget {
        extraction = extraction.min(time::<Incoming>(extract));
        parsing = parsing.min(time(|| serde_json::from_slice::<T>(body).unwrap()));
    }
    let allocations = allocation_counter::measure(|| {
        black_box(extract());
    });
    println!(
        "{event:<28}{size:>8}{:>11.2} us{:>11.2} us{:>7.1} %{:>8}",
        extraction.as_secs_f64() * 1e6,
        parsing.as_secs_f64() * 1e6,
        extraction.as_secs_f64() / parsing.as_secs_f64() * 100.0,
        allocations.count_total,
    );
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
