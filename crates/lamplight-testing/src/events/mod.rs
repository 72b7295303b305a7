//! Events of every source, as AWS sends them.
//!
//! Each function returns a builder with an event that is complete as it is; its methods set what a test
//! varies. A builder goes into [`Lambda::invoke`](crate::Lambda::invoke) as it is; `to_json` and `to_bytes`
//! return the event itself, to change what no method sets.
//!
//! | source | context is carried in |
//! |---|---|
//! | [`api_gateway_v2`], [`api_gateway_v1`], [`alb`], [`function_url`], [`vpc_lattice`] | HTTP headers |
//! | [`websocket`] | HTTP headers of the connection, JSON of a message |
//! | [`eventbridge`], [`eventbridge_in_sqs`] | the detail |
//! | [`sqs`], [`sns`], [`sns_in_sqs`] | message attributes |
//! | [`kinesis`] | JSON data |
//! | [`kafka`], [`self_managed_kafka`], [`rabbitmq`] | headers of the message |
//! | [`activemq`] | properties of the message |
//! | [`step_functions`] | the input of the execution |
//! | [`invoke`] | the payload |
//! | [`appsync`] | HTTP headers |
//! | [`scheduled`], [`dynamodb`], [`s3`], [`ses`], [`cognito`], [`lex`], [`cloudwatch_logs`], [`firehose`], [`iot`], [`cloudformation`] | nothing |
//!
//! All happen in the account `123456789012` and the region `us-east-1`. Times are those at which the builder
//! was made, unless `sent_ago` says that it was earlier.

mod batch;
mod changes;
mod eventbridge;
mod http;
mod message;
mod others;
mod stamp;
mod websocket;

pub use self::{
    batch::Batch,
    changes::{DynamoDb, S3},
    eventbridge::EventBridge,
    http::HttpEvent,
    others::{Document, Payload, StepFunctions},
    websocket::WebSocket,
};
pub use self::{
    batch::{
        activemq, eventbridge_in_sqs, kafka, kinesis, rabbitmq, self_managed_kafka, sns,
        sns_in_sqs, sqs,
    },
    changes::{dynamodb, s3},
    eventbridge::{eventbridge, scheduled},
    http::{alb, api_gateway_v1, api_gateway_v2, appsync, function_url, vpc_lattice},
    others::{
        cloudformation, cloudwatch_logs, cognito, firehose, invoke, iot, lex, ses, step_functions,
    },
    websocket::websocket,
};

/// The key below which JSON carries context, unless a function is set up with another.
const ENVELOPE: &str = "_otel";

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// Makes a builder, which has a method `value`, something to invoke with.
macro_rules! event {
    ($($builder:ty),*) => {
        $(
            impl $builder {
                /// Returns the event.
                pub fn to_json(&self) -> serde_json::Value {
                    self.value()
                }

                /// Returns the event's bytes, as Lambda would send them.
                pub fn to_bytes(&self) -> bytes::Bytes {
                    self.value().to_string().into()
                }
            }

            impl From<$builder> for crate::Invoke {
                fn from(event: $builder) -> Self {
                    Self::bytes(event.to_bytes())
                }
            }

            impl From<&$builder> for crate::Invoke {
                fn from(event: &$builder) -> Self {
                    Self::bytes(event.to_bytes())
                }
            }
        )*
    };
}

event!(
    Batch,
    Document,
    DynamoDb,
    EventBridge,
    HttpEvent,
    Payload,
    S3,
    StepFunctions,
    WebSocket
);

/// Returns `value` as JSON.
#[track_caller]
pub(crate) fn json(value: &impl serde::Serialize) -> serde_json::Value {
    match serde_json::to_value(value) {
        Ok(value) => value,
        Err(error) => panic!("the value does not serialize: {error}"),
    }
}

/// Adds a member to the object `to`.
fn insert(to: &mut serde_json::Value, name: &str, value: serde_json::Value) {
    if let Some(members) = to.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Returns the JSON object in `value` with context in it.
#[track_caller]
fn with_context(value: &serde_json::Value, traceparent: &str, place: &str) -> serde_json::Value {
    let mut value = value.clone();
    match value.as_object_mut() {
        Some(object) => {
            let context = serde_json::json!({"traceparent": traceparent});
            object.insert(ENVELOPE.to_owned(), context);
        }
        None => panic!("{place} carries context in a JSON object only, and this is none: {value}"),
    }
    value
}
