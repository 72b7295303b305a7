//! The function behind an event source mapping, without Lambda.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lamplight_relay::{
    function::{Answer, Batch, Handler},
    metrics,
    relay::{Lane, Relay, RelayBuilder},
    rules::{Condition, Rule},
    sink::{BoxFuture, DeadLetter, DeadLetters, Outcome, SinkSettings},
};
use serde_json::{Value, json};

use super::spans::{Keep, request, trace};

const SHARD: &str = "shardId-000000000006";
pub(super) const WITHIN: Duration = Duration::from_secs(60);

pub(super) fn record(sequence: u32, data: &[u8]) -> Value {
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "key",
            "sequenceNumber": sequence.to_string(),
            "data": STANDARD.encode(data),
            "approximateArrivalTimestamp": 1_700_000_000.0 + f64::from(sequence) * 0.25,
        },
        "eventSource": "aws:kinesis",
        "eventID": format!("{SHARD}:{sequence}"),
    })
}

pub(super) fn batch(records: &[Value]) -> Batch {
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

fn errors_and_a_tenth() -> RelayBuilder {
    Relay::builder()
        .rule(Rule::keep("errors", Condition::error()))
        .rule(Rule::probability("tenth", Condition::always(), 0.1))
}

async fn answer(relay: RelayBuilder, records: &[Value]) -> Value {
    let handler = Handler::new(relay).unwrap();
    let answer: Answer = handler.handle(batch(records), WITHIN).await;
    serde_json::to_value(answer).unwrap()
}

/// Dead letters in memory.
#[derive(Default)]
struct Letters(Mutex<Vec<DeadLetter>>);

impl DeadLetters for Letters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_sampled_by_its_traces_and_delivered() {
    let sink = Keep::accepting("backend");
    let relay = errors_and_a_tenth().sink(sink.clone(), SinkSettings::default(), Lane::all());
    let records = [
        record(1, &request(trace(0, false), 1, false)),
        record(2, &request(trace(1, false), 1, false)),
        record(3, &request(trace(0, false), 2, true)),
        record(4, &request(trace(2, true), 1, false)),
    ];
    assert_eq!(
        answer(relay, &records).await,
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(sink.ids(), [(0, 1), (0, 2), (2, 1)]);
    let tenth = sink
        .spans()
        .into_iter()
        .find(|span| span.trace_id[0] == 3)
        .unwrap();
    assert_eq!(tenth.trace_state, "ot=th:e666");
    let error = sink
        .spans()
        .into_iter()
        .find(|span| span.trace_id[0] == 1)
        .unwrap();
    assert_eq!(error.trace_state, "ot=th:0");
}

#[tokio::test(start_paused = true)]
async fn the_third_record_fails_and_the_answer_names_it_and_no_other() {
    // powertools-lambda-java#1820: records after the first failure are retried anyway.
    let sink = Keep::answering("backend", |spans| {
        match spans.iter().any(|(number, _)| [2, 4].contains(number)) {
            true => Outcome::Retryable {
                after: None,
                why: "away".to_owned(),
            },
            false => Outcome::accepted(),
        }
    });
    // Each trace in its own request.
    let mut settings = SinkSettings::default();
    settings.max_request_bytes = 1;
    let relay = Relay::builder().sink(sink.clone(), settings, Lane::all());
    let records: Vec<_> = (0..5)
        .map(|number| {
            record(
                101 + u32::from(number),
                &request(trace(number, false), 1, false),
            )
        })
        .collect();
    let answer = answer(relay, &records).await;
    assert_eq!(
        answer,
        json!({ "batchItemFailures": [{ "itemIdentifier": "103" }] })
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_is_a_dead_letter_and_no_failure() {
    let (sink, letters) = (Keep::accepting("backend"), Arc::new(Letters::default()));
    let relay = Relay::builder().dead_letters(letters.clone()).sink(
        sink.clone(),
        SinkSettings::default(),
        Lane::all(),
    );
    let mut bad_base64 = record(12, b"");
    bad_base64["kinesis"]["data"] = json!("%%%");
    let records = [
        record(11, b"not OTLP"),
        bad_base64,
        record(13, &request(trace(0, false), 1, false)),
        json!({ "kinesis": { "sequenceNumber": "14" }, "eventID": format!("{SHARD}:14") }),
    ];
    assert_eq!(
        answer(relay, &records).await,
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(sink.ids(), [(0, 1)]);
    let letters = letters.0.lock().unwrap();
    let mut places: Vec<_> = letters
        .iter()
        .map(|letter| {
            let [id] = &letter.records[..] else {
                panic!("{letter:?}")
            };
            (id.shard.to_string(), id.sequence.to_string())
        })
        .collect();
    places.sort();
    let places: Vec<_> = places
        .iter()
        .map(|(shard, place)| (&**shard, &**place))
        .collect();
    assert_eq!(places, [(SHARD, "11"), (SHARD, "12"), (SHARD, "14")]);
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_never_answers_ends_with_the_time_and_holds_no_other_one_up() {
    let hangs = Arc::new(Hangs);
    let works = Keep::accepting("works");
    let relay = Relay::builder()
        .sink(hangs, SinkSettings::best_effort(), Lane::all())
        .sink(works.clone(), SinkSettings::default(), Lane::all());
    let started = tokio::time::Instant::now();
    let answer = answer(relay, &[record(1, &request(trace(0, false), 1, false))]).await;
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(works.ids(), [(0, 1)]);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}

pub(super) struct Hangs;

impl lamplight_relay::sink::Sink for Hangs {
    fn name(&self) -> &str {
        "hangs"
    }

    fn send(&self, _: lamplight_relay::sink::Request) -> BoxFuture<'_, Outcome> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn all_spans_are_measured_once_though_a_batch_is_tried_again() {
    let is_away = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let away = is_away.clone();
    let sink = Keep::answering("backend", move |spans| {
        let is_away = away.load(std::sync::atomic::Ordering::Relaxed);
        match is_away && spans.iter().any(|(number, _)| *number == 1) {
            true => Outcome::Retryable {
                after: None,
                why: "away".to_owned(),
            },
            false => Outcome::accepted(),
        }
    });
    let mut settings = SinkSettings::default();
    settings.max_request_bytes = 1;
    let mut lane = Lane::all();
    lane.metrics = true;
    let relay =
        Relay::builder()
            .metrics(metrics::Settings::default())
            .sink(sink.clone(), settings, lane);
    let handler = Handler::new(relay).unwrap();
    let records: Vec<_> = (0..3)
        .map(|number| record(u32::from(number), &request(trace(number, false), 1, false)))
        .collect();
    let first = handler.handle(batch(&records), WITHIN).await;
    let failed: usize = first.failed.unwrap().as_str().parse().unwrap();
    assert_eq!(failed, 1);
    assert_eq!(sink.calls(), 1.0);
    is_away.store(false, std::sync::atomic::Ordering::Relaxed);
    let again = handler.handle(batch(&records[failed..]), WITHIN).await;
    assert_eq!(again.failed, None);
    assert_eq!(sink.calls(), 3.0);
}
