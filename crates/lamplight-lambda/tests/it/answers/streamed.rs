//! Streamed responses on the real runtime.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::real::Process;

const MINUTE: Duration = Duration::from_secs(60);

/// Invokes the function that streams, and gives its span and those of its chunks.
fn stream(second: &str, policy: &str, chunks: usize) -> (Process, Json, Vec<Json>) {
    let process = Process::start("stream", "current_thread", policy);
    process.invoke(&json!({ "second": second }), MINUTE);
    let mut spans = process.spans(chunks + 1);
    let root = spans.iter().position(|span| span["name"] == "orders");
    let root = spans.remove(root.unwrap());
    for chunk in &spans {
        assert_eq!(chunk["trace"], root["trace"]);
        assert_eq!(chunk["parent"], root["id"]);
    }
    assert_eq!(root["test.chunks"], chunks.to_string());
    (process, root, spans)
}

#[test]
fn a_stream_runs_in_its_invocation_to_its_end() {
    for second in ["", "later"] {
        let (process, root, _) = stream(second, "after-response", 4);
        assert_eq!(root["error.type"], Json::Null);
        assert_eq!(root["status"], "Unset");
        let [answer] = process.answers(1).try_into().unwrap();
        assert!(
            answer.is_whole && answer.body.contains("chunk 1;"),
            "{answer:?}"
        );
    }
}

#[test]
fn an_error_in_a_stream_is_the_invocations() {
    let (process, root, _) = stream("error", "after-response", 4);
    assert_eq!(root["error.type"], "it::answers::function::Broken");
    assert_eq!(
        root["status"],
        r#"Error { description: "the disk is full" }"#
    );
    let event = &root["events"][0];
    assert_eq!(event["name"], "exception");
    assert_eq!(event["attributes"]["exception.message"], "the disk is full");
    let [answer] = process.answers(1).try_into().unwrap();
    let bare = Process::start("stream", "current_thread", "bare");
    bare.invoke(&json!({"second": "error"}), MINUTE);
    assert_eq!(bare.answers(1), [answer], "as without");
}

#[test]
fn a_panic_in_a_stream_is_the_invocations() {
    let (_process, root, _) = stream("panic", "after-response", 2);
    assert_eq!(root["error.type"], "panic");
    assert_eq!(
        root["status"],
        r#"Error { description: "no second chunk" }"#
    );
    let place = root["events"][0]["attributes"]["exception.stacktrace"].as_str();
    assert!(place.unwrap().contains("function.rs:"), "{place:?}");
}

#[test]
fn before_the_response_means_before_the_end_of_a_stream() {
    let (process, root, _) = stream("error", "before-response", 4);
    assert_eq!(root["error.type"], "it::answers::function::Broken");
    let [answer] = process.answers(1).try_into().unwrap();
    assert!(answer.is_whole, "{answer:?}");
}
