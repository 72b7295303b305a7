//! Batches that are retried, and the function's own telemetry.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use lamplight_relay::{
    function::Handler,
    metrics,
    relay::{Lane, Relay, RelayBuilder},
    sink::{BoxFuture, DeadLetter, DeadLetters, Outcome, SinkSettings},
};
use serde_json::{Value, json};

use super::{
    batch::{Hangs, WITHIN, batch, record},
    spans::{Keep, request, trace},
};

/// Dead letters in memory, which may fail.
#[derive(Default)]
struct Letters {
    is_away: AtomicBool,
    kept: Mutex<Vec<String>>,
}

impl DeadLetters for Letters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        if self.is_away.load(Relaxed) {
            return Box::pin(async { Err("away".to_owned()) });
        }
        let numbers = letter.records.iter().map(|id| id.sequence.to_string());
        self.kept.lock().unwrap().extend(numbers);
        Box::pin(async { Ok(()) })
    }
}

impl Letters {
    fn kept(&self) -> Vec<String> {
        let mut kept = self.kept.lock().unwrap().clone();
        kept.sort();
        kept
    }
}

fn retryable() -> Outcome {
    Outcome::Retryable {
        after: None,
        why: "away".to_owned(),
    }
}

/// Returns a relay with metrics, with each trace in its own request.
fn measuring(sink: &Arc<Keep>, letters: &Arc<Letters>) -> RelayBuilder {
    let (mut settings, mut lane) = (SinkSettings::default(), Lane::all());
    settings.max_request_bytes = 1;
    lane.metrics = true;
    Relay::builder()
        .telemetry(Duration::from_secs(60), false)
        .metrics(metrics::Settings::default())
        .dead_letters(letters.clone())
        .sink(sink.clone(), settings, lane)
}

fn good(number: u8) -> Value {
    record(u32::from(number), &request(trace(number, false), 1, false))
}

fn not_base64(number: u32) -> Value {
    let mut record = record(number, b"");
    record["kinesis"]["data"] = json!("%%%");
    record
}

fn sequence(failed: Option<lamplight_relay::record::SequenceNumber>) -> Option<usize> {
    failed.map(|sequence| sequence.as_str().parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_lies_behind_the_first_failure_is_measured_and_becomes_a_dead_letter_once() {
    let letters = Arc::new(Letters::default());
    let is_away = Arc::new(AtomicBool::new(true));
    let away = is_away.clone();
    let sink = Keep::answering("backend", move |spans| {
        match away.load(Relaxed) && spans.iter().any(|(number, _)| *number == 3) {
            true => retryable(),
            false => Outcome::accepted(),
        }
    });
    let handler = Handler::new(measuring(&sink, &letters)).unwrap();
    let records = [
        good(0),
        not_base64(1),
        record(2, b"not OTLP"),
        good(3),
        not_base64(4),
        record(5, b"not OTLP"),
        good(6),
    ];
    let first = handler.handle(batch(&records), WITHIN).await;
    let failed = sequence(first.failed).unwrap();
    assert_eq!(failed, 3);
    assert_eq!(sink.calls(), 1.0);
    assert_eq!(letters.kept(), ["1", "2"]);
    is_away.store(false, Relaxed);
    let again = handler.handle(batch(&records[failed..]), WITHIN).await;
    assert_eq!(again.failed, None);
    assert_eq!(sink.calls(), 3.0);
    assert_eq!(letters.kept(), ["1", "2", "4", "5"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_cannot_be_written_fails_the_batch_and_what_is_before_it_is_measured() {
    let letters = Arc::new(Letters::default());
    let sink = Keep::accepting("backend");
    let handler = Handler::new(measuring(&sink, &letters)).unwrap();
    for unreadable in [not_base64(1), record(1, b"not OTLP")] {
        letters.is_away.store(true, Relaxed);
        letters.kept.lock().unwrap().clear();
        let before = sink.calls();
        let records = [good(0), unreadable, good(2)];
        let first = handler.handle(batch(&records), WITHIN).await;
        let failed = sequence(first.failed).unwrap();
        assert_eq!(failed, 1);
        assert_eq!(sink.calls() - before, 1.0, "the first comes not again");
        letters.is_away.store(false, Relaxed);
        let again = handler.handle(batch(&records[failed..]), WITHIN).await;
        assert_eq!(again.failed, None);
        assert_eq!(sink.calls() - before, 2.0, "and the last is counted once");
        assert_eq!(letters.kept(), ["1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_without_a_number_is_no_reason_to_try_a_batch_again() {
    let letters = Arc::new(Letters::default());
    let sink = Keep::accepting("backend");
    let handler = Handler::new(measuring(&sink, &letters)).unwrap();
    let mut nameless = good(1);
    nameless["kinesis"]["sequenceNumber"] = json!(null);
    let answer = handler.handle(batch(&[nameless, good(2)]), WITHIN).await;
    assert_eq!(answer.failed, None);
    assert_eq!(letters.kept(), [""]);
    assert_eq!(sink.ids(), [(2, 1)]);
}

/// Returns a relay whose sink receives metrics about the relay.
fn telling(sink: &Arc<Keep>, is_metrics: bool) -> RelayBuilder {
    let mut lane = Lane::all();
    lane.metrics = true;
    Relay::builder()
        .telemetry(Duration::from_secs(60), is_metrics)
        .sink(sink.clone(), SinkSettings::default(), lane)
}

#[tokio::test(start_paused = true)]
async fn metrics_of_the_function_itself_go_with_the_first_batch_behind_each_interval() {
    let sink = Keep::accepting("backend");
    let handler = Handler::new(telling(&sink, true)).unwrap();
    let read = || sink.counted("relay.records.read");
    // Reported at its end, and delivered with the next one.
    handler.handle(batch(&[good(0)]), WITHIN).await;
    assert_eq!(read(), 0.0);
    handler
        .handle(batch(&[good(1), not_base64(2)]), WITHIN)
        .await;
    assert_eq!(read(), 1.0);
    handler.handle(batch(&[good(3)]), WITHIN).await;
    assert_eq!(read(), 1.0, "the interval is not over");
    tokio::time::advance(Duration::from_secs(60)).await;
    handler.handle(batch(&[good(4)]), WITHIN).await;
    handler.handle(batch(&[]), WITHIN).await;
    assert_eq!(read(), 5.0);
    assert_eq!(sink.counted("relay.records.refused"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_to_give_no_metrics_of_itself_gives_none() {
    let sink = Keep::accepting("backend");
    let handler = Handler::new(telling(&sink, false)).unwrap();
    for _ in 0..3 {
        handler.handle(batch(&[good(0)]), WITHIN).await;
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    assert_eq!(sink.counted("relay.records.read"), 0.0);
}

#[tokio::test(start_paused = true)]
async fn what_a_sink_that_is_not_critical_did_not_take_is_counted() {
    let sink = Keep::accepting("backend");
    let hangs = SinkSettings::best_effort();
    let relay = telling(&sink, true).sink(Arc::new(Hangs), hangs, Lane::all());
    let handler = Handler::new(relay).unwrap();
    let answer = handler.handle(batch(&[good(0), good(1)]), WITHIN).await;
    assert_eq!(answer.failed, None);
    handler.handle(batch(&[]), WITHIN).await;
    assert_eq!(sink.counted("relay.sink.dropped"), 2.0);
}

#[tokio::test(start_paused = true)]
async fn records_that_come_again_are_told_of_once() {
    let letters = Arc::new(Letters::default());
    let is_away = Arc::new(AtomicBool::new(true));
    let away = is_away.clone();
    let sink = Keep::answering("backend", move |spans| {
        match away.load(Relaxed) && !spans.is_empty() {
            true => retryable(),
            false => Outcome::accepted(),
        }
    });
    let relay = telling(&sink, true).dead_letters(letters.clone());
    let handler = Handler::new(relay).unwrap();
    let records = [not_base64(0), good(1), not_base64(2)];
    let failed = sequence(handler.handle(batch(&records), WITHIN).await.failed).unwrap();
    assert_eq!(failed, 1);
    is_away.store(false, Relaxed);
    tokio::time::advance(Duration::from_secs(60)).await;
    handler.handle(batch(&records[failed..]), WITHIN).await;
    handler.handle(batch(&[]), WITHIN).await;
    assert_eq!(sink.counted("relay.records.read"), 3.0);
    assert_eq!(sink.counted("relay.records.refused"), 2.0);
}
