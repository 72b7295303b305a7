//! Events of WebSocket APIs.

use serde::Serialize;
use serde_json::{Value, json};

use super::{insert, stamp::Stamp, with_context};

/// An event of a WebSocket API: a connection, unless [`json`](Self::json) makes it a message.
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct WebSocket {
    route: String,
    body: Option<Value>,
    traceparent: Option<String>,
    sent: Stamp,
}

/// Returns the event of a new connection.
pub fn websocket() -> WebSocket {
    WebSocket {
        route: "$connect".to_owned(),
        body: None,
        traceparent: None,
        sent: Stamp::now(),
    }
}

impl WebSocket {
    /// Makes it a message with this value as JSON, on the route of this key.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn json(mut self, route: impl Into<String>, body: &impl Serialize) -> Self {
        self.route = route.into();
        self.body = Some(super::json(body));
        self
    }

    /// Gives it the context of this `traceparent`: a connection in a header, a message in its JSON.
    pub fn with_trace(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    pub(super) fn value(&self) -> Value {
        let domain = "abcdefghij.execute-api.us-east-1.amazonaws.com";
        let context = json!({
            "routeKey": self.route,
            "eventType": match self.body {
                Some(_) => "MESSAGE",
                None => "CONNECT",
            },
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "requestTime": self.sent.log(),
            "messageDirection": "IN",
            "stage": "prod",
            "connectedAt": self.sent.millis(),
            "requestTimeEpoch": self.sent.millis(),
            "identity": {"sourceIp": "192.0.2.10", "userAgent": "curl/8.9.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "domainName": domain,
            "connectionId": "TWegAcC4EowCHnA=",
            "apiId": "abcdefghij",
        });
        let Some(body) = &self.body else {
            let mut headers = json!({"Host": domain, "User-Agent": "curl/8.9.1"});
            let mut lists = json!({"Host": [domain], "User-Agent": ["curl/8.9.1"]});
            if let Some(traceparent) = &self.traceparent {
                insert(&mut headers, "traceparent", json!(traceparent));
                insert(&mut lists, "traceparent", json!([traceparent]));
            }
            return json!({
                "headers": headers,
                "multiValueHeaders": lists,
                "requestContext": context,
                "isBase64Encoded": false,
            });
        };
        let body = match &self.traceparent {
            Some(traceparent) => with_context(body, traceparent, "a WebSocket message"),
            None => body.clone(),
        };
        let mut context = context;
        insert(&mut context, "messageId", json!("JKJaXmPLvHcESHA="));
        json!({
            "requestContext": context,
            "body": body.to_string(),
            "isBase64Encoded": false,
        })
    }
}
