//! Answers that a program has asked for are no failures, though the SDK calls them errors ("Recording
//! errors on spans" of the semantic conventions: "Instrumentations that have additional context about a
//! specific request MAY use this context to set the span status more precisely").

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
use lamplight_aws_sdk::LamplightInterceptor;
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::common::*;

/// Returns the status code of the span, and the code of the error or of the expected response.
fn told(span: &SpanData) -> (String, Result<String, String>) {
    let mut attributes = attributes(span);
    let status = attributes["http.response.status_code"].clone();
    let expected = attributes.remove("lamplight.aws.expected_error");
    match (&span.status, attributes.remove("error.type"), expected) {
        (Status::Unset, None, Some(code)) => (status, Ok(code)),
        (Status::Error { .. }, Some(code), None) => (status, Err(code)),
        other => panic!("{other:?}"),
    }
}

fn ok(status: &str, code: &str) -> (String, Result<String, String>) {
    (status.to_owned(), Ok(code.to_owned()))
}

fn err(status: &str, code: &str) -> (String, Result<String, String>) {
    (status.to_owned(), Err(code.to_owned()))
}

#[derive(Clone, Copy, Debug)]
enum S3 {
    Head,
    HeadBucket,
    Get,
    Put,
}

/// Returns the same for a call to S3 with this response.
async fn s3(operation: S3, answer: ReplayEvent) -> (String, Result<String, String>) {
    let spans = Spans::new();
    let config = aws_sdk_s3::config::Builder::from(&config(replay([answer])));
    let client = aws_sdk_s3::Client::from_conf(config.interceptor(spans.lamplight()).build());
    let is_error = match operation {
        S3::Head => client
            .head_object()
            .bucket("b")
            .key("k")
            .send()
            .await
            .is_err(),
        S3::HeadBucket => client.head_bucket().bucket("b").send().await.is_err(),
        S3::Get => client
            .get_object()
            .bucket("b")
            .key("k")
            .send()
            .await
            .is_err(),
        S3::Put => client
            .put_object()
            .bucket("b")
            .key("k")
            .send()
            .await
            .is_err(),
    };
    assert!(is_error, "the caller gets what the SDK gives");
    told(&spans.one())
}

fn xml(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>m</Message></Error>")
}

#[tokio::test]
async fn what_is_looked_for_and_not_there_is_no_failure() {
    assert_eq!(s3(S3::Head, reply(404, "")).await, ok("404", "NotFound"));
    assert_eq!(
        s3(S3::HeadBucket, reply(404, "")).await,
        ok("404", "NotFound")
    );
    let missing = reply(404, &xml("NoSuchKey"));
    assert_eq!(s3(S3::Get, missing).await, err("404", "NoSuchKey"));
    assert_eq!(s3(S3::Head, reply(403, "")).await, err("403", "403"));
}

#[tokio::test]
async fn a_condition_of_a_request_that_is_false_is_no_failure() {
    assert_eq!(s3(S3::Get, reply(304, "")).await, ok("304", "304"));
    assert_eq!(s3(S3::Head, reply(304, "")).await, ok("304", "304"));
    let failed = || reply(412, &xml("PreconditionFailed"));
    let expected = ok("412", "PreconditionFailed");
    assert_eq!(s3(S3::Put, failed()).await, expected);
    assert_eq!(s3(S3::Get, failed()).await, expected);
    let conflict = reply(409, &xml("ConditionalRequestConflict"));
    let expected = err("409", "ConditionalRequestConflict");
    assert_eq!(s3(S3::Put, conflict).await, expected);
}

/// The SDK follows none, so that the call has given nothing.
#[tokio::test]
async fn a_redirect_is_a_failure() {
    let moved = reply(301, &xml("PermanentRedirect"));
    assert_eq!(s3(S3::Get, moved).await, err("301", "PermanentRedirect"));
}

fn dynamodb(lamplight: LamplightInterceptor, answer: &str) -> aws_sdk_dynamodb::Client {
    let http: StaticReplayClient = replay([reply(400, answer)]);
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http));
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(lamplight).build())
}

async fn put(
    spans: &Spans,
    lamplight: LamplightInterceptor,
    code: &str,
) -> (String, Result<String, String>) {
    let answer = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"m"}}"#);
    let put = dynamodb(lamplight, &answer).put_item().table_name("orders");
    let put = put.item("id", AttributeValue::S("1".into()));
    put.condition_expression("attribute_not_exists(id)")
        .send()
        .await
        .unwrap_err();
    told(&spans.one())
}

#[tokio::test]
async fn a_false_condition_of_an_item_is_no_failure() {
    let spans = Spans::new();
    let code = "ConditionalCheckFailedException";
    assert_eq!(put(&spans, spans.lamplight(), code).await, ok("400", code));
    let spans = Spans::new();
    let code = "ResourceNotFoundException";
    assert_eq!(put(&spans, spans.lamplight(), code).await, err("400", code));
}

#[tokio::test]
async fn a_transaction_has_failed_unless_its_conditions_are_all_that_is_wrong() {
    let code = "TransactionCanceledException";
    for (reasons, expected) in [
        (&["None", "ConditionalCheckFailed"][..], ok("400", code)),
        (&["ConditionalCheckFailed"], ok("400", code)),
        (
            &["ConditionalCheckFailed", "TransactionConflict"],
            err("400", code),
        ),
        (&["None", "ValidationError"], err("400", code)),
        (&["None"], err("400", code)),
        (&[], err("400", code)),
    ] {
        let reasons: Vec<_> = reasons
            .iter()
            .map(|code| format!(r#"{{"Code":"{code}"}}"#))
            .collect();
        let answer = format!(
            r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","Message":"m","CancellationReasons":[{}]}}"#,
            reasons.join(",")
        );
        let spans = Spans::new();
        let put = Put::builder().table_name("orders");
        let put = put
            .item("id", AttributeValue::S("1".into()))
            .build()
            .unwrap();
        dynamodb(spans.lamplight(), &answer)
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .send()
            .await
            .unwrap_err();
        assert_eq!(told(&spans.one()), expected, "{reasons:?}");
    }
}

#[tokio::test]
async fn the_user_decides_by_service_operation_code_and_status() {
    let code = "ResourceNotFoundException";
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_expected_errors(|error| {
        assert!(!error.is_expected_by_default());
        error.service() == "DynamoDB"
            && error.operation() == "PutItem"
            && error.code() == "ResourceNotFoundException"
            && error.status() == 400
    });
    assert_eq!(put(&spans, lamplight, code).await, ok("400", code));

    let code = "ConditionalCheckFailedException";
    let spans = Spans::new();
    let strict = spans.lamplight().with_expected_errors(|_| false);
    assert_eq!(put(&spans, strict, code).await, err("400", code));

    let spans = Spans::new();
    let panics = spans
        .lamplight()
        .with_expected_errors(|_| panic!("a user's"));
    assert_eq!(put(&spans, panics, code).await, err("400", code));
}

/// A call without an answer is not asked about, whatever the user would say.
#[tokio::test]
async fn a_call_without_an_answer_has_failed() {
    let spans = Spans::new();
    let lamplight = spans.lamplight().with_expected_errors(|_| true);
    let config = aws_sdk_s3::config::Builder::from(&config(replay([])));
    let client = aws_sdk_s3::Client::from_conf(config.interceptor(lamplight).build());
    client
        .head_object()
        .bucket("b")
        .key("k")
        .send()
        .await
        .unwrap_err();
    let span = spans.one();
    assert!(matches!(span.status, Status::Error { .. }));
    assert_eq!(attributes(&span)["error.type"], "dispatch_failure");
}
