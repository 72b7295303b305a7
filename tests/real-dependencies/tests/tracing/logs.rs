//! Set-up of logs, ids and `tracing` spans in one call.

use serde_json::Value;

use crate::lambda::invoke;

/// Returns the log lines among the lines of standard output.
fn logs(out: &str) -> Vec<Value> {
    out.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["level"].is_string())
        .collect()
}

#[tokio::test]
async fn logs_have_ids_and_spans_are_children_of_the_invocation() {
    let told = invoke("init tracing", &[], 2).await;
    assert_eq!(told.spans("step"), 2, "{}", told.out);
    assert_eq!(told.warnings("no-tracing-layer"), 0, "{}", told.log);
    let logs = logs(&told.out);
    assert_eq!(logs.len(), 2, "{}", told.out);
    for line in logs {
        assert_eq!(line["message"], "packed");
        assert_eq!(line["order"], 7);
        assert_eq!(line["span"]["name"], "step");
        for id in ["trace_id", "span_id"] {
            let id = line[id].as_str().unwrap();
            assert!(told.out.matches(id).count() > 1, "{id}: {}", told.out);
        }
    }
}

#[tokio::test]
async fn what_is_logged_does_not_decide_which_spans_there_are() {
    let rust = "RUST_LOG";
    let lambda = "AWS_LAMBDA_LOG_LEVEL";
    for (variables, lines) in [
        (&[(rust, "error")][..], 0),
        (&[(rust, " Debug ")], 2),
        (&[(rust, "off,tracing=debug")], 2),
        (&[(rust, "off,other=trace")], 0),
        (&[(lambda, "WARN")], 0),
        (&[(lambda, "FATAL")], 0),
        (&[(lambda, "DEBUG")], 2),
        (&[(lambda, "ERROR"), (rust, "info")], 1),
    ] {
        let told = invoke("init tracing", variables, 1).await;
        let logs = logs(&told.out);
        let of_the_function = |it: &&Value| it["target"] == "tracing::programs";
        let count = logs.iter().filter(of_the_function).count();
        assert_eq!(count, lines, "{variables:?}: {}", told.out);
        assert_eq!(told.spans("step"), 1, "{}", told.out);
    }
}

#[tokio::test]
async fn there_are_logs_where_telemetry_is_off() {
    let told = invoke("init tracing", &[("OTEL_SDK_DISABLED", "true")], 1).await;
    assert_eq!(logs(&told.out).len(), 1, "{}", told.out);
    assert_eq!(told.spans("step"), 0, "{}", told.out);
}

#[tokio::test]
async fn mistakes_are_in_the_log() {
    let told = invoke("init tracing twice", &[], 2).await;
    let causes = |told: &str, cause: &str| told.matches(&format!("\"cause\":\"{cause}\"")).count();
    assert_eq!(causes(&told.out, "second-subscriber"), 1, "{}", told.out);
    assert_eq!(told.spans("step"), 2, "{}", told.out);
    let told = invoke("init tracing", &[("RUST_LOG", "shop=loud")], 1).await;
    assert_eq!(causes(&told.out, "RUST_LOG"), 1, "{}", told.out);
    assert_eq!(told.out.matches("\"packed\"").count(), 2, "{}", told.out);
}
