//! The memory of a function while its destination is unreachable.

use lamplight_tests::{Lambda, events};
use serde_json::{Value, json};

use crate::lifecycle::function;

/// The bytes of waiting spans, plus half as much for everything else.
const BOUND: u64 = (8 << 20) * 3 / 2;

async fn grows(what: &str, event: Value, times: usize) {
    let away = [
        ("OTEL_TRACES_EXPORTER", "otlp"),
        // There is no listener.
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        // One arena, as in a function with one thread: others would keep freed memory.
        ("MALLOC_ARENA_MAX", "1"),
    ];
    let mut lambda: Lambda = function().with_variables(away).start().await;
    for _ in 0..5 {
        lambda.invoke(event.clone()).await;
    }
    let Some(before) = lambda.memory() else {
        println!("skipped: the system does not tell the memory of a process");
        return;
    };
    for _ in 0..times {
        lambda.invoke(event.clone()).await;
    }
    let stats = lambda.invoke(events::plain(json!("stats"))).await.json();
    let after = lambda.memory().unwrap();
    let growth = after.saturating_sub(before);
    println!("{what}: {before} -> {after} bytes, {stats}");
    assert!(
        stats["dropped"].as_u64() > Some(0),
        "{what}: the queue is not full: {stats}"
    );
    assert!(growth < BOUND, "{what}: {growth} bytes more, {stats}");
}

#[tokio::test]
async fn long_messages_of_panics_and_a_dead_destination_take_no_more_than_the_bound() {
    let text = "x".repeat(100_000);
    grows("panics", events::plain(json!({ "panic": text })), 100).await;
}

#[tokio::test]
async fn links_and_trace_states_from_outside_take_no_more_than_the_bound() {
    let state: Vec<_> = (0..3)
        .map(|n| format!("v{n}={}", "s".repeat(250)))
        .collect();
    let text = |value: String| json!({"stringValue": value, "dataType": "String"});
    let message = |number: u32| {
        json!({
            "messageId": number.to_string(),
            "body": "{}",
            "attributes": {},
            "messageAttributes": {
                "traceparent": text(format!("00-{number:032x}-{number:016x}-01")),
                "tracestate": text(state.join(",")),
            },
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
        })
    };
    let records: Vec<_> = (1..=128).map(message).collect();
    grows(
        "from outside",
        json!({"do": "echo", "Records": records}),
        100,
    )
    .await;
}
