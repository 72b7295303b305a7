//! Every ended span is delivered, whenever Lambda freezes the function.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lamplight_tests::{Behavior, Endpoint, Kinesis, Lambda, Span, events};
use serde_json::json;

use crate::lifecycle::{function, patient};

/// Returns the number of occurrences of each span.
fn counts(spans: &[Span]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for span in spans {
        *counts.entry(span.span_id.as_str()).or_default() += 1;
    }
    counts
}

/// Returns the invocations to which the spans belong.
fn invocations(spans: &[Span]) -> BTreeSet<String> {
    let ids = spans
        .iter()
        .filter_map(|span| span.attributes.get("faas.invocation_id"));
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// Asserts that `spans` are those of the invocations, each with its children, and that each occurs once.
fn assert_each_once(spans: &[Span], ids: &BTreeSet<String>, started: usize) {
    assert_eq!(spans.len(), started);
    let counts = counts(spans);
    let repeated: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(
        repeated.is_empty(),
        "delivered more than once: {repeated:?}"
    );
    assert_eq!(&invocations(spans), ids);
    for child in spans.iter().filter(|span| span.name == "work") {
        let parent = spans
            .iter()
            .find(|span| span.span_id == child.parent_span_id);
        assert_eq!(parent.unwrap().trace_id, child.trace_id);
    }
}

/// Returns a different number for each run, which is in the test's output.
fn seed() -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let seed = RandomState::new().build_hasher().finish();
    println!("seed {seed}");
    seed
}

#[tokio::test]
async fn lambda_that_freezes_after_each_answer_loses_no_span() {
    const INVOCATIONS: usize = 150;
    let mut random = fastrand::Rng::with_seed(seed());
    let kinesis = Kinesis::start().await;
    let function = patient(function().with_variables(kinesis.variables()));
    let mut lambda = function.with_freezing().start().await;
    let (mut ids, mut started) = (BTreeSet::new(), 0);
    for number in 0..INVOCATIONS {
        let children = number % 4;
        let event = events::plain(json!({"spans": children}));
        ids.insert(lambda.invoke_now(event).await.request_id);
        started += 1 + children;
        lambda.frozen().await;
        // The length of the freeze, not a wait for an event.
        tokio::time::sleep(Duration::from_millis(random.u64(0..40))).await;
    }
    lambda.thaw();
    assert_each_once(&kinesis.spans(started).await, &ids, started);
}

#[tokio::test]
async fn a_freeze_at_any_moment_of_the_flush_loses_no_span() {
    const INVOCATIONS: usize = 150;
    let mut random = fastrand::Rng::with_seed(seed());
    let kinesis = Kinesis::start().await;
    let mut lambda = patient(function().with_variables(kinesis.variables()))
        .start()
        .await;
    let mut ids = BTreeSet::new();
    for _ in 0..INVOCATIONS {
        ids.insert(
            lambda
                .invoke_now(events::plain(json!({"spans": 1})))
                .await
                .request_id,
        );
        tokio::time::sleep(Duration::from_micros(random.u64(0..6_000))).await;
        lambda.freeze();
        tokio::time::sleep(Duration::from_millis(random.u64(0..20))).await;
        lambda.thaw();
    }
    let started = 2 * INVOCATIONS;
    assert_each_once(&kinesis.spans(started).await, &ids, started);

    let stats = lambda.invoke(events::plain(json!("stats"))).await.json();
    assert_eq!(
        stats,
        json!({"queued": 0, "delivered": started, "dropped": 0})
    );
}

/// A flush that is cut off leaves its delivery in flight. The next one continues it, and sends nothing twice.
async fn assert_goes_on_with_a_cut_off_flush(
    mut lambda: Lambda,
    release: impl FnOnce(),
    spans: impl AsyncFnOnce(usize) -> Vec<Span>,
) {
    let mut ids = BTreeSet::new();
    ids.insert(
        lambda
            .invoke(events::plain(json!({"spans": 2})))
            .await
            .request_id,
    );
    lambda.idle().await;
    let stats = lambda.invoke(events::plain(json!("stats"))).await;
    assert_eq!(
        stats.json(),
        json!({"queued": 3, "delivered": 0, "dropped": 0})
    );
    ids.insert(stats.request_id);
    lambda.idle().await;

    release();
    ids.insert(lambda.invoke(events::plain(json!("echo"))).await.request_id);
    assert_each_once(&spans(5).await, &ids, 5);
}

#[tokio::test]
async fn the_next_invocation_delivers_what_a_cut_off_flush_left() {
    let (held, permits) = Behavior::held();
    let kinesis = Kinesis::with_behavior(held).await;
    let lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "20000")
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "100");
    let release = || permits.add_permits(100);
    let spans = async |count| kinesis.spans(count).await;
    assert_goes_on_with_a_cut_off_flush(lambda.start().await, release, spans).await;
}

#[tokio::test]
async fn the_next_invocation_delivers_what_a_cut_off_flush_left_over_otlp() {
    let (held, permits) = Behavior::held();
    let endpoint = Endpoint::start(held).await;
    let lambda = function()
        .with_variables(endpoint.variables())
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "100");
    let release = || permits.add_permits(100);
    let spans = async |count| endpoint.spans(count).await;
    assert_goes_on_with_a_cut_off_flush(lambda.start().await, release, spans).await;
}

/// Kinesis has the spans, but the function cannot know that.
#[tokio::test]
async fn a_lost_answer_repeats_spans_and_loses_none() {
    let kinesis = Kinesis::with_behavior(Behavior::forgetful(3)).await;
    let mut lambda = patient(function().with_variables(kinesis.variables()))
        .start()
        .await;
    let mut ids = BTreeSet::new();
    for _ in 0..4 {
        ids.insert(
            lambda
                .invoke(events::plain(json!({"spans": 1})))
                .await
                .request_id,
        );
    }
    lambda.idle().await;
    let spans = kinesis.spans(8).await;
    assert_eq!(invocations(&spans), ids);
    let counts = counts(&spans);
    assert_eq!(counts.len(), 8, "every span is there");
    let repeated = counts.values().filter(|count| **count > 1).count();
    assert!(
        (1..8).contains(&repeated),
        "{repeated} repeated; only what was lost is"
    );
}

/// After the freeze, the function finds its timeouts expired and the answer available.
#[tokio::test]
async fn a_freeze_longer_than_every_timeout_loses_no_span() {
    let (held, permits) = Behavior::held();
    let kinesis = Kinesis::with_behavior(held).await;
    let mut lambda = function()
        .with_variables(kinesis.variables())
        .with_variable("LAMPLIGHT_KINESIS_TIMEOUT", "150")
        .with_variable("LAMPLIGHT_FLUSH_BUDGET", "50")
        .start()
        .await;
    let mut ids = BTreeSet::new();
    ids.insert(
        lambda
            .invoke(events::plain(json!({"spans": 2})))
            .await
            .request_id,
    );
    lambda.idle().await;
    lambda.freeze();
    permits.add_permits(1_000);
    tokio::time::sleep(Duration::from_millis(500)).await;
    lambda.thaw();

    // Flush windows are short here, so there may be several.
    for _ in 0..50 {
        let stats = lambda.invoke(events::plain(json!("stats"))).await;
        ids.insert(stats.request_id.clone());
        assert_eq!(stats.json()["dropped"], 0);
        if stats.json()["queued"] == 0 {
            break;
        }
    }
    lambda.idle().await;
    let spans = kinesis.spans(2 + ids.len()).await;
    assert!(spans.iter().filter(|span| span.name == "work").count() >= 2);
    assert_eq!(counts(&spans).len(), 2 + invocations(&spans).len());
}
