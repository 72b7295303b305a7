//! The whole broker on a local AWS: what `cargo demo` runs, with the executables of this build.

#![expect(clippy::expect_used, reason = "the helpers of a test")]

use std::collections::{HashMap, HashSet};

use lamplight::semconv::{app, faas, messaging};
use lamplight_codegen::{Checker, Registry};
use lamplight_demo::{
    Functions, Options,
    run::{self, Report, Span, Trace},
};

/// As many orders as `cargo demo` sends; two of them are refused.
const ORDERS: usize = 20;

#[test]
fn every_order_is_one_whole_trace() {
    let functions = Functions {
        ingress: env!("CARGO_BIN_EXE_ingress").into(),
        egress: env!("CARGO_BIN_EXE_egress").into(),
        subscriber: env!("CARGO_BIN_EXE_subscriber").into(),
        relay: env!("CARGO_BIN_EXE_relay").into(),
    };
    let options = Options {
        orders: ORDERS,
        functions,
        ..Options::default()
    };
    let report = run::run(&options).expect("the demo runs");
    println!("{}\n{}", report.trees(true).expect("trees"), report.summary);

    assert_eq!(report.flaws, [] as [&str; 0]);
    let summary = &report.summary;
    assert!(summary.is_good(), "{summary}");
    assert_eq!((summary.requests, summary.accepted), (ORDERS, ORDERS));
    assert_eq!((summary.broken, summary.lost), (0, 0));
    assert_eq!(summary.malformed_status, 400);
    assert_eq!(summary.dead_lettered, 2, "{summary}");

    everything_recorded_follows_the_conventions(&report);
    orders_have_traces_of_their_own(&report);
    part_of_a_batch_failed(&report);
    batches_and_records_are_linked(&report);
    the_page_shows_each_order(&report);
    context_reaches_the_last_function(&report);
    each_process_had_one_cold_start(&report);
}

/// Spans, events, links and resources, as they left the functions.
fn everything_recorded_follows_the_conventions(report: &Report) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../semconv");
    let checker = Checker::new(Registry::load(folder).expect("a sound registry"));
    let mut spans = 0;
    for record in &report.records {
        let found = checker.check_otlp(record).expect("OTLP");
        assert!(found.is_clean(), "{found}");
        spans += found.spans();
    }
    let arrived: usize = report.traces.iter().map(|trace| trace.spans.len()).sum();
    assert_eq!(spans, arrived + report.summary.duplicates);
}

fn the_page_shows_each_order(report: &Report) {
    let page = std::fs::read_to_string(&report.page).expect("the page");
    for sent in &report.sent {
        let id = sent.trace_id.as_ref().expect("a trace");
        assert!(page.contains(&format!("id=\"trace-{id}\"")), "{id}");
    }
    for text in [
        "in SQS event-broker-orders",
        "attempt 1 of 2",
        "attempt 2, none after it",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

fn orders_have_traces_of_their_own(report: &Report) {
    let ids: HashSet<_> = report
        .sent
        .iter()
        .filter_map(|sent| sent.trace_id.as_ref())
        .collect();
    assert_eq!(ids.len(), ORDERS);
}

fn part_of_a_batch_failed(report: &Report) {
    assert!(report.summary.partial_failures >= 1, "{}", report.summary);
    for sent in &report.sent {
        let id = sent.trace_id.as_ref().expect("a trace");
        let trace = report
            .traces
            .iter()
            .find(|trace| trace.id == *id)
            .expect("the trace arrived");
        let (failed, delivered): (Vec<_>, Vec<_>) =
            records(trace).partition(|record| record.error.is_some());
        if sent.refused {
            // Each attempt is a span of its own in the order's one trace.
            assert_eq!((failed.len(), delivered.len()), (2, 0), "{}", sent.order);
            let mut attempts: Vec<_> = failed
                .iter()
                .filter_map(|record| record.attribute(app::event::consumer::ATTEMPT_NUMBER))
                .collect();
            attempts.sort_unstable();
            assert_eq!(attempts, ["1", "2"]);
        } else {
            assert_eq!((failed.len(), delivered.len()), (0, 1), "{}", sent.order);
        }
    }
}

fn batches_and_records_are_linked(report: &Report) {
    let spans: HashMap<_, _> = report
        .traces
        .iter()
        .flat_map(|trace| &trace.spans)
        .map(|span| (span.id(), span))
        .collect();
    for link in spans.values().flat_map(|span| &span.links) {
        assert!(spans.contains_key(link), "{link:?} leads nowhere");
    }

    let batches: Vec<_> = spans.values().filter(|span| size(span) > 1).collect();
    assert!(!batches.is_empty(), "egress got no batch of several");
    for batch in batches {
        assert_eq!(batch.links.len(), size(batch), "a link for each record");
        let linked_back = spans
            .values()
            .filter(|span| span.links.contains(&batch.id()));
        let records: HashSet<_> = linked_back.map(|record| &record.trace_id).collect();
        let ahead: HashSet<_> = batch.links.iter().map(|(trace_id, _)| trace_id).collect();
        assert_eq!(records, ahead, "the records of the batch link to it");
    }
}

fn context_reaches_the_last_function(report: &Report) {
    for trace in &report.traces {
        for record in records(trace) {
            let latency = record.attribute(app::event::EVENTBROKER_LATENCY_MS);
            let latency: f64 = latency.expect("a latency").parse().expect("a number");
            assert!((0.0..120_000.0).contains(&latency), "{latency} ms");
        }
        let subscriber = trace
            .spans
            .iter()
            .filter(|span| span.service == "subscriber");
        for span in records(trace).chain(subscriber) {
            assert_eq!(
                span.attribute(app::event::producer::APPLICATION),
                Some("web-shop")
            );
        }
    }
}

fn each_process_had_one_cold_start(report: &Report) {
    let mut instances: HashMap<(&str, &str), usize> = HashMap::new();
    for span in report.traces.iter().flat_map(|trace| &trace.spans) {
        if let (Some(cold), Some(instance)) = (
            span.attribute(faas::COLDSTART),
            span.attribute(faas::INSTANCE),
        ) {
            *instances.entry((&span.service, instance)).or_default() += usize::from(cold == "true");
        }
    }
    assert!(instances.values().all(|cold| *cold == 1), "{instances:?}");
}

/// The spans in which egress handled the order.
fn records(trace: &Trace) -> impl Iterator<Item = &Span> {
    let handled = |span: &&Span| {
        span.attribute(app::event::consumer::ATTEMPT_NUMBER)
            .is_some()
    };
    trace
        .spans
        .iter()
        .filter(move |span| span.service == "egress")
        .filter(handled)
}

/// Records of a batch; 0 if the span is not of a batch.
fn size(span: &Span) -> usize {
    let count = span.attribute(messaging::batch::MESSAGE_COUNT);
    count
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}
