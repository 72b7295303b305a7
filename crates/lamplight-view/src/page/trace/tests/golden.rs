//! Complete pages in `tests/golden/trace/`: documents that a browser can show, with the style from
//! the sources.
//!
//! `GOLDEN=write cargo test -p lamplight-view --lib trace::tests::golden` writes them; review them
//! afterwards.

use std::{fs, path::Path, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lamplight_otlp::trace::ResourceSpans;
use maud::{DOCTYPE, Markup, html};

use super::support::{Made, at, flushed, id, journey, long, span, trace};
use crate::{
    journey::{Journey, Journeys},
    page::{
        Addresses, Scale,
        trace::{self as pages, TraceOptions},
    },
    span::{Resource, Scope, Span, TraceId},
};

/// Compares a page with the golden file of this name, or writes it.
fn check(name: &str, page: &Markup) {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (name) }
                link rel="stylesheet" href="../../../src/page/assets/page.css";
                link rel="stylesheet" href="../../../src/page/assets/trace.css";
            }
            body { main { (page) } }
        }
    };
    // One line per row, for readable diffs.
    let text = document
        .into_string()
        .replace("<li", "\n<li")
        .replace("<section", "\n<section")
        + "\n";
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/trace/{name}.html"));
    if std::env::var("GOLDEN").is_ok_and(|it| it == "write") {
        fs::write(path, text).unwrap();
        return;
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    assert!(
        known == text,
        "{name}.html is not what is drawn: run \
         `GOLDEN=write cargo test -p lamplight-view --lib trace::tests::golden` and look at it"
    );
}

fn options() -> TraceOptions {
    TraceOptions::new(Addresses::Paths)
}

/// The journeys of a demo run.
fn demo() -> Journeys {
    let answer = include_str!("../../../../tests/data/demo.json");
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let mut spans = Vec::new();
    for record in answer["Records"].as_array().unwrap() {
        let data = BASE64_STANDARD
            .decode(record["Data"].as_str().unwrap())
            .unwrap();
        for resource in ResourceSpans::of(&data).map(Result::unwrap) {
            let by = Arc::new(Resource::decode(resource.resource, resource.schema_url).unwrap());
            for scope in resource.scope_spans().map(Result::unwrap) {
                let with = Arc::new(Scope::decode(scope.scope, scope.schema_url).unwrap());
                for span in scope.spans().map(Result::unwrap) {
                    let span = Span::decode(span.message, Arc::clone(&by), Arc::clone(&with));
                    spans.push(span.unwrap());
                }
            }
        }
    }
    Journeys::new(spans)
}

fn demo_journey(trace: &str) -> Journey {
    demo().journey(TraceId::from_hex(trace).unwrap())
}

/// An order that failed twice, with waits in between.
const FAILED: &str = "99f25deff361e3b112af79c37bcfbf19";

#[test]
fn an_order_of_the_demo() {
    check("demo", &pages::trace(&demo_journey(FAILED), &options()));
}

#[test]
fn an_order_of_the_demo_on_its_true_scale_with_its_critical_path_and_a_span() {
    let journey = demo_journey(FAILED);
    let failed = journey
        .nodes
        .iter()
        .find_map(|node| node.span().filter(|span| span.name == "Lambda.Invoke"));
    let options = TraceOptions {
        scale: Scale::True,
        critical: true,
        selected: failed.map(|span| span.span_id),
        ..options()
    };
    check("demo-critical", &pages::trace(&journey, &options));
}

#[test]
fn an_order_of_the_demo_in_a_file() {
    let options = TraceOptions::new(Addresses::Fragments);
    check("demo-file", &pages::trace(&demo_journey(FAILED), &options));
}

#[test]
fn a_batch_of_the_demo() {
    let journeys = demo();
    let order = journeys.journey(TraceId::from_hex(FAILED).unwrap());
    let batch = order
        .batches
        .iter()
        .max_by_key(|batch| batch.size())
        .unwrap()
        .id;
    let journey = journeys.journey(batch.trace);
    check(
        "demo-batch",
        &pages::invocation(&journey, batch, &options()),
    );
}

#[test]
fn a_message_of_the_demo() {
    let journey = demo_journey(FAILED);
    let id = &journey.attempts[0].message_id;
    check(
        "demo-message",
        &pages::message(id, &journey.attempts, &options()),
    );
}

#[test]
fn a_journey_to_which_everything_happened() {
    check("long", &pages::trace(&journey(long()), &options()));
}

#[test]
fn a_journey_to_which_everything_happened_with_its_failure() {
    let options = TraceOptions {
        selected: Some(id(4)),
        critical: true,
        ..options()
    };
    check("long-failure", &pages::trace(&journey(long()), &options));
}

#[test]
fn a_message_that_was_dead_lettered() {
    let journey = journey(long());
    check(
        "message",
        &pages::message("m-1", &journey.attempts, &options()),
    );
}

#[test]
fn a_batch_of_which_most_did_not_arrive() {
    let spans: Vec<Span> = long().into_iter().map(|Made(span)| span).collect();
    let journey = Journeys::new(spans).journey(trace(2));
    check("batch", &pages::invocation(&journey, at(2, 40), &options()));
}

#[test]
fn an_invocation_with_its_calls() {
    let journey = journey(long());
    check(
        "invocation",
        &pages::invocation(&journey, at(1, 1), &options()),
    );
}

#[test]
fn an_invocation_with_the_flush_behind_it() {
    let journey = flushed();
    check("flush", &pages::trace(&journey, &options()));
    let page = pages::invocation(&journey, at(1, 1), &options());
    check("flush-invocation", &page);
}

#[test]
fn a_trace_with_more_spans_than_rows() {
    let children =
        (2..400).map(|number| span("worker", number, Some(1), "step").time(number, number + 30));
    let chain = (400..900)
        .map(|number| span("worker", number, Some(number - 1), "deeper").time(number, 1_000));
    let root = span("worker", 1, None, "work").time(0, 1_000).invocation();
    let journey = journey([root].into_iter().chain(children).chain(chain));
    check(
        "folded",
        &pages::trace(
            &journey,
            &TraceOptions {
                limit: 60,
                ..options()
            },
        ),
    );
}

#[test]
fn a_trace_without_spans() {
    check("empty", &pages::trace(&journey([]), &options()));
}
