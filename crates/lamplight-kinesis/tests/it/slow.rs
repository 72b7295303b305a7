//! A Kinesis that takes everything and answers late, or not at all.

use std::time::Duration;

use lamplight_export::SpanQueue;
use lamplight_kinesis::{KinesisExporter, KinesisExporterBuilder};

use crate::common::{
    config, end_spans, provider,
    stub::{Answer, Stub},
};

fn slow(delay: Duration) -> Stub {
    Stub::start(move |_, keys| Answer::taken(keys.len()).after(delay))
}

fn builder(stub: &Stub) -> KinesisExporterBuilder {
    KinesisExporter::builder("telemetry").with_sdk_config(&config(&stub.url))
}

/// Flushes until nothing is queued, each time within `budget`.
async fn drain(queue: &SpanQueue, budget: Duration) {
    for _ in 0..500 {
        if queue.snapshot().pending() == 0 {
            return;
        }
        let _ = tokio::time::timeout(budget, queue.flush()).await;
    }
    panic!("spans do not drain: {:?}", queue.snapshot());
}

#[tokio::test]
async fn an_answer_that_takes_several_flushes_is_taken_and_nothing_is_sent_twice() {
    for delay in [300, 700] {
        let stub = slow(Duration::from_millis(delay));
        let exporter = builder(&stub).with_timeout(Duration::from_secs(10));
        let queue = SpanQueue::builder(exporter.build())
            .with_max_pause(Duration::ZERO)
            .build();
        let provider = provider(&queue);
        for _ in 0..2 {
            end_spans(&provider, 1, 1);
            drain(&queue, Duration::from_millis(100)).await;
        }
        assert_eq!(queue.snapshot().delivered, 2, "{delay} ms");
        assert_eq!(stub.records(), 2, "{delay} ms: each of them once");
    }
}

/// The environment was frozen meanwhile, or there was no flush.
#[tokio::test]
async fn an_answer_that_came_between_two_flushes_is_taken() {
    let stub = slow(Duration::from_millis(2_500));
    // Shorter than the time in between.
    let exporter = builder(&stub).with_timeout(Duration::from_secs(2));
    let queue = SpanQueue::builder(exporter.build())
        .with_max_pause(Duration::ZERO)
        .build();
    end_spans(&provider(&queue), 1, 1);
    while stub.requests().is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(20), queue.flush()).await;
    }
    assert_eq!(queue.snapshot().delivered, 0);
    // Blocks the runtime, and all its timers are late.
    while stub.answered() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 1);
    assert_eq!(stub.records(), 1);
}

#[tokio::test]
async fn a_request_without_an_answer_goes_once_a_flush_and_is_waited_for_longer_each_time() {
    let first = Duration::from_millis(400);
    let stub = Stub::start(move |place, keys| match place {
        0 | 1 => Answer::never(),
        // Twice as long as the first wait.
        _ => Answer::taken(keys.len()).after(first * 2),
    });
    let exporter = builder(&stub).with_timeout(first).with_max_attempts(4);
    let queue = SpanQueue::new(exporter.build());
    end_spans(&provider(&queue), 1, 1);
    for flush in 1..=2 {
        queue.flush().await;
        assert_eq!(stub.requests().len(), flush, "once in each flush");
        assert_eq!(queue.snapshot().pending(), 1);
    }
    queue.flush().await;
    assert_eq!(queue.snapshot().delivered, 1);
    assert_eq!(stub.requests().len(), 3);
}

/// The requests of a function with a slow Kinesis in one minute. `cargo test -p lamplight-kinesis --test slow
/// -- --ignored --nocapture`
#[tokio::test]
#[ignore = "takes minutes"]
async fn how_many_copies_a_slow_kinesis_gets() {
    for delay in [300, 900, 1_500, 3_000, 6_000] {
        let stub = slow(Duration::from_millis(delay));
        let queue = SpanQueue::new(builder(&stub).build());
        end_spans(&provider(&queue), 1, 1);
        for _ in 0..60 {
            let _ = tokio::time::timeout(Duration::from_secs(1), queue.flush()).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let (copies, stats) = (stub.records(), queue.snapshot());
        println!("answers after {delay} ms: {copies} copies, {stats:?}");
        assert!(copies <= 4 && stats.delivered == 1, "{delay} ms");
    }
}
