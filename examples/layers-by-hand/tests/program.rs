//! The program as Lambda runs it, and the spans it prints.

#![allow(clippy::unwrap_used)]

use std::{collections::HashMap, time::Duration};

use lamplight_tests::{Invoke, Lambda};
use serde_json::{Value, json};

async fn start() -> Lambda {
    let program = env!("CARGO_BIN_EXE_example-layers-by-hand");
    Lambda::builder(program).start().await
}

/// Returns the spans by their names, once some have been printed.
async fn printed(lambda: Lambda) -> HashMap<String, Value> {
    lambda
        .logged("the spans", |line| line.contains("resourceSpans"))
        .await;
    let mut spans = HashMap::new();
    for line in lambda.end().stdout {
        let line: Value = serde_json::from_str(&line).unwrap();
        for scope in line["resourceSpans"][0]["scopeSpans"].as_array().unwrap() {
            for span in scope["spans"].as_array().unwrap() {
                spans.insert(span["name"].as_str().unwrap().to_owned(), span.clone());
            }
        }
    }
    spans
}

#[tokio::test]
async fn an_invocation_is_delivered_with_its_child() {
    let mut lambda = start().await;
    let answer = lambda.invoke(json!({"milliseconds": 1})).await;
    assert!(!answer.is_error);
    lambda.idle().await;
    let spans = printed(lambda).await;
    assert_eq!(spans["pause"]["parentSpanId"], spans["orders"]["spanId"]);
    assert_eq!(spans["orders"]["status"], json!({}));
}

#[tokio::test]
async fn what_is_open_when_the_time_is_up_is_delivered_as_timed_out() {
    let mut lambda = start().await;
    lambda.idle().await;
    let event = Invoke::new(json!({"milliseconds": 600_000}));
    lambda
        .begin(event.with_timeout(Duration::from_secs(2)))
        .await;
    let spans = printed(lambda).await;
    for name in ["pause", "orders"] {
        let span = spans[name].to_string();
        assert!(span.contains(r#""timeout""#), "{span}");
    }
}
