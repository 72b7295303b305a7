//! The journeys of the demo: orders through API Gateway, EventBridge, SQS and Lambda.

use std::sync::LazyLock;

use lamplight_view::{
    journey::{Journey, Journeys, Node},
    read::Found,
    span::{Decoded, Status, TraceId},
    store::{Settings, SqliteStore, Store as _},
};

use crate::outline::outline;

/// All journeys of a run, from the response of `aws kinesis get-records`.
static JOURNEYS: LazyLock<Journeys> = LazyLock::new(|| {
    let mut found = Found::default();
    found.add("demo.json", include_bytes!("../data/demo.json"));
    assert_eq!(found.problems, [""; 0]);
    let decoded = found.requests.iter().map(|it| Decoded::of(it));
    Journeys::new(decoded.flat_map(|it| it.spans))
});

fn journey(trace: &str) -> Journey {
    JOURNEYS.journey(TraceId::from_hex(trace).unwrap())
}

/// Returns the nodes with a name.
fn named<'a>(journey: &'a Journey, name: &str) -> Vec<&'a Node> {
    let is_it = |node: &&Node| node.span().is_some_and(|span| span.name == name);
    journey.nodes.iter().filter(is_it).collect()
}

/// Returns the waits of a node, each in milliseconds.
fn waits(node: &Node) -> Vec<(&str, u64)> {
    (node.waits.iter())
        .map(|wait| (wait.place.as_str(), wait.duration() / 1_000_000))
        .collect()
}

const PROCESS: &str = "process event-broker-orders";

#[test]
fn an_order_in_a_batch_waited_in_the_queue_and_behind_others() {
    let journey = journey("136d1d69ca44ad4d50f0cd8f44f465e5");
    let names: Vec<_> = journey
        .nodes
        .iter()
        .map(|node| node.span().unwrap().name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "POST /orders",
            "EventBridge.PutEvents",
            PROCESS,
            "Lambda.Invoke",
            "event-broker-subscriber"
        ]
    );
    let record = named(&journey, PROCESS)[0];
    assert_eq!(
        waits(record),
        [
            ("SQS event-broker-orders", 689),
            ("earlier records of its batch", 209)
        ]
    );
    assert!(record.waits[0].measured);
    assert_eq!(record.waits[0].system.as_deref(), Some("aws_sqs"));
    let batch = &journey.batches[record.batch.unwrap()];
    assert_eq!(batch.number(record.span().unwrap().id()), Some(3));
    assert_eq!(
        (batch.size(), batch.failed, batch.records.len()),
        (8, Some(1), 8)
    );
    assert_eq!(
        batch.invocation.as_ref().unwrap().name,
        "event-broker-egress"
    );
    let failed = batch.records.iter().filter(|it| it.status == Status::Error);
    assert_eq!(failed.count(), 1);
    assert!(journey.attempts.is_empty());
    assert!(journey.nodes.iter().all(|node| node.critical));
}

#[test]
fn an_order_that_came_alone_waited_for_cold_starts() {
    let journey = journey("44b0863c04e9251a7ba99b47190b9f5c");
    let [request, _, invocation, record, _, subscriber] = journey.nodes.as_slice() else {
        panic!("{:?}", journey.nodes);
    };
    assert_eq!(waits(request), [("cold start", 75)]);
    assert_eq!(
        waits(invocation),
        [("SQS event-broker-orders", 688), ("cold start", 14)]
    );
    assert_eq!(waits(record), []);
    assert_eq!(waits(subscriber), [("Lambda", 293), ("cold start", 9)]);
    assert_eq!((invocation.batch, record.batch), (Some(0), Some(0)));
    assert_eq!(journey.batches[0].size(), 1);
    assert_eq!(journey.begin, request.waits[0].start);
}

#[test]
fn an_order_that_is_refused_shows_its_attempts() {
    let journey = journey("99f25deff361e3b112af79c37bcfbf19");
    let records = named(&journey, PROCESS);
    let [attempts] = journey.attempts.as_slice() else {
        panic!("{:?}", journey.attempts);
    };
    assert_eq!(records.len(), 2);
    assert_eq!(attempts.deliveries.len(), 2);
    assert_eq!((attempts.system.as_str(), attempts.open), ("aws_sqs", true));
    assert_eq!(records[0].attempts, Some(0));
    assert_eq!(records[1].attempts, Some(0));
    // The wait of the second begins when the first has failed.
    assert_eq!(records[1].waits[0].start, records[0].end);
    assert_eq!(waits(records[1]), [("SQS event-broker-orders", 4422)]);
    assert_ne!(records[0].batch, records[1].batch);
    // The second one determines the end, not the first.
    assert!(records[1].critical);
}

#[test]
fn a_batch_shows_its_records_of_other_traces() {
    let journey = journey("79dcaf35f991f59c51173ed0d81dc636");
    let [invocation] = journey.nodes.as_slice() else {
        panic!("{:?}", journey.nodes);
    };
    let batch = &journey.batches[invocation.batch.unwrap()];
    assert_eq!((batch.records.len(), batch.failed), (2, Some(2)));
    let records: Vec<_> = batch.records.iter().map(|record| record.id()).collect();
    assert_eq!(invocation.linked_from.len(), 2);
    assert!(records.iter().all(|id| invocation.linked_from.contains(id)));
}

#[test]
fn a_store_tells_the_same_journeys() {
    let mut found = Found::default();
    found.add("demo.json", include_bytes!("../data/demo.json"));
    let store = SqliteStore::in_memory(Settings::default()).unwrap();
    for request in &found.requests {
        store.add(request).unwrap();
    }
    let traces = JOURNEYS.traces();
    assert_eq!(traces.len(), 24);
    for trace in traces {
        let stored = Journey::new(trace, store.around(trace).unwrap());
        assert_eq!(outline(&stored), outline(&JOURNEYS.journey(trace)));
        let batches = |it: &Journey| {
            let batches = it.batches.iter();
            let batches = batches.map(|batch| (batch.id, batch.records.len()));
            batches.collect::<Vec<_>>()
        };
        assert_eq!(batches(&stored), batches(&JOURNEYS.journey(trace)));
        let flushes = |it: &Journey| it.nodes.iter().map(|node| node.flush).collect::<Vec<_>>();
        assert_eq!(flushes(&stored), flushes(&JOURNEYS.journey(trace)));
    }
}
