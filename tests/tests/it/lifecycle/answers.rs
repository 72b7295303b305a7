//! For every event, the response is the one that the function returns without telemetry.

use std::{fs, path::Path};

use lamplight_tests::Kinesis;
use serde_json::Value;

use crate::lifecycle::function;

/// Returns every kind of event with a golden file, well-formed or not.
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

/// Compares the responses to all golden events of a function with telemetry and of one without Lamplight.
async fn assert_same_answers(with: &str, without: &str) {
    let kinesis = Kinesis::start().await;
    let with_telemetry = function()
        .with_variables(kinesis.variables())
        .with_variable("FUNCTION_WAY", with);
    let bare = function()
        .with_variable("OTEL_SDK_DISABLED", "true")
        .with_variable("FUNCTION_WAY", without);
    let (mut with_telemetry, mut bare) = (with_telemetry.start().await, bare.start().await);
    let events = golden_events();
    assert!(events.len() > 50, "{} events", events.len());
    let mut answered = 0;
    for (name, event) in &events {
        let a = with_telemetry.invoke(event.clone()).await;
        let b = bare.invoke(event.clone()).await;
        assert_eq!(
            String::from_utf8_lossy(&a.body),
            String::from_utf8_lossy(&b.body),
            "{with}: {name}"
        );
        assert_eq!((a.is_error, a.body), (b.is_error, b.body), "{with}: {name}");
        answered += usize::from(!b.is_error);
    }
    assert!(answered > 8, "{with}: only {answered} were no errors");
    // Not all of them, because some events belong to traces that are not sampled.
    let spans = kinesis.spans(events.len() / 2).await;
    assert!(spans.len() <= events.len());
    let log = with_telemetry.end();
    assert_eq!(log.lines().count(), 0, "{log:#?}");
}

#[tokio::test]
async fn every_golden_event_is_answered_as_without_lamplight_byte_for_byte() {
    tokio::join!(
        assert_same_answers("run", "bare"),
        assert_same_answers("wrap", "bare"),
    );
}

#[tokio::test]
async fn every_golden_event_is_answered_as_by_lambda_http_byte_for_byte() {
    tokio::join!(
        assert_same_answers("http", "http-bare"),
        assert_same_answers("streaming", "streaming-bare"),
    );
}
