//! The caller never waits for telemetry.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use lamplight_tests::{Behavior, Endpoint, Kinesis, Lambda, LambdaBuilder, events, unused_address};
use serde_json::json;

use crate::lifecycle::function;

const HANG: Duration = Duration::from_millis(1_500);
const BUDGET: Duration = Duration::from_millis(200);
const ROUNDS: usize = 30;

/// The maximum delay of a response by telemetry.
const LATER: Duration = Duration::from_millis(5);

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A function, and the durations of its responses and flushes.
struct Measured {
    name: String,
    lambda: Lambda,
    answers: Vec<Duration>,
    flushes: Vec<Duration>,
}

impl Measured {
    async fn start(name: String, function: LambdaBuilder) -> Self {
        Self {
            name,
            lambda: function.start().await,
            answers: Vec::new(),
            flushes: Vec::new(),
        }
    }
}

/// The functions take turns, in a different order each time, so that other work on the machine affects all of
/// them. The fastest responses, which other work has not affected, are compared. Of the others, hardly any
/// may take as long as one that waits, which the last functions demonstrate.
#[tokio::test]
async fn the_answer_is_not_later_while_the_exporter_hangs() {
    let endpoint = Endpoint::start(Behavior::Late(HANG)).await;
    let none = function().with_variable("OTEL_TRACES_EXPORTER", "none");
    let mut functions = vec![Measured::start("none".to_owned(), none).await];
    for policy in ["after-response", "adaptive", "manual", "before-response"] {
        let otlp = function().with_variables(endpoint.variables());
        let kinesis = function()
            .with_variable("LAMPLIGHT_KINESIS_STREAM", "telemetry")
            .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "20000")
            .with_variable("AWS_ENDPOINT_URL", endpoint.url());
        for (exporter, function) in [("otlp", otlp), ("kinesis", kinesis)] {
            let budget = BUDGET.as_millis().to_string();
            let function = function
                .with_variable("LAMPLIGHT_FLUSH", policy)
                .with_variable("LAMPLIGHT_FLUSH_BUDGET", budget)
                .with_variable("LAMPLIGHT_MAX_PAUSE", "0");
            functions.push(Measured::start(format!("{policy}, {exporter}"), function).await);
        }
    }

    for round in 0..=ROUNDS {
        let mut answered = Vec::new();
        for turn in 0..functions.len() {
            let turn = (round + turn) % functions.len();
            let function = &mut functions[turn];
            let event = events::plain(json!({"spans": 5}));
            let answer = function.lambda.invoke(event).await;
            answered.push((turn, Instant::now()));
            // The first one is a cold start.
            if round > 0 {
                function.answers.push(answer.took);
            }
        }
        for (turn, answered) in answered {
            let idle = functions[turn].lambda.idle().await;
            functions[turn].flushes.push(idle - answered);
        }
    }

    let fastest = |answers: &[Duration]| *answers.iter().min().unwrap();
    let without = fastest(&functions.remove(0).answers);
    for function in functions {
        let name = function.name;
        let with = fastest(&function.answers);
        let waited = function.answers.iter().filter(|took| **took > BUDGET / 2);
        let waited = waited.count();
        // The adaptive policy never delays two events in a row.
        let flush = match name.starts_with("adaptive") {
            true => function.flushes.into_iter().max().unwrap(),
            false => median(function.flushes),
        };
        println!(
            "{name}: answer after {with:?}, {without:?} without; over after another {flush:?}"
        );
        let later = with.saturating_sub(without);
        if name.starts_with("before-response") {
            assert!(waited > ROUNDS / 2, "{name}: only {waited} answers waited");
        } else {
            assert!(later < LATER, "{name}: {later:?} later");
            assert!(waited <= ROUNDS / 10, "{name}: {waited} answers waited");
            assert!(
                flush > BUDGET / 2 || name.starts_with("manual"),
                "{name} did not hang: {flush:?}"
            );
        }
    }
}

/// The caller does not wait for a flush, but it is billed.
#[tokio::test]
async fn an_endpoint_that_is_away_is_given_up_for_this_time() {
    let mut lambda = function()
        .with_variable("OTEL_TRACES_EXPORTER", "otlp")
        .with_variable(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}", unused_address()),
        )
        .with_variable("LAMPLIGHT_MAX_PAUSE", "0")
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

/// Returns the time for which each of `count` invocations is billed after its response.
async fn flushes(mut lambda: Lambda, count: usize) -> Vec<Duration> {
    let mut flushes = Vec::new();
    for _ in 0..count {
        lambda.invoke(events::plain(json!({"spans": 2}))).await;
        let answered = Instant::now();
        lambda.idle().await;
        flushes.push(answered.elapsed());
    }
    flushes
}

#[tokio::test]
async fn a_destination_that_is_away_is_soon_left_alone() {
    let (silent, _permits) = Behavior::held();
    let hanging = Endpoint::start(silent).await;
    let unreachable = format!("http://{}", unused_address());
    let kinesis = |url: &str| {
        function()
            .with_variable("LAMPLIGHT_KINESIS_STREAM", "telemetry")
            .with_variable("AWS_ENDPOINT_URL", url)
    };
    let otlp = |url: &str| {
        function()
            .with_variable("OTEL_TRACES_EXPORTER", "otlp")
            .with_variable("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    };
    for (name, one, other) in [
        (
            "unreachable Kinesis",
            kinesis(&unreachable),
            kinesis(&unreachable),
        ),
        (
            "hanging Kinesis",
            kinesis(&hanging.url()),
            kinesis(&hanging.url()),
        ),
        ("hanging OTLP", otlp(&hanging.url()), otlp(&hanging.url())),
    ] {
        let before = one.with_variable("LAMPLIGHT_MAX_PAUSE", "0").start().await;
        let after = other.start().await;
        let (before, after) = tokio::join!(flushes(before, 7), flushes(after, 15));
        println!("{name}\n  without pauses {before:.0?}\n  with pauses    {after:.0?}");
        let (before, after) = (median(before[3..].to_vec()), median(after[3..].to_vec()));
        assert!(before > Duration::from_millis(100), "{name}: {before:?}");
        assert!(after < before / 2, "{name}: {after:?}");
    }
}

/// Each probe finds the current state of the destination, and the first that succeeds ends the pauses.
#[tokio::test]
async fn a_destination_that_comes_back_gets_every_span() {
    let (silent, permits) = Behavior::held();
    let kinesis = Kinesis::with_behavior(silent).await;
    let mut lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "100")
        .with_variable("LAMPLIGHT_MAX_PAUSE", "300")
        .with_freezing()
        .start()
        .await;
    let mut started = 0;
    for _ in 0..12 {
        lambda.invoke_now(events::plain(json!({"spans": 2}))).await;
        started += 3;
    }
    permits.add_permits(1_000);
    let back = Instant::now();
    loop {
        lambda.invoke_now(events::plain(json!({"spans": 2}))).await;
        started += 3;
        let stats = lambda
            .invoke_now(events::plain(json!("stats")))
            .await
            .json();
        started += 1;
        // The function's own span has not ended when it reads the counts.
        assert_eq!(stats["dropped"], 0);
        if stats["queued"] == 0 {
            break;
        }
        assert!(back.elapsed() < lamplight_tests::PATIENCE, "{stats}");
    }
    lambda.thaw();
    // Kinesis has some of them more than once, because only its answers were delayed.
    let (mut ids, mut count) = (BTreeSet::new(), started);
    while ids.len() < started {
        let spans = kinesis.spans(count).await;
        count = spans.len() + 1;
        ids = spans.into_iter().map(|span| span.span_id).collect();
    }
    assert_eq!(ids.len(), started);
}
