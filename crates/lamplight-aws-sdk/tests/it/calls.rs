//! The outcomes of calls: they are recorded on the span, and the caller gets the SDK's own result.

use std::time::Duration;

use aws_sdk_eventbridge::{Client, config, types::PutEventsRequestEntry};
use aws_smithy_http_client::test_util::{NeverClient, ReplayEvent};
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_types::timeout::TimeoutConfig;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

pub(crate) const ACCEPTED: &str = r#"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}"#;
const DENIED: &str = r#"{"__type":"com.amazon#AccessDeniedException","message":"not yours"}"#;
const SLOW_DOWN: &str = r#"{"__type":"ThrottlingException","message":"slow down"}"#;
const INTERNAL: &str = r#"{"__type":"InternalException","message":"try again"}"#;

/// Puts one event, and what came of it as text.
pub(crate) async fn put(client: &Client) -> String {
    let entry = PutEventsRequestEntry::builder()
        .source("s")
        .detail("{}")
        .build();
    format!("{:?}", client.put_events().entries(entry).send().await)
}

/// The span of a call, and a check that its caller gets the same as without the interceptor.
pub(crate) async fn span_of<H: HttpClient + 'static>(
    http: impl Fn() -> H,
    configure: impl Fn(config::Builder) -> config::Builder,
) -> SpanData {
    let spans = Spans::new();
    let builder = || configure(config::Builder::from(&crate::common::config(http())));
    let with = Client::from_conf(builder().interceptor(spans.lamplight()).build());
    let without = Client::from_conf(builder().build());
    assert_eq!(put(&with).await, put(&without).await);
    spans.one()
}

pub(crate) async fn replayed(replies: impl Fn() -> Vec<ReplayEvent>) -> SpanData {
    span_of(|| replay(replies()), |builder| builder).await
}

pub(crate) fn error_type(span: &SpanData) -> String {
    assert!(matches!(span.status, Status::Error { .. }), "{span:?}");
    attributes(span)["error.type"].clone()
}

#[tokio::test]
async fn success_has_no_status() {
    let span = replayed(|| vec![reply(200, ACCEPTED)]).await;
    assert_eq!(span.status, Status::Unset);
    assert!(events(&span).is_empty());
}

#[tokio::test]
async fn a_services_error_has_its_code_and_its_words() {
    let span = replayed(|| vec![reply_with(400, &[("x-amzn-requestid", "r1")], DENIED)]).await;
    assert_eq!(error_type(&span), "AccessDeniedException");
    assert_eq!(description(&span), "not yours");
    let attributes = attributes(&span);
    assert_eq!(attributes["http.response.status_code"], "400");
    assert_eq!(attributes["aws.request_id"], "r1");
    assert_eq!(attributes["lamplight.aws.attempts"], "1");
}

#[tokio::test]
async fn an_error_the_sdk_has_a_type_for_has_its_code_too() {
    let three = || (0..3).map(|_| reply(500, INTERNAL)).collect();
    let span = replayed(three).await;
    assert_eq!(error_type(&span), "InternalException");
    assert_eq!(description(&span), "try again");
    assert_eq!(attributes(&span)["lamplight.aws.attempts"], "3");
}

/// SSM has a type for it, and the operation does not say that it may end so.
#[tokio::test]
async fn an_error_of_the_services_that_the_operation_does_not_name() {
    let spans = Spans::new();
    let body = r#"{"__type":"AccessDeniedException","message":"not yours"}"#;
    let http = replay([reply(400, body)]);
    let config = aws_sdk_ssm::config::Builder::from(&crate::common::config(http));
    let client = aws_sdk_ssm::Client::from_conf(config.interceptor(spans.lamplight()).build());
    client.get_parameter().name("p").send().await.unwrap_err();
    assert_eq!(error_type(&spans.one()), "AccessDeniedException");
}

#[tokio::test]
async fn retries_are_events_and_success_after_them_is_success() {
    let span = replayed(|| vec![reply(503, ""), reply(429, SLOW_DOWN), reply(200, ACCEPTED)]).await;
    assert_eq!(span.status, Status::Unset);
    let attributes = attributes(&span);
    assert_eq!(attributes["lamplight.aws.attempts"], "3");
    assert_eq!(attributes["http.response.status_code"], "200");
    assert!(!attributes.contains_key("error.type"));
    let retry = |count: &str, error: &str, status: &str| {
        let attributes = [
            ("error.type", error),
            ("http.request.resend_count", count),
            ("http.response.status_code", status),
        ];
        (
            "aws.retry".to_owned(),
            attributes.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        )
    };
    assert_eq!(
        events(&span),
        [
            retry("1", "503", "503"),
            retry("2", "ThrottlingException", "429")
        ]
    );
}

#[tokio::test]
async fn a_refused_entry_is_no_error_of_the_call() {
    let refused = r#"{"FailedEntryCount":1,"Entries":[
        {"ErrorCode":"InternalFailure","ErrorMessage":"try again"}]}"#;
    let span = replayed(|| vec![reply(200, refused)]).await;
    assert_eq!(span.status, Status::Unset);
    assert_eq!(attributes(&span)["lamplight.aws.failed_entries"], "1");
    assert_eq!(events(&span)[0].1["error.type"], "InternalFailure");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read() {
    let span = replayed(|| vec![reply(200, "<html>")]).await;
    assert_eq!(error_type(&span), "response_failure");
    let span = replayed(|| {
        vec![
            reply(502, "<html>no gateway"),
            reply(502, ""),
            reply(502, ""),
        ]
    })
    .await;
    assert_eq!(error_type(&span), "502");
}

#[tokio::test]
async fn no_connection() {
    // A replay without a reply fails as a connector does.
    let span = replayed(Vec::new).await;
    assert_eq!(error_type(&span), "dispatch_failure");
    assert!(!attributes(&span).contains_key("http.response.status_code"));
}

#[tokio::test(start_paused = true)]
async fn the_call_runs_out_of_time() {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(Duration::from_secs(2))
        .build();
    let span = span_of(NeverClient::new, |builder| {
        builder.timeout_config(timeouts.clone())
    })
    .await;
    assert_eq!(error_type(&span), "timeout");
    assert_eq!(attributes(&span)["lamplight.aws.attempts"], "1");
}

#[tokio::test(start_paused = true)]
async fn every_attempt_runs_out_of_time() {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(2))
        .build();
    let span = span_of(NeverClient::new, |builder| {
        builder.timeout_config(timeouts.clone())
    })
    .await;
    assert_eq!(error_type(&span), "timeout");
    assert_eq!(attributes(&span)["lamplight.aws.attempts"], "3");
    assert_eq!(events(&span)[0].1["error.type"], "timeout");
}

#[tokio::test(start_paused = true)]
async fn the_caller_drops_the_call() {
    let spans = Spans::new();
    let config = config::Builder::from(&crate::common::config(NeverClient::new()));
    let client = Client::from_conf(config.interceptor(spans.lamplight()).build());
    tokio::time::timeout(Duration::from_secs(1), put(&client))
        .await
        .unwrap_err();
    let span = spans.one();
    assert_eq!(error_type(&span), "cancelled");
    assert_eq!(attributes(&span)["lamplight.aws.attempts"], "1");
    assert!(attributes(&span).contains_key("server.address"));
}

#[tokio::test]
async fn no_credentials() {
    let http = || replay([]);
    let spans = Spans::new();
    let bare = || {
        let mut config = crate::common::config(http()).into_builder();
        config.set_credentials_provider(None);
        config::Builder::from(&config.build())
    };
    let with = Client::from_conf(bare().interceptor(spans.lamplight()).build());
    assert_eq!(
        put(&with).await,
        put(&Client::from_conf(bare().build())).await
    );
    assert_eq!(error_type(&spans.one()), "dispatch_failure");
}

#[tokio::test]
async fn a_request_that_cannot_be_built() {
    let spans = Spans::new();
    let http = replay([]);
    let invoke = |builder: aws_sdk_lambda::config::Builder| {
        let client = aws_sdk_lambda::Client::from_conf(builder.build());
        async move { format!("{:?}", client.invoke().send().await) }
    };
    let builder = || aws_sdk_lambda::config::Builder::from(&crate::common::config(http.clone()));
    let with = invoke(builder().interceptor(spans.lamplight())).await;
    assert_eq!(with, invoke(builder()).await);
    let span = spans.one();
    assert_eq!(error_type(&span), "construction_failure");
    assert!(!attributes(&span).contains_key("lamplight.aws.attempts"));
}

#[tokio::test]
async fn a_query_protocols_error_code_is_the_services() {
    let spans = Spans::new();
    let headers = [(
        "x-amzn-query-error",
        "AWS.SimpleQueueService.NonExistentQueue;Sender",
    )];
    let body = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#;
    let http = replay([reply_with(400, &headers, body)]);
    let config = aws_sdk_sqs::config::Builder::from(&crate::common::config(http));
    let client = aws_sdk_sqs::Client::from_conf(config.interceptor(spans.lamplight()).build());
    client
        .purge_queue()
        .queue_url("https://q/1/x")
        .send()
        .await
        .unwrap_err();
    let span = spans.one();
    assert_eq!(span.name, "SQS.PurgeQueue");
    assert_eq!(error_type(&span), "AWS.SimpleQueueService.NonExistentQueue");
    assert_eq!(description(&span), "no such queue");
}

#[tokio::test]
async fn a_presigned_request_is_signed_as_without_and_is_no_error() {
    let spans = Spans::new();
    let builder = || aws_sdk_s3::config::Builder::from(&crate::common::config(replay([])));
    let lamplight = spans
        .lamplight()
        .with_carrier(lamplight_aws_sdk::Carrier::HttpHeaders)
        .with_xray_header();
    let presign = |builder: aws_sdk_s3::config::Builder| {
        let client = aws_sdk_s3::Client::from_conf(builder.build());
        async move {
            let start = std::time::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            let presigning = aws_sdk_s3::presigning::PresigningConfig::builder()
                .start_time(start)
                .expires_in(Duration::from_secs(60))
                .build()
                .unwrap();
            let request = client
                .get_object()
                .bucket("b")
                .key("k")
                .presigned(presigning)
                .await;
            request.unwrap().uri().to_owned()
        }
    };
    let with = presign(builder().interceptor(lamplight)).await;
    assert_eq!(with, presign(builder()).await);
    let span = spans.one();
    assert_eq!(span.status, Status::Unset);
    assert!(!attributes(&span).contains_key("http.response.status_code"));
}
