//! Invocations to be: an event, and the context that Lambda gives beside it.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

/// An invocation to be: an event, and what Lambda says beside it.
///
/// Events, JSON values and bytes become one by themselves; this is for the context around them.
///
/// ```
/// use lamplight_testing::{Invoke, events};
/// use serde_json::json;
///
/// let invoke = Invoke::new(events::invoke(&json!({"order": 1})))
///     .with_client_context(&json!({"custom": {"shop": "berlin"}}))
///     .with_request_id("8476a536-e9f4-11e8-9739-2dfe598c3fcd");
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct Invoke {
    pub(crate) body: Bytes,
    pub(crate) request_id: String,
    pub(crate) arn: Option<String>,
    pub(crate) client_context: Option<String>,
    pub(crate) cognito_identity: Option<String>,
    pub(crate) xray_trace_id: Option<String>,
    pub(crate) tenant_id: Option<String>,
    pub(crate) timeout: Option<Duration>,
}

impl Invoke {
    /// Returns an invocation with this event.
    pub fn new(event: impl Into<Self>) -> Self {
        event.into()
    }

    /// Returns an invocation with these bytes as its event, which need not be JSON.
    pub fn bytes(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            request_id: next_request_id(),
            arn: None,
            client_context: None,
            cognito_identity: None,
            xray_trace_id: None,
            tenant_id: None,
            timeout: None,
        }
    }

    /// Returns an invocation with this value as its event.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn json(event: &impl Serialize) -> Self {
        match serde_json::to_vec(event) {
            Ok(body) => Self::bytes(body),
            Err(error) => panic!("the event does not serialize: {error}"),
        }
    }

    /// Sets the request id. Default: one that is unique in the process.
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = id.into();
        self
    }

    /// Sets the ARN that the function is invoked by. Default: that of the function, without an alias.
    pub fn with_function_arn(mut self, arn: impl Into<String>) -> Self {
        self.arn = Some(arn.into());
        self
    }

    /// Sets the client context, which a caller of `Invoke` gives. Default: none.
    pub fn with_client_context(mut self, context: &Value) -> Self {
        self.client_context = Some(context.to_string());
        self
    }

    /// Sets the Cognito identity of the caller. Default: none.
    pub fn with_cognito_identity(mut self, identity_id: &str, pool_id: &str) -> Self {
        let identity = json!({"cognitoIdentityId": identity_id, "cognitoIdentityPoolId": pool_id});
        self.cognito_identity = Some(identity.to_string());
        self
    }

    /// Sets the X-Ray trace header of the invocation. Default: none, as where tracing is off.
    pub fn with_xray_trace_id(mut self, header: impl Into<String>) -> Self {
        self.xray_trace_id = Some(header.into());
        self
    }

    /// Sets the tenant, of functions with tenant isolation. Default: none.
    pub fn with_tenant_id(mut self, id: impl Into<String>) -> Self {
        self.tenant_id = Some(id.into());
        self
    }

    /// Sets the time until the deadline. Default: that of the [`Lambda`](crate::Lambda).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

impl From<Value> for Invoke {
    fn from(event: Value) -> Self {
        Self::bytes(event.to_string())
    }
}

impl From<&Value> for Invoke {
    fn from(event: &Value) -> Self {
        Self::bytes(event.to_string())
    }
}

impl From<&str> for Invoke {
    fn from(event: &str) -> Self {
        Self::bytes(event.to_owned())
    }
}

/// Returns an id in the form of Lambda's, which no other invocation of this process has.
fn next_request_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("00000000-0000-4000-8000-{count:012x}")
}
