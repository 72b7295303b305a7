//! Services without a carrier, and services that refuse.

use opentelemetry::KeyValue;

use super::*;
use crate::common::*;

#[tokio::test]
async fn services_without_a_carrier_and_a_service_that_refuses() {
    let aws = LocalAws::shared();
    let config = local(&aws);
    let spans = Spans::new();
    let builder = aws_sdk_s3::config::Builder::from(&config)
        .force_path_style(true)
        .interceptor(spans.lamplight());
    let s3 = aws_sdk_s3::Client::from_conf(builder.build());
    s3.create_bucket().bucket("photos").send().await.unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    s3.put_object()
        .bucket("photos")
        .key("a.jpg")
        .body(body)
        .send()
        .await
        .unwrap();
    let span = spans.named("S3.PutObject");
    assert!(
        span.attributes
            .contains(&KeyValue::new("aws.s3.key", "a.jpg"))
    );
    s3.get_object()
        .bucket("photos")
        .key("missing")
        .send()
        .await
        .unwrap_err();
    let span = spans.named("S3.GetObject");
    assert!(
        span.attributes
            .contains(&KeyValue::new("error.type", "NoSuchKey")),
        "{span:?}"
    );

    let builder = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(spans.lamplight());
    let dynamodb = aws_sdk_dynamodb::Client::from_conf(builder.build());
    let error = dynamodb.get_item().table_name("missing").key(
        "id",
        aws_sdk_dynamodb::types::AttributeValue::S("1".to_owned()),
    );
    error.send().await.unwrap_err();
    let span = spans.named("DynamoDB.GetItem");
    let expected = KeyValue::new("error.type", "ResourceNotFoundException");
    assert!(span.attributes.contains(&expected), "{span:?}");

    let missing = format!("{}/000000000000/missing", config.endpoint_url().unwrap());
    let client = sqs(&config, spans.lamplight());
    client
        .send_message()
        .queue_url(missing)
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    let span = spans.named("SQS.SendMessage");
    let expected = KeyValue::new("error.type", "AWS.SimpleQueueService.NonExistentQueue");
    assert!(span.attributes.contains(&expected), "{span:?}");
}
