//! The caller never waits for telemetry.

use crate::function;
use lamplight_tests::{Conduct, Endpoint, events, unused_address};
use serde_json::json;
use std::time::{Duration, Instant};

const HANG: Duration = Duration::from_millis(1_500);
const ROUNDS: usize = 7;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Three functions take turns, so that whatever else the machine does, it does to all of them.
#[tokio::test]
async fn the_answer_is_not_later_while_the_exporter_hangs() {
    let endpoint = Endpoint::start(Conduct::Late(HANG)).await;
    let none = function().with_variable("OTEL_TRACES_EXPORTER", "none");
    let otlp = function().with_variables(endpoint.variables());
    let kinesis = function()
        .with_variable("LAMPLIGHT_KINESIS_STREAM", "telemetry")
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "20000")
        .with_variable("AWS_ENDPOINT_URL", endpoint.url());
    let mut none = none.start().await;
    let mut hanging = [otlp.start().await, kinesis.start().await];

    let mut without = Vec::new();
    let mut with = [Vec::new(), Vec::new()];
    let mut flushes = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let event = || events::plain(json!({"spans": 5}));
        let answer = none.invoke(event()).await;
        let mut answers = Vec::new();
        let mut answered = Vec::new();
        for lambda in &mut hanging {
            answers.push(lambda.invoke(event()).await);
            answered.push(Instant::now());
        }
        for (lambda, (answered, flushes)) in hanging.iter().zip(answered.iter().zip(&mut flushes)) {
            lambda.idle().await;
            flushes.push(answered.elapsed());
        }
        // The first one is a cold start.
        if round > 0 {
            without.push(answer.took);
            for (answer, with) in answers.into_iter().zip(&mut with) {
                with.push(answer.took);
            }
        }
    }

    let without = median(without);
    for ((name, with), flushes) in ["otlp", "kinesis"].into_iter().zip(with).zip(flushes) {
        let (with, flush) = (median(with), median(flushes));
        println!("{name}: answer after {with:?}, {without:?} without; flush {flush:?}");
        assert!(
            flush > Duration::from_millis(500),
            "{name} did not hang: {flush:?}"
        );
        let later = with.saturating_sub(without);
        assert!(later < Duration::from_millis(50), "{name}: {later:?} later");
    }
}

/// Nobody waits for a flush, but it is billed.
#[tokio::test]
async fn an_endpoint_that_is_away_is_given_up_for_this_time() {
    let mut lambda = function()
        .with_variable("OTEL_TRACES_EXPORTER", "otlp")
        .with_variable(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}", unused_address()),
        )
        .start()
        .await;
    let mut flushes = Vec::new();
    for _ in 0..9 {
        lambda.invoke(events::plain(json!("echo"))).await;
        let answered = Instant::now();
        lambda.idle().await;
        flushes.push(answered.elapsed());
    }
    let flush = median(flushes);
    assert!(
        flush < Duration::from_millis(200),
        "a flush takes {flush:?}"
    );
}
