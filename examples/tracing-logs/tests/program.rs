//! The program as Lambda runs it, and the lines it prints.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use lamplight_tests::Lambda;
use serde_json::{Value, json};

/// Returns the log lines, and the spans by their names.
async fn printed(levels: &str, event: Value) -> (Vec<Value>, HashMap<String, Value>) {
    let mut lambda = Lambda::builder(env!("CARGO_BIN_EXE_example-tracing-logs"))
        .with_variable("OTEL_TRACES_EXPORTER", "console")
        .with_variable("RUST_LOG", levels)
        .start()
        .await;
    lambda.invoke(event).await;
    lambda.idle().await;
    lambda
        .logged("the spans", |line| line.contains("resourceSpans"))
        .await;
    let (mut lines, mut spans) = (Vec::new(), HashMap::new());
    for line in lambda.end().stdout {
        let line: Value = serde_json::from_str(&line).unwrap();
        let Some(scopes) = line.pointer("/resourceSpans/0/scopeSpans") else {
            lines.push(line);
            continue;
        };
        for scope in scopes.as_array().unwrap() {
            for span in scope["spans"].as_array().unwrap() {
                spans.insert(span["name"].as_str().unwrap().to_owned(), span.clone());
            }
        }
    }
    (lines, spans)
}

#[tokio::test]
async fn each_line_has_the_ids_of_the_span_it_was_written_in() {
    let event = json!({"grams": 300, "country": "NO"});
    let (lines, spans) = printed("info,example_tracing_logs=debug", event).await;
    let (quote, price, zone) = (&spans["orders"], &spans["price"], &spans["zone"]);
    assert_eq!(price["parentSpanId"], quote["spanId"]);
    assert_eq!(zone["parentSpanId"], price["spanId"]);
    let line = |message| {
        lines
            .iter()
            .find(|line| line["message"] == message)
            .unwrap()
    };
    for (line, span) in [(line("zone found"), price), (line("quoted"), quote)] {
        assert_eq!(line["trace_id"], span["traceId"]);
        assert_eq!(line["span_id"], span["spanId"]);
    }
    assert_eq!(line("quoted")["cents"], 550);
}

#[tokio::test]
async fn an_error_is_on_its_span_whatever_is_logged() {
    let event = json!({"grams": 300, "country": "XX"});
    let (lines, spans) = printed("off", event).await;
    assert_eq!(lines, [] as [Value; 0]);
    let exception = &spans["zone"]["events"][0];
    assert_eq!(exception["name"], "exception");
    assert!(
        exception["attributes"]
            .to_string()
            .contains("parcels do not go to XX")
    );
    assert_eq!(
        spans["orders"]["status"]["code"], 2,
        "{:#}",
        spans["orders"]
    );
}
