//! Events of EventBridge.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, stamp::Stamp, with_context};

/// An event of EventBridge.
///
/// ```
/// use lamplight_testing::events;
/// use serde_json::json;
///
/// let event = events::eventbridge()
///     .with_detail_type("OrderPlaced")
///     .detail(&json!({"order": 1}));
/// assert_eq!(event.to_json()["detail-type"], "OrderPlaced");
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is given to `Lambda::invoke`"]
pub struct EventBridge {
    source: String,
    detail_type: String,
    resources: Vec<String>,
    detail: Value,
    traceparent: Option<String>,
    sent: Stamp,
}

/// Returns an event of an event bus, which a rule sends on.
pub fn eventbridge() -> EventBridge {
    EventBridge::new(Stamp::now())
}

/// Returns an event of a rule with a schedule.
pub fn scheduled() -> EventBridge {
    EventBridge {
        source: "aws.events".to_owned(),
        detail_type: "Scheduled Event".to_owned(),
        resources: vec![format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/nightly")],
        detail: json!({}),
        ..eventbridge()
    }
}

impl EventBridge {
    pub(super) fn new(sent: Stamp) -> Self {
        Self {
            source: "shop".to_owned(),
            detail_type: "OrderPlaced".to_owned(),
            resources: Vec::new(),
            detail: json!({"order": 1}),
            traceparent: None,
            sent,
        }
    }

    /// Sets the source. Default: `shop`.
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Sets the detail type. Default: `OrderPlaced`.
    pub fn with_detail_type(mut self, detail_type: impl Into<String>) -> Self {
        self.detail_type = detail_type.into();
        self
    }

    /// Adds an ARN to the resources. Default: none, of a schedule its rule.
    pub fn with_resource(mut self, arn: impl Into<String>) -> Self {
        self.resources.push(arn.into());
        self
    }

    /// Sets the detail. Default: an order.
    ///
    /// # Panics
    ///
    /// If the value cannot be JSON.
    #[track_caller]
    pub fn detail(mut self, detail: &impl Serialize) -> Self {
        self.detail = super::json(detail);
        self
    }

    /// Puts the context of this `traceparent` into the detail.
    pub fn with_trace(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    /// Sets how long ago the event was sent. Default: now.
    pub fn sent_ago(mut self, age: Duration) -> Self {
        self.sent = Stamp::ago(age);
        self
    }

    pub(super) fn value(&self) -> Value {
        let detail = match &self.traceparent {
            Some(traceparent) => with_context(&self.detail, traceparent, "EventBridge"),
            None => self.detail.clone(),
        };
        json!({
            "version": "0",
            "id": "17793124-05d4-b198-2fde-7ededc63b103",
            "detail-type": self.detail_type,
            "source": self.source,
            "account": ACCOUNT,
            "time": self.sent.iso(),
            "region": REGION,
            "resources": self.resources,
            "detail": detail,
        })
    }
}
