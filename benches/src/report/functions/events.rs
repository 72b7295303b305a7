//! The events.

use serde_json::{Value, json};

/// The caller's trace.
pub(crate) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// The caller's span.
pub(crate) const SPAN: &str = "b7ad6b7169203331";

/// A secret in a query, as a signed URL has it.
pub(crate) const SECRET: &str = "d34db33f5ec7e7";

/// A request that came through an API Gateway HTTP API.
pub(crate) fn http() -> String {
    http_of(TRACE)
}

/// The same, of another trace.
pub(crate) fn http_of(trace: &str) -> String {
    json!({
        "version": "2.0",
        "routeKey": "POST /orders/{id}",
        "rawPath": "/orders/42",
        "rawQueryString": format!("page=2&X-Amz-Signature={SECRET}"),
        "headers": {
            "accept": "application/json",
            "baggage": "tenant=acme",
            "content-type": "application/json",
            "host": "abc123.execute-api.eu-west-1.amazonaws.com",
            "traceparent": traceparent(trace),
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "x-forwarded-for": "192.0.2.44",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "queryStringParameters": {"page": "2", "X-Amz-Signature": SECRET},
        "pathParameters": {"id": "42"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": "POST",
                "path": "/orders/42",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.44",
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /orders/{id}",
            "stage": "$default",
            "time": "21/Nov/2026:12:00:00 +0000",
            "timeEpoch": 1_795_262_400_000_u64,
        },
        "body": r#"{"sku": "A-1", "quantity": 2, "price": 19.90}"#,
        "isBase64Encoded": false,
    })
    .to_string()
}

/// Returns an event that cannot be deserialized as such a request.
pub(crate) fn unreadable() -> String {
    json!({"version": "2.0", "requestContext": "none", "headers": 7}).to_string()
}

/// Returns the traces of the messages of [`batch`].
pub(crate) fn traces() -> Vec<String> {
    (1..=3).map(|number| format!("{number:032x}")).collect()
}

/// Returns an SQS batch, each message with the context of a separate trace.
pub(crate) fn batch() -> String {
    let messages = traces().into_iter().enumerate().map(|(number, trace)| {
        let context = json!({"stringValue": traceparent(&trace), "dataType": "String"});
        message(number, "{}", json!({"traceparent": context}))
    });
    json!({"Records": messages.collect::<Vec<_>>()}).to_string()
}

/// Returns an EventBridge event that a rule has put into a queue; its context is in its detail, where
/// producers can write it.
pub(crate) fn event_bridge_in_sqs() -> String {
    let event = json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "OrderPlaced",
        "source": "shop",
        "account": "123456789012",
        "time": "2026-03-10T05:16:23Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {"order": 42, "traceparent": traceparent(TRACE)},
    });
    json!({"Records": [message(0, &event.to_string(), json!({}))]}).to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "put together in place")]
fn message(number: usize, body: &str, attributes: Value) -> Value {
    json!({
        "messageId": format!("059f36b4-87a3-44ab-83d2-{number:012}"),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": attributes,
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders",
        "awsRegion": "eu-west-1",
    })
}

fn traceparent(trace: &str) -> String {
    format!("00-{trace}-{SPAN}-01")
}
