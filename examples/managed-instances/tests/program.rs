//! The program as Lambda runs it, several invocations at a time.

#![allow(clippy::unwrap_used)]

use lamplight_tests::{Lambda, expect};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::TcpListener,
};

#[tokio::test]
async fn two_invocations_at_a_time_have_a_span_each() {
    let warehouse = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = warehouse.local_addr().unwrap().to_string();
    let mut lambda = Lambda::builder(env!("CARGO_BIN_EXE_example-managed-instances"))
        .with_variable("AWS_LAMBDA_MAX_CONCURRENCY", "2")
        .with_variable("OTEL_TRACES_EXPORTER", "console")
        .with_variable("WAREHOUSE_ADDRESS", address)
        .start()
        .await;
    let lamp = lambda.begin(json!({"article": "lamp"})).await;
    let shade = lambda.begin(json!({"article": "shade"})).await;

    // Both ask before either has its answer: they run at the same time.
    let mut questions = Vec::new();
    for _ in 0..2 {
        let (stream, _) = expect("a question", warehouse.accept()).await.unwrap();
        let mut stream = BufStream::new(stream);
        let mut article = String::new();
        stream.read_line(&mut article).await.unwrap();
        questions.push((article, stream));
    }
    for (article, mut stream) in questions {
        let pieces = if article == "lamp\n" { "7\n" } else { "0\n" };
        stream.write_all(pieces.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
    }

    let mut spans = Vec::new();
    for id in [&lamp, &shade] {
        let line = lambda
            .logged("the span", |line| line.contains(id.as_str()))
            .await;
        let line: Value = serde_json::from_str(&line).unwrap();
        let all = line["resourceSpans"][0]["scopeSpans"][0]["spans"]
            .as_array()
            .unwrap()
            .clone();
        let is_its = |span: &&Value| attribute(span, "faas.invocation_id")["stringValue"] == **id;
        spans.push(all.iter().find(is_its).unwrap().clone());
    }
    assert_eq!(attribute(&spans[0], "shop.article.pieces")["intValue"], "7");
    assert_eq!(attribute(&spans[1], "shop.article.pieces")["intValue"], "0");
    assert_ne!(spans[0]["traceId"], spans[1]["traceId"]);
}

fn attribute<'s>(span: &'s Value, key: &str) -> &'s Value {
    let attributes = span["attributes"].as_array().unwrap();
    &attributes.iter().find(|it| it["key"] == key).unwrap()["value"]
}
