//! Events, with the function's action under `do`.

#![expect(
    clippy::needless_pass_by_value,
    reason = "events are put together in place"
)]

use serde_json::{Value, json};

/// The trace of callers in the tests.
pub const TRACE_ID: &str = "0af7651916cd43dd8448eb211c80319c";

/// A span of [`TRACE_ID`].
pub const SPAN_ID: &str = "b7ad6b7169203331";

/// Returns the caller's context in a W3C header.
pub fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE_ID}-{SPAN_ID}-{:02x}", u8::from(sampled))
}

/// Returns the event of a direct invocation.
pub fn plain(wanted: Value) -> Value {
    json!({"do": wanted})
}

/// Returns `GET /pets/7` through an HTTP API, payload format 2.0.
pub fn http(wanted: Value, headers: Value) -> Value {
    json!({
        "do": wanted,
        "version": "2.0",
        "routeKey": "GET /pets/{id}",
        "rawPath": "/pets/7",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "http": {
                "method": "GET",
                "path": "/pets/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "curl/8.9.1",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "GET /pets/{id}",
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1_773_119_783_000_u64,
        },
        "pathParameters": {"id": "7"},
        "isBase64Encoded": false,
    })
}

/// A message of a batch: its body and its context.
pub type Message<'a> = (&'a str, Option<&'a str>);

/// Returns a batch of a queue; message ids are `message-0` and so on.
pub fn sqs(messages: &[Message<'_>]) -> Value {
    let records = messages
        .iter()
        .enumerate()
        .map(|(number, (body, traceparent))| {
            let attributes = traceparent.map_or_else(
                || json!({}),
                |value| json!({"traceparent": {"stringValue": value, "dataType": "String"}}),
            );
            json!({
                "messageId": format!("message-{number}"),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "2",
                    "SentTimestamp": "1545082649183",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                },
                "messageAttributes": attributes,
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
                "awsRegion": "us-east-1",
            })
        });
    json!({"do": "records", "Records": records.collect::<Vec<_>>()})
}
