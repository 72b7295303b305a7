//! A freeze longer than the life of the connection to the destination.

use std::time::{Duration, Instant};

use lamplight_tests::{Behavior, Closing, Endpoint, Kinesis, LambdaBuilder, Proxy, events};
use serde_json::json;

use crate::lifecycle::function;

/// The function's default budget, plus a reserve for a busy machine.
const BUDGET: Duration = Duration::from_millis(1_000);
const LEEWAY: Duration = Duration::from_millis(1_500);

const WAYS: [Closing; 3] = [Closing::Closed, Closing::Reset, Closing::Forgotten];

/// Returns the number of further flush windows until everything is delivered. Each has its limit.
async fn windows(proxy: &Proxy, function: LambdaBuilder, closing: Closing) -> usize {
    let mut lambda = function.start().await;
    for _ in 0..2 {
        lambda.invoke(events::plain(json!({"spans": 1}))).await;
    }
    lambda.idle().await;
    let (before, _) = proxy.happened();
    lambda.freeze();
    proxy.close_idle(closing);
    // The length of the freeze, not a wait for an event.
    tokio::time::sleep(Duration::from_millis(300)).await;
    lambda.thaw();

    lambda.invoke(events::plain(json!({"spans": 1}))).await;
    for window in 1..50 {
        let answered = Instant::now();
        lambda.idle().await;
        let flush = answered.elapsed();
        assert!(
            flush < BUDGET + LEEWAY,
            "{closing:?}: a flush takes {flush:?}"
        );
        let stats = lambda.invoke(events::plain(json!("stats"))).await.json();
        assert_eq!(stats["dropped"], 0, "{closing:?}");
        if stats["queued"] == 0 {
            assert!(proxy.happened().0 > before, "{closing:?}: nothing was sent");
            lambda.idle().await;
            return window;
        }
    }
    panic!("{closing:?}: nothing is delivered any more");
}

#[tokio::test]
async fn kinesis_is_reached_again_within_three_windows() {
    for closing in WAYS {
        let kinesis = Kinesis::start().await;
        let proxy = Proxy::to(kinesis.address()).await;
        let function = function()
            .with_variables(kinesis.variables())
            .with_variable("AWS_ENDPOINT_URL_KINESIS", proxy.url());
        let windows = windows(&proxy, function, closing).await;
        println!("kinesis, {closing:?}: {windows} windows");
        if windows == 1 {
            let spans = kinesis.spans(7).await;
            assert_eq!(spans.len(), 7, "{closing:?}: spans were sent twice");
        }
        // A closed connection is detected immediately. A forgotten one is detected when an answer exceeds the
        // timeout for Kinesis; sending again before that would cause duplicates.
        assert!(windows <= 3, "{closing:?}: {windows} windows");
    }
}

#[tokio::test]
async fn an_otlp_endpoint_is_reached_again() {
    for closing in WAYS {
        let endpoint = Endpoint::start(Behavior::Good).await;
        let proxy = Proxy::to(endpoint.address()).await;
        let function = function()
            .with_variables(endpoint.variables())
            .with_variable("OTEL_EXPORTER_OTLP_ENDPOINT", proxy.url())
            .with_variable("OTEL_EXPORTER_OTLP_TIMEOUT", "500");
        let windows = windows(&proxy, function, closing).await;
        println!("otlp, {closing:?}: {windows} windows");
        assert!(windows <= 4, "{closing:?}: {windows} windows");
    }
}
