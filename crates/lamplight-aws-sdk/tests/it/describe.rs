//! The data of requests and responses are not recorded, and services without a place for context get none.

use std::collections::BTreeSet;

use aws_smithy_http_client::test_util::StaticReplayClient;
use lamplight_aws_sdk::{Carrier, LamplightExt as _, LamplightInterceptor};
use opentelemetry::trace::FutureExt as _;

use crate::common::*;

#[tokio::test]
async fn a_secret_is_named_and_not_told() {
    let spans = Spans::new();
    let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    let reply = reply(
        200,
        &format!(r#"{{"ARN":"{arn}","Name":"db","SecretString":"hunter2"}}"#),
    );
    let http = replay([reply]);
    let config = aws_sdk_secretsmanager::config::Builder::from(&config(http.clone()));
    aws_sdk_secretsmanager::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.name, "Secrets Manager.GetSecretValue");
    assert_eq!(attributes(&span)["aws.secretsmanager.secret.arn"], arn);
    assert!(!format!("{span:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_parameter_is_not_told() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Parameter":{"Name":"p","Value":"hunter2"}}"#,
    )]);
    let config = aws_sdk_ssm::config::Builder::from(&config(http.clone()));
    aws_sdk_ssm::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .get_parameter()
        .name("p")
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.name, "SSM.GetParameter");
    assert!(!format!("{span:?}").contains("hunter2"));
}

#[test]
fn every_feature_has_the_method() {
    let config = config(replay([]));
    let _ = aws_sdk_dynamodb::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_eventbridge::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_kinesis::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_lambda::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_s3::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_secretsmanager::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sfn::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sns::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_sqs::config::Builder::from(&config).lamplight();
    let _ = aws_sdk_ssm::config::Builder::from(&config).lamplight();
}

/// Calls an operation with the interceptor and without. What it sends must be the same.
macro_rules! unchanged {
    ($service:ident, $answer:expr, |$client:ident| $call:expr) => {{
        let spans = Spans::new();
        let sent = async |lamplight: Option<LamplightInterceptor>| {
            let http = replay([reply(200, $answer)]);
            let mut builder = $service::config::Builder::from(&config(http.clone()));
            if let Some(lamplight) = lamplight {
                builder = builder.interceptor(lamplight);
            }
            let $client = $service::Client::from_conf(builder.build());
            $call.send().with_context(caller()).await.unwrap();
            request(&http)
        };
        let with = sent(Some(spans.lamplight())).await;
        assert_eq!(with, sent(None).await);
        assert_eq!(
            spans.one().span_kind,
            opentelemetry::trace::SpanKind::Client
        );
    }};
}

/// Returns the sent request, without the values that differ for each call.
fn request(http: &StaticReplayClient) -> (String, Option<Vec<u8>>, BTreeSet<String>) {
    let request = http.actual_requests().next().unwrap();
    let headers = request.headers().iter().map(|(name, _)| name.to_owned());
    let body = request.body().bytes().map(<[u8]>::to_vec);
    (request.uri().to_owned(), body, headers.collect())
}

#[tokio::test]
async fn services_without_a_place_for_context_get_none() {
    let text = aws_sdk_dynamodb::types::AttributeValue::S;
    unchanged!(aws_sdk_dynamodb, "{}", |client| client
        .put_item()
        .table_name("orders")
        .item("id", text("1".to_owned())));
    unchanged!(aws_sdk_s3, "", |client| client
        .put_object()
        .bucket("photos")
        .key("a.json")
        .body(aws_sdk_s3::primitives::ByteStream::from_static(b"{}")));
    unchanged!(aws_sdk_secretsmanager, "{}", |client| client
        .put_secret_value()
        .secret_id("db")
        .client_request_token("t")
        .secret_string("{}"));
    unchanged!(aws_sdk_ssm, "{}", |client| client
        .put_parameter()
        .name("p")
        .value("{}"));
}

/// Calls an operation that sends a secret. Its span must not tell it.
macro_rules! kept_secret {
    ($service:ident, $answer:expr, |$client:ident| $call:expr) => {{
        let spans = Spans::new();
        let builder = $service::config::Builder::from(&config(replay([reply(200, $answer)])));
        let lamplight = spans
            .lamplight()
            .with_carrier(Carrier::KinesisData)
            .with_carrier(Carrier::LambdaPayload)
            .with_carrier(Carrier::StepFunctionsInput);
        let $client = $service::Client::from_conf(builder.interceptor(lamplight).build());
        $call.send().await.unwrap();
        let span = format!("{:?}", spans.one());
        assert!(!span.contains("hunter2"), "{span}");
    }};
}

#[tokio::test]
async fn what_is_sent_and_answered_is_not_told() {
    let secret = || r#"{"password":"hunter2"}"#.to_owned();
    let text = || aws_sdk_dynamodb::types::AttributeValue::S(secret());
    let bytes = || aws_smithy_types::Blob::new(secret());
    kept_secret!(aws_sdk_sqs, r#"{"MessageId":"m"}"#, |client| client
        .send_message()
        .queue_url("https://q/1/orders")
        .message_body(secret()));
    let received = r#"{"Messages":[{"MessageId":"m","Body":"hunter2","ReceiptHandle":"hunter2"}]}"#;
    kept_secret!(aws_sdk_sqs, received, |client| client
        .receive_message()
        .queue_url("https://q/1/orders"));
    let published = "<PublishResponse><PublishResult/></PublishResponse>";
    kept_secret!(aws_sdk_sns, published, |client| client
        .publish()
        .topic_arn("arn:aws:sns:eu-west-1:123456789012:orders")
        .subject("hunter2")
        .message(secret()));
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder();
    let entry = entry.source("shop").detail(secret()).build();
    kept_secret!(aws_sdk_eventbridge, r#"{"Entries":[]}"#, |client| client
        .put_events()
        .entries(entry));
    kept_secret!(aws_sdk_lambda, "hunter2", |client| client
        .invoke()
        .function_name("f")
        .payload(bytes()));
    let stored = r#"{"ShardId":"s","SequenceNumber":"1"}"#;
    kept_secret!(aws_sdk_kinesis, stored, |client| client
        .put_record()
        .stream_name("orders")
        .partition_key("hunter2")
        .data(bytes()));
    let started = r#"{"executionArn":"arn:e","startDate":1.0}"#;
    kept_secret!(aws_sdk_sfn, started, |client| client
        .start_execution()
        .state_machine_arn("arn:m")
        .input(secret()));
    kept_secret!(aws_sdk_s3, "", |client| client
        .put_object()
        .bucket("photos")
        .key("a")
        .body(secret().into_bytes().into()));
    kept_secret!(aws_sdk_dynamodb, "{}", |client| client
        .put_item()
        .table_name("orders")
        .item("id", text()));
    kept_secret!(aws_sdk_secretsmanager, "{}", |client| client
        .put_secret_value()
        .secret_id("db")
        .client_request_token("t")
        .secret_string(secret()));
    kept_secret!(aws_sdk_ssm, "{}", |client| client
        .put_parameter()
        .name("p")
        .value(secret()));
}
