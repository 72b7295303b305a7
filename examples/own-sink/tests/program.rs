//! The program as Lambda runs it, with an agent beside it.

#![allow(clippy::unwrap_used)]

use lamplight_tests::{Lambda, expect};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpSocket,
};

#[tokio::test]
async fn spans_wait_for_the_agent_and_reach_it_when_it_is_there() {
    // Bound, so that no other program gets the port, and not listening yet.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let mut lambda = Lambda::builder(env!("CARGO_BIN_EXE_example-own-sink"))
        .with_variable("AGENT_ADDRESS", address.to_string())
        .start()
        .await;
    let first = lambda.invoke(json!({"order": 1})).await;
    assert_eq!(first.json(), json!({"order": 1}));
    lambda.idle().await;

    let agent = socket.listen(1).unwrap();
    let second = lambda.invoke(json!({"order": 2})).await;
    let (stream, _) = expect("the function connects", agent.accept())
        .await
        .unwrap();
    let mut lines = BufReader::new(stream).lines();
    let line = expect("the spans", lines.next_line())
        .await
        .unwrap()
        .unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let spans = &line["resourceSpans"][0]["scopeSpans"][0]["spans"];
    let spans: Vec<_> = spans
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(spans.len(), 2, "{line:#}");
    assert!(spans[0].contains(&first.request_id));
    assert!(spans[1].contains(&second.request_id));
}
