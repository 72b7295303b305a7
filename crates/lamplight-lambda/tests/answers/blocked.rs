//! Handlers that block their thread until their time is up.

use crate::function::MARGIN;
use crate::real::Process;
use serde_json::{Value as Json, json};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// The time of a function that is given up after a second.
const TIME: Duration = MARGIN.saturating_add(Duration::from_secs(1));

/// The function that blocks, on each flavor of runtime.
fn functions() -> [(&'static str, Process); 3] {
    ["current_thread", "multi_thread", "timeless"]
        .map(|flavor| (flavor, Process::start("block", flavor, "after-response")))
}

#[test]
fn a_handler_that_blocks_past_its_deadline_is_delivered_as_timeout() {
    let functions = functions();
    for (_, process) in &functions {
        // Its connection is one of the runtime that is blocked next.
        process.invoke(&json!({}), MINUTE);
        process.spans(1);
        process.invoke(&json!({"blocked": 600_000}), TIME);
    }
    for (flavor, process) in &functions {
        let spans = process.spans(2);
        assert_eq!(spans[0]["error.type"], Json::Null, "{flavor}");
        assert_eq!(spans[1]["error.type"], "timeout", "{flavor}");
        assert_eq!(spans[1]["name"], "orders");
        assert_eq!(process.answered(), 1, "it blocks");
    }
}

#[test]
fn a_handler_that_blocks_and_finishes_late_answers_and_the_next_is_as_ever() {
    let functions = functions();
    for (_, process) in &functions {
        process.invoke(&json!({"blocked": 5_000}), TIME);
        process.invoke(&json!({"blocked": 0}), MINUTE);
    }
    for (flavor, process) in &functions {
        let spans = process.spans(2);
        assert_eq!(spans[0]["error.type"], "timeout", "{flavor}");
        assert_eq!(spans[0]["test.late"], Json::Null, "it ends once");
        assert_eq!(spans[1]["error.type"], Json::Null, "{flavor}");
        assert_eq!(spans[1]["test.late"], "true");
        let answers = process.answers(2);
        assert!(answers.iter().all(|answer| !answer.is_error), "{answers:?}");
    }
}

#[test]
fn a_handler_that_blocks_and_is_in_time_is_no_timeout() {
    let process = Process::start("block", "current_thread", "after-response");
    for count in 1..=3 {
        process.invoke(&json!({"blocked": 100}), MINUTE);
        assert_eq!(process.spans(count)[count - 1]["error.type"], Json::Null);
    }
}
