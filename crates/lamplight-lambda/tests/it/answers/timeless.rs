//! A Tokio runtime without timers.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{function::MARGIN, real::Process};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_function_on_a_runtime_without_timers_is_traced_and_told_once() {
    for policy in ["after-response", "adaptive", "before-response"] {
        let process = Process::start("await", "timeless", policy);
        for count in 1..=3 {
            process.invoke(&json!({ "count": count }), MINUTE);
            let answers = process.answers(count);
            assert_eq!(
                answers[count - 1].body,
                json!({ "count": count }).to_string()
            );
            assert_eq!(process.spans(count)[count - 1]["error.type"], Json::Null);
        }
        assert_eq!(process.lines_with("no-timers").len(), 1, "{policy}");
        assert_eq!(process.lines_now("panicked"), [""; 0], "{policy}");
    }
}

#[test]
fn a_deadline_is_kept_on_a_runtime_without_timers() {
    let process = Process::start("never", "timeless", "after-response");
    process.invoke(&json!({}), MARGIN + Duration::from_secs(1));
    let [span] = process.spans(1).try_into().unwrap();
    assert_eq!(span["error.type"], "timeout");
    assert_eq!(process.answered(), 0);
}
