//! Events of a wanted size, as AWS writes them.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::Value;

pub(crate) const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub(crate) const KB: usize = 1024;

/// Business JSON of about `size` bytes, with `first` as its first member.
fn payload(size: usize, first: &str) -> String {
    let item = r#"{"sku":"A-1001","name":"Widget \"large\"","price":19.90,"tags":["red","new"]}"#;
    let count = size.saturating_sub(first.len() + 40) / (item.len() + 1);
    format!(
        "{{{first}\"order\":4711,\"items\":[{}]}}",
        vec![item; count].join(",")
    )
}

fn otel() -> String {
    format!(r#""_otel":{{"traceparent":"{TRACEPARENT}"}},"#)
}

/// An HTTP API request, payload format 2.0.
pub(crate) fn api_gateway_v2(size: usize) -> String {
    let head = format!(
        r#"{{"version":"2.0","routeKey":"GET /pets/{{id}}","rawPath":"/pets/7","rawQueryString":"verbose=1","headers":{{"accept":"*/*","accept-encoding":"gzip","content-length":"0","host":"api.example.com","traceparent":"{TRACEPARENT}","user-agent":"curl/8.9.1","x-amzn-trace-id":"Root=1-5759e988-bd862e3fe1be46a994272793","x-forwarded-for":"192.0.2.10","x-forwarded-port":"443","x-forwarded-proto":"https"}},"queryStringParameters":{{"verbose":"1"}},"requestContext":{{"accountId":"123456789012","apiId":"api","domainName":"api.example.com","domainPrefix":"api","http":{{"method":"GET","path":"/pets/7","protocol":"HTTP/1.1","sourceIp":"192.0.2.10","userAgent":"curl/8.9.1"}},"requestId":"JKJaXmPLvHcESHA=","routeKey":"GET /pets/{{id}}","stage":"$default","time":"10/Mar/2026:05:16:23 +0000","timeEpoch":1773119783000}},"pathParameters":{{"id":"7"}},"body":"#
    );
    let body = payload(size.saturating_sub(head.len() + 30) * 5 / 6, "");
    format!("{head}{},\"isBase64Encoded\":false}}", Value::from(body))
}

fn sqs_record(body: &str, attributes: bool) -> String {
    let attributes = if attributes {
        format!(
            r#"{{"traceparent":{{"stringValue":"{TRACEPARENT}","stringListValues":[],"binaryListValues":[],"dataType":"String"}}}}"#
        )
    } else {
        "{}".to_owned()
    };
    format!(
        r#"{{"messageId":"059f36b4-87a3-44ab-83d2-661975160001","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a","body":{},"attributes":{{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183","SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"}},"messageAttributes":{attributes},"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-west-1:123456789012:orders","awsRegion":"eu-west-1"}}"#,
        Value::from(body)
    )
}

/// A batch of messages with context in their attributes.
pub(crate) fn sqs(size: usize, count: usize) -> String {
    let body = payload((size / count).saturating_sub(640) * 5 / 6, "");
    format!(
        "{{\"Records\":[{}]}}",
        vec![sqs_record(&body, true); count].join(",")
    )
}

/// One SNS notification, wrapped in an SQS message.
pub(crate) fn sns_in_sqs(size: usize) -> String {
    let message = payload(size.saturating_sub(1500) * 2 / 3, "");
    let notification = format!(
        r#"{{"Type":"Notification","MessageId":"dc1e94d9-56c5-5e96-808d-cc7f68faa162","TopicArn":"arn:aws:sns:eu-west-1:123456789012:shop","Message":{},"Timestamp":"2026-03-10T05:16:23.000Z","SignatureVersion":"1","Signature":"sig","SigningCertURL":"https://x","UnsubscribeURL":"https://x","MessageAttributes":{{"traceparent":{{"Type":"String","Value":"{TRACEPARENT}"}}}}}}"#,
        Value::from(message)
    );
    format!("{{\"Records\":[{}]}}", sqs_record(&notification, false))
}

/// One event, with our member at the front of its detail.
pub(crate) fn eventbridge(size: usize) -> String {
    eventbridge_with(&payload(size.saturating_sub(300), &otel()))
}

/// One event without any context: the whole detail has to be looked at.
pub(crate) fn eventbridge_without(size: usize) -> String {
    eventbridge_with(&payload(size.saturating_sub(300), ""))
}

fn eventbridge_with(detail: &str) -> String {
    format!(
        r#"{{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"OrderPlaced","source":"shop","account":"123456789012","time":"2026-03-10T05:16:23Z","region":"eu-west-1","resources":[],"detail":{detail}}}"#
    )
}

/// A batch of JSON records.
pub(crate) fn kinesis(size: usize, count: usize) -> String {
    let data = BASE64.encode(payload((size / count).saturating_sub(560) * 3 / 4, &otel()));
    let record = format!(
        r#"{{"kinesis":{{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"49590338271490256608559692538361571095921575989136588898","data":"{data}","approximateArrivalTimestamp":1545084650.987}},"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"shardId-000000000006:49590338271490256608559692538361571095921575989136588898","eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::123456789012:role/r","awsRegion":"eu-west-1","eventSourceARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/events"}}"#
    );
    format!("{{\"Records\":[{}]}}", vec![record; count].join(","))
}
