//! Code that an invocation's context has not reached.

use std::time::Duration;

use serde_json::json;

use super::real::Process;

#[test]
fn a_handle_outside_its_invocation_is_explained_once_to_who_debugs() {
    let process = Process::start("lost", "current_thread", "after-response");
    for count in 1..=2 {
        process.invoke(&json!({}), Duration::from_secs(60));
        process.spans(count);
    }
    let [line] = process.lines_with("no-invocation").try_into().unwrap();
    assert!(
        line.contains("DEBUG") && line.contains("with_current_context"),
        "{line}"
    );
}
