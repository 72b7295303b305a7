//! Whatever the event, the answer is the one the function gives without telemetry.

use crate::function;
use lamplight_tests::Kinesis;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Every kind of event there is a golden file for, well-formed and not.
fn golden_events() -> Vec<(String, Value)> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/lamplight-propagation/tests/golden");
    let mut events = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let golden: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        events.push((name, golden["event"].clone()));
    }
    events.sort_by(|(a, _), (b, _)| a.cmp(b));
    events
}

#[tokio::test]
async fn every_golden_event_is_answered_as_without_telemetry_byte_for_byte() {
    let kinesis = Kinesis::start().await;
    let with = function().with_variables(kinesis.variables());
    let without = function().with_variable("OTEL_SDK_DISABLED", "true");
    let (mut with, mut without) = (with.start().await, without.start().await);
    let events = golden_events();
    assert!(events.len() > 50, "{} events", events.len());
    for (name, event) in &events {
        let a = with.invoke(event.clone()).await;
        let b = without.invoke(event.clone()).await;
        assert_eq!((a.is_error, a.body), (b.is_error, b.body), "{name}");
    }
    // Not all: some events are of traces that are not sampled.
    let spans = kinesis.spans(events.len() / 2).await;
    assert!(spans.len() <= events.len());
    let log = with.end();
    assert_eq!(log.lines().count(), 0, "{log:#?}");
}
