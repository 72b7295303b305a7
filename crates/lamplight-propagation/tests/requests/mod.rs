//! Events of HTTP requests.

use serde_json::{Value, json};

/// A request to an HTTP API, with these headers.
pub(crate) fn api(headers: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "ANY /orders/{id}", "rawPath": "/orders/7",
        "rawQueryString": "", "headers": headers,
        "requestContext": {
            "apiId": "a1", "domainName": "api.example", "stage": "$default",
            "routeKey": "ANY /orders/{id}",
            "http": {
                "method": "GET", "path": "/orders/7", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.9", "userAgent": "test",
            },
        },
    })
}

/// A request to a load balancer, with these headers.
pub(crate) fn balancer(headers: &Value) -> Value {
    json!({
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:::tg"}},
        "httpMethod": "GET", "path": "/orders/7", "headers": headers, "body": "",
    })
}
