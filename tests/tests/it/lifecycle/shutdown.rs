//! The shutdown of the environment by Lambda.

use std::time::Duration;

use lamplight_tests::{Behavior, Endpoint, ExtensionsApi, Kinesis, events};
use serde_json::json;

use crate::lifecycle::{function, function_with_kinesis, patient};

/// The time that Lambda gives a function with an internal extension.
const GRACE: Duration = Duration::from_millis(500);

#[tokio::test]
async fn what_waits_in_an_idle_environment_is_delivered_on_sigterm() {
    for policy in ["adaptive", "manual"] {
        let kinesis = Kinesis::start().await;
        let mut lambda = patient(function().with_variables(kinesis.variables()))
            .with_variable("LAMPLIGHT_FLUSH", policy)
            .start()
            .await;
        for _ in 0..12 {
            lambda.invoke(events::plain(json!({"spans": 1}))).await;
        }
        assert_eq!(lambda.extensions().await, ["lamplight-shutdown"]);
        lambda.idle().await;
        let waiting = 24 - kinesis.spans(0).await.len();
        assert!(waiting > 0, "{policy}: nothing waits");
        lambda.freeze();
        let (status, _, log) = lambda.terminate().await;
        assert_eq!(status.code(), Some(0), "{policy}");
        assert_eq!(log.lines().count(), 0, "{log:#?}");
        assert_eq!(kinesis.spans(24).await.len(), 24, "{policy}");
    }
}

#[tokio::test]
async fn an_invocation_under_way_ends_as_an_error_on_sigterm() {
    let kinesis = Kinesis::start().await;
    let mut lambda = patient(function().with_variables(kinesis.variables()))
        .with_variable("LAMPLIGHT_SIGTERM", "true")
        .start()
        .await;
    lambda.invoke(events::plain(json!("echo"))).await;
    let id = lambda
        .begin(events::plain(json!({"slow_after_span": 30_000})))
        .await;
    lambda
        .logged("the handler is at work", |line| line == "at work")
        .await;
    let (status, _, _) = lambda.terminate().await;
    assert_eq!(status.code(), Some(0));
    let spans = kinesis.spans(3).await;
    let span = spans
        .iter()
        .find(|span| span.attribute("faas.invocation_id") == id.as_str());
    let span = span.unwrap();
    assert_eq!(span.attribute("error.type"), "sigterm");
    let message = "still running when the environment was shut down";
    assert_eq!(span.error.as_deref(), Some(message));
}

/// The first to receive the signal ends the process, but only after all have delivered.
#[tokio::test]
async fn a_second_telemetry_with_nothing_to_do_does_not_end_the_process_first() {
    let endpoint = Endpoint::start(Behavior::Late(Duration::from_millis(150))).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .with_variable("FUNCTION_SECOND", "1")
        .with_variable("LAMPLIGHT_FLUSH", "manual")
        .start()
        .await;
    lambda.invoke(events::plain(json!({"spans": 31}))).await;
    lambda.idle().await;
    let (status, _, _) = lambda.terminate().await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(endpoint.spans(32).await.len(), 32);
}

/// No spans wait after a flush, so no extension is needed.
#[tokio::test]
async fn a_function_that_needs_no_sigterm_registers_no_extension() {
    let (mut lambda, _kinesis) = function_with_kinesis().await;
    lambda.invoke(events::plain(json!("echo"))).await;
    assert_eq!(lambda.extensions().await, [""; 0]);
    let (status, _, _) = lambda.terminate().await;
    assert_eq!(status.code(), None, "the signal has its usual effect");
}

#[tokio::test]
async fn a_destination_that_hangs_does_not_outlast_the_grace() {
    let endpoint = Endpoint::start(Behavior::Late(Duration::from_secs(30))).await;
    let mut lambda = function()
        .with_variables(endpoint.variables())
        .with_variable("LAMPLIGHT_FLUSH", "manual")
        .start()
        .await;
    lambda.invoke(events::plain(json!("echo"))).await;
    lambda.idle().await;
    let (status, took, log) = lambda.terminate().await;
    assert_eq!(status.code(), Some(0));
    // The flush ends 100 ms before Lambda's limit; a busy machine may take longer.
    assert!(took < 4 * GRACE, "{took:?}");
    assert!(
        log.lines()
            .any(|line| line.contains("1 spans were not delivered")),
        "{log:#?}"
    );
}

/// An emulator without the API, and one that does not respond.
#[tokio::test]
async fn an_extensions_api_that_is_missing_or_silent_changes_nothing() {
    for api in [ExtensionsApi::Absent, ExtensionsApi::Silent] {
        let kinesis = Kinesis::start().await;
        let mut lambda = patient(function().with_variables(kinesis.variables()))
            .with_variable("LAMPLIGHT_FLUSH", "manual")
            .with_extensions_api(api)
            .start()
            .await;
        let answer = lambda.invoke(events::plain(json!("echo"))).await;
        assert!(!answer.is_error);
        assert_eq!(answer.json(), events::plain(json!("echo")));
        lambda.idle().await;
        // A SIGTERM from any sender is enough.
        let (status, _, log) = lambda.terminate().await;
        assert_eq!(status.code(), Some(0), "{api:?}");
        assert_eq!(kinesis.spans(1).await.len(), 1, "{api:?}");
        let said = log.lines().filter(|line| line.contains("Extensions API"));
        let expected = usize::from(api == ExtensionsApi::Absent);
        assert_eq!(said.count(), expected, "{log:#?}");
    }
}
