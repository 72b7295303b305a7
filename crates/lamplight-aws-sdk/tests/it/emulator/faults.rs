//! Messages over a faulty network: the span records the outcome, the caller gets the same result as without
//! the interceptor, and a delivered message carries the context.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use aws_sdk_sqs::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::DisplayErrorContext,
};
use lamplight_aws_sdk::sqs::message_context;
use lamplight_propagation::inbound::EventExtractor;
use lamplight_test_rig::{Fault, Proxy};
use opentelemetry::trace::{FutureExt as _, Status};

use super::*;
use crate::common::*;

/// Never reached where something else decides.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(400);
const THROTTLED: &str = r#"{"__type":"ThrottlingException","message":"slow down"}"#;

/// A client over this endpoint that retries at once.
fn client(
    config: &SdkConfig,
    endpoint: &str,
    timeouts: TimeoutConfig,
) -> aws_sdk_sqs::config::Builder {
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    aws_sdk_sqs::config::Builder::from(config)
        .endpoint_url(endpoint)
        .retry_config(retries)
        .timeout_config(timeouts)
}

/// Returns a network to `upstream` whose first requests meet these faults.
async fn network(upstream: SocketAddr, faults: &[Fault]) -> Proxy<VecDeque<Fault>> {
    let script = faults.iter().copied().collect();
    Proxy::start(upstream, script).await.unwrap()
}

/// Returns the result of one send for the caller.
async fn send(client: Client, queue: &str) -> String {
    let send = client.send_message().queue_url(queue).message_body("x");
    match send.send().with_context(caller()).await {
        Ok(_) => "sent".to_owned(),
        Err(error) => DisplayErrorContext(error).to_string(),
    }
}

/// Sends one message with and one without the interceptor through the same network. Gives the span;
/// the message, if one arrived, carried its context.
async fn span_of(name: &str, faults: &[Fault], timeouts: TimeoutConfig, arrives: bool) -> SpanData {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let (with, _) = queue(&config, &format!("faults-{name}-with")).await;
    let (without, _) = queue(&config, &format!("faults-{name}-without")).await;

    let proxy = network(aws.address(), faults).await;
    let builder = client(&config, &proxy.url(), timeouts.clone());
    let observed = Client::from_conf(builder.interceptor(spans.lamplight()).build());
    let learnt = send(observed, &with).await;
    // A client connects anew to a proxy of its own.
    let proxy = network(aws.address(), faults).await;
    let bare = client(&config, &proxy.url(), timeouts);
    assert_eq!(
        learnt,
        send(Client::from_conf(bare.build()), &without).await
    );
    assert_eq!(learnt == "sent", arrives, "{learnt}");

    let span = spans.one();
    if arrives {
        let consumer = sqs(&config, LamplightInterceptor::new());
        let message = receive(&consumer, &with, 1).await.remove(0);
        check(&message_context(&EventExtractor::new(), &message), &span);
    }
    span
}

fn no_limit() -> TimeoutConfig {
    TimeoutConfig::builder().operation_timeout(LONG).build()
}

fn short_attempts() -> TimeoutConfig {
    let timeouts = TimeoutConfig::builder().operation_timeout(LONG);
    timeouts.operation_attempt_timeout(SHORT).build()
}

/// `error.type` of each retry's event: what the attempt before failed with.
fn retries(span: &SpanData) -> Vec<String> {
    let events = events(span).into_iter();
    let retries = events.filter(|(name, _)| name == "aws.retry");
    retries
        .map(|(_, attributes)| attributes["error.type"].clone())
        .collect()
}

#[track_caller]
fn succeeded(span: &SpanData, after: &[&str]) {
    assert_eq!(span.status, Status::Unset, "{span:?}");
    let attributes = attributes(span);
    assert!(!attributes.contains_key("error.type"));
    assert_eq!(attributes["http.response.status_code"], "200");
    assert_eq!(
        attributes["lamplight.aws.attempts"],
        (after.len() + 1).to_string()
    );
    assert!(attributes.contains_key("messaging.message.id"));
    assert_eq!(retries(span), after);
}

#[tokio::test]
async fn two_failures_of_the_server_and_then_success() {
    let faults = [Fault::Answered(500, ""), Fault::Answered(503, "{}")];
    let span = span_of("5xx", &faults, no_limit(), true).await;
    succeeded(&span, &["500", "503"]);
}

#[tokio::test]
async fn throttling() {
    let faults = [
        Fault::Answered(400, THROTTLED),
        Fault::Answered(429, THROTTLED),
    ];
    let span = span_of("throttled", &faults, no_limit(), true).await;
    succeeded(&span, &["ThrottlingException", "ThrottlingException"]);
}

#[tokio::test]
async fn a_reset_connection() {
    let span = span_of("reset", &[Fault::Reset], no_limit(), true).await;
    succeeded(&span, &["dispatch_failure"]);
}

#[tokio::test]
async fn an_answer_that_breaks_off() {
    let cut = Fault::AnsweredInPart(r#"{"MessageId":"#);
    let span = span_of("broken", &[cut], no_limit(), true).await;
    succeeded(&span, &["response_failure"]);
}

#[tokio::test]
async fn an_attempt_that_hangs() {
    let span = span_of("hung", &[Fault::Hang], short_attempts(), true).await;
    succeeded(&span, &["timeout"]);
}

#[tokio::test]
async fn a_call_that_hangs_until_its_timeout() {
    let timeouts = TimeoutConfig::builder().operation_timeout(SHORT).build();
    let span = span_of("timeout", &[Fault::Hang], timeouts, false).await;
    assert!(matches!(span.status, Status::Error { .. }));
    let attributes = attributes(&span);
    assert_eq!(attributes["error.type"], "timeout");
    assert_eq!(attributes["lamplight.aws.attempts"], "1");
    assert_eq!(attributes["server.address"], "127.0.0.1");
    assert!(!attributes.contains_key("http.response.status_code"));
}

#[tokio::test]
async fn every_attempt_is_throttled() {
    let span = span_of(
        "slow",
        &[Fault::Answered(400, THROTTLED); 3],
        no_limit(),
        false,
    )
    .await;
    assert_eq!(description(&span), "slow down");
    let attributes = attributes(&span);
    assert_eq!(attributes["error.type"], "ThrottlingException");
    assert_eq!(attributes["lamplight.aws.attempts"], "3");
    assert_eq!(attributes["http.response.status_code"], "400");
    assert_eq!(retries(&span).len(), 2);
}

#[tokio::test]
async fn nobody_listens() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let spans = Spans::new();
    let with = client(&config, &endpoint, no_limit()).interceptor(spans.lamplight());
    let without = client(&config, &endpoint, no_limit());
    let queue = "http://127.0.0.1/000000000000/any";
    let learnt = send(Client::from_conf(with.build()), queue).await;
    assert_eq!(
        learnt,
        send(Client::from_conf(without.build()), queue).await
    );
    let span = spans.one();
    let attributes = attributes(&span);
    assert_eq!(attributes["error.type"], "dispatch_failure");
    assert_eq!(attributes["lamplight.aws.attempts"], "3");
    assert_eq!(retries(&span), ["dispatch_failure", "dispatch_failure"]);
    assert!(description(&span).contains("refused"), "{span:?}");
}

/// The request is on its way when the caller goes.
#[tokio::test]
async fn a_caller_that_does_not_wait() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let proxy = network(aws.address(), &[Fault::Hang]).await;
    let builder = client(&config, &proxy.url(), no_limit());
    let client = Client::from_conf(builder.interceptor(spans.lamplight()).build());
    let send = send(client, "http://127.0.0.1/000000000000/any");
    tokio::time::timeout(SHORT, send).await.unwrap_err();
    let attributes = attributes(&spans.one());
    assert_eq!(attributes["error.type"], "cancelled");
    assert_eq!(attributes["lamplight.aws.attempts"], "1");
}
