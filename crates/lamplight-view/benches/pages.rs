//! Time and size of the page of a long trace.
//!
//! `cargo bench -p lamplight-view --bench pages`; numbers of spans are optional arguments: `--
//! 10000 1000000`.

// The index in a list of four is a remainder of four.
#![allow(clippy::indexing_slicing)]

use std::{hint::black_box, sync::Arc, time::Instant};

use lamplight_semconv::{aws, faas, http, lamplight, messaging, rpc, service};
use lamplight_view::{
    journey::{Around, Journey},
    page::{
        Addresses, Scale,
        trace::{TraceOptions, trace},
    },
    span::{Attribute, Attributes, Kind, Resource, Scope, Span, SpanId, TraceId, Value},
};

const TRACE: TraceId = TraceId([7; 16]);
const MILLI: u64 = 1_000_000;
const BEGIN: u64 = 1_795_694_400_000 * MILLI;

fn main() {
    // Cargo adds `--bench`.
    let numbers = std::env::args().filter_map(|it| it.parse().ok());
    let mut numbers: Vec<u64> = numbers.collect();
    if numbers.is_empty() {
        numbers = vec![10_000, 100_000];
    }
    println!("spans     what                    ms      KiB");
    for number in numbers {
        let spans = spans(number);
        let (journey, ms) = timed(|| {
            Journey::new(
                TRACE,
                Around {
                    spans: spans.clone(),
                    ..Around::default()
                },
            )
        });
        println!("{number:<9} {:<20} {ms:>6.1}", "journey");
        let mut critical = TraceOptions::new(Addresses::Paths);
        critical.critical = true;
        critical.scale = Scale::True;
        critical.selected = Some(id(number / 2));
        let mut all = TraceOptions::new(Addresses::Paths);
        all.limit = usize::MAX;
        for (what, options) in [
            ("page", TraceOptions::new(Addresses::Paths)),
            ("page, a span open", critical),
            ("page in a file", TraceOptions::new(Addresses::Fragments)),
            ("page, every row", all),
        ] {
            let (page, ms) = timed(|| trace(&journey, &options).into_string());
            println!("{number:<9} {what:<20} {ms:>6.1} {:>8}", page.len() / 1024);
        }
    }
}

/// Returns the fastest of a few runs, in milliseconds.
fn timed<T>(mut run: impl FnMut() -> T) -> (T, f64) {
    let mut best = f64::MAX;
    let mut result = None;
    for _ in 0..5 {
        let start = Instant::now();
        let made = black_box(run());
        best = best.min(start.elapsed().as_secs_f64() * 1_000.0);
        result = Some(made);
    }
    (result.unwrap_or_else(run), best)
}

fn id(number: u64) -> SpanId {
    SpanId((number + 1).to_be_bytes())
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

fn attributes(pairs: Vec<(&str, Value)>) -> Attributes {
    let attribute = |(key, value): (&str, Value)| Attribute {
        key: key.to_owned(),
        value,
    };
    pairs.into_iter().map(attribute).collect()
}

/// A function that sends a thousand messages at a time, each of which is processed by another one.
fn spans(number: u64) -> Vec<Span> {
    let by = |name: &str| {
        let mut resource = Resource::default();
        resource.attributes = attributes(vec![
            (faas::NAME, text(name)),
            (service::NAME, text(name)),
            (faas::VERSION, text("$LATEST")),
            (
                faas::INSTANCE,
                text("2026/11/26/[$LATEST]2f399eb14537447da05ab2a2e39309de"),
            ),
            (faas::MAX_MEMORY, Value::Int(268_435_456)),
        ]);
        Arc::new(resource)
    };
    let functions: Vec<Arc<Resource>> = ["ingress", "egress", "subscriber", "billing"]
        .map(by)
        .to_vec();
    let scope = Arc::new(Scope::default());
    let span = |place: u64| {
        let function = functions[(place % 4) as usize].clone();
        let mut span = Span::empty(function, Arc::clone(&scope));
        span.trace_id = TRACE;
        span.span_id = id(place);
        // Wide at the top, three levels below each message.
        span.parent = match place {
            0 => None,
            _ if place % 4 == 1 => Some(id(place / 4_000 * 4_000)),
            _ if place.is_multiple_of(4_000) => Some(id(0)),
            _ => Some(id(place - 1)),
        };
        let start = BEGIN + place * 300_000 + (place % 4) * 40 * MILLI;
        (span.start, span.end) = (start, start + 90 * MILLI - (place % 4) * 20 * MILLI);
        let mut pairs = vec![
            (rpc::METHOD, text("SendMessage")),
            (http::response::STATUS_CODE, Value::Int(200)),
            (
                aws::REQUEST_ID,
                text("1e6b38e1-0c97-4ca0-971f-8461e684af4f"),
            ),
            (lamplight::aws::ATTEMPTS, Value::Int(1)),
        ];
        if place % 4 == 2 {
            span.kind = Kind::Consumer;
            "process orders".clone_into(&mut span.name);
            pairs.extend([
                (messaging::SYSTEM, text("aws_sqs")),
                (messaging::destination::NAME, text("orders")),
                (messaging::message::ID, text(&format!("m-{place}"))),
                (lamplight::queue::LATENCY_MS, Value::Double(31.5)),
            ]);
        } else {
            span.kind = Kind::Client;
            "SQS.SendMessage".clone_into(&mut span.name);
            pairs.push((rpc::system::NAME, text("aws-api")));
        }
        span.attributes = attributes(pairs);
        span
    };
    (0..number).map(span).collect()
}
