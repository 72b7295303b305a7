//! Services that carry no context: their attributes, and what must not be among them.

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use aws_sdk_s3::primitives::ByteStream;
use lamplight_aws_sdk::LamplightExt as _;
use opentelemetry::trace::SpanKind;

use crate::common::*;

#[tokio::test]
async fn dynamodb_tables_and_counts() {
    let spans = Spans::new();
    let http = replay([reply(
        200,
        r#"{"Count":2,"ScannedCount":3,"Items":[{"id":{"S":"secret"}}],
            "ConsumedCapacity":{"TableName":"orders","CapacityUnits":0.5}}"#,
    )]);
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http.clone()));
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .query()
        .table_name("orders")
        .index_name("by-customer")
        .consistent_read(true)
        .limit(10)
        .scan_index_forward(false)
        .projection_expression("id")
        .key_condition_expression("id = :id")
        .expression_attribute_values(":id", AttributeValue::S("secret".into()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(span.name, "DynamoDB.Query");
    assert_eq!(span.span_kind, SpanKind::Client);
    expect(
        &span,
        &[
            ("aws.dynamodb.consistent_read", "true"),
            (
                "aws.dynamodb.consumed_capacity",
                r#"["{"TableName":"orders","CapacityUnits":0.5}"]"#,
            ),
            ("aws.dynamodb.count", "2"),
            ("aws.dynamodb.index_name", "by-customer"),
            ("aws.dynamodb.limit", "10"),
            ("aws.dynamodb.projection", "id"),
            ("aws.dynamodb.scan_forward", "false"),
            ("aws.dynamodb.scanned_count", "3"),
            ("aws.dynamodb.table_names", r#"["orders"]"#),
            ("cloud.region", "eu-west-1"),
            ("http.response.status_code", "200"),
            ("lamplight.aws.attempts", "1"),
            ("rpc.method", "Query"),
            ("rpc.service", "DynamoDB"),
            ("rpc.system", "aws-api"),
            ("server.address", "dynamodb.eu-west-1.amazonaws.com"),
        ],
    );
    assert!(!format!("{span:?}").contains("secret"));
}

#[tokio::test]
async fn dynamodb_batches_name_every_table_once() {
    let spans = Spans::new();
    let http = replay([reply(200, r#"{"Responses":{}}"#)]);
    let config = aws_sdk_dynamodb::config::Builder::from(&config(http.clone()));
    let keys = || {
        let key = [("id".to_owned(), AttributeValue::S("secret".into()))].into();
        KeysAndAttributes::builder().keys(key).build().unwrap()
    };
    aws_sdk_dynamodb::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .batch_get_item()
        .request_items("b", keys())
        .request_items("a", keys())
        .send()
        .await
        .unwrap();
    let span = spans.one();
    assert_eq!(
        attributes(&span)["aws.dynamodb.table_names"],
        r#"["a","b"]"#
    );
    assert!(!format!("{span:?}").contains("secret"));
}

#[tokio::test]
async fn s3_objects_and_the_keys_that_join_their_events() {
    let spans = Spans::new();
    let ids = [("x-amz-request-id", "R1"), ("x-amz-id-2", "X2")];
    let http = replay([reply_with(200, &ids, "")]);
    let config = aws_sdk_s3::config::Builder::from(&config(http.clone()));
    aws_sdk_s3::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .put_object()
        .bucket("photos")
        .key("a/b.jpg")
        .body(ByteStream::from_static(b"secret"))
        .send()
        .await
        .unwrap();
    let span = spans.one();
    let attributes = attributes(&span);
    assert_eq!(attributes["aws.s3.bucket"], "photos");
    assert_eq!(attributes["aws.s3.key"], "a/b.jpg");
    assert_eq!(attributes["aws.request_id"], "R1");
    assert_eq!(attributes["aws.extended_request_id"], "X2");
    assert_eq!(
        attributes["server.address"],
        "photos.s3.eu-west-1.amazonaws.com"
    );
}

#[tokio::test]
async fn s3_without_a_body_in_its_error_is_named_by_the_sdk() {
    let spans = Spans::new();
    let http = replay([reply(404, "")]);
    let config = aws_sdk_s3::config::Builder::from(&config(http.clone()));
    aws_sdk_s3::Client::from_conf(config.interceptor(spans.lamplight()).build())
        .head_object()
        .bucket("photos")
        .key("missing")
        .send()
        .await
        .unwrap_err();
    assert_eq!(attributes(&spans.one())["error.type"], "NotFound");
}

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
