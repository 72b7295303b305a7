// Generated from a registry of semantic conventions: change that, not this.

//! `error.*`

use ::opentelemetry::{KeyValue, StringValue, Value};

/// Class of the error that ended the operation; absent on success.
///
/// Few distinct values, so that errors can be counted by it.
///
/// Type: `enum of string`. Stability: stable.
///
/// Conditionally required by span `faas.server`, span `messaging.process.consumer`, span
/// `lamplight.change`, span `aws.client`, span `http.client`, span `faas.server.http`, 13 more.
///
/// Examples: `"timeout"`, `"500"`, `"batch_item_failure"`.
pub const TYPE: &str = "error.type";

/// [`TYPE`] with a value.
pub fn r#type(value: ErrorType) -> KeyValue {
    KeyValue::new(TYPE, value)
}

/// Values of [`TYPE`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorType {
    /// An error that tells no type, as a text does, or a report without a cause.
    Other,
    /// The handler, or what it answers with, panicked.
    Panic,
    /// The work was not done when the invocation's time was up, or the caller stopped waiting for
    /// an answer.
    Timeout,
    /// The work was not done when Lambda ended the environment.
    Sigterm,
    /// The work was dropped before it was done.
    Cancelled,
    /// The answer could not be serialized or posted.
    LambdaRuntime,
    /// The event could not be read into the handler's type.
    DeserializeError,
    /// All records of a batch failed, so that all are delivered again; each has its own error.
    BatchItemFailure,
    /// A call to AWS could not be sent, or got no answer.
    DispatchFailure,
    /// The answer of a call to AWS could not be read.
    ResponseFailure,
    /// A call to AWS could not be made from what it was given.
    ConstructionFailure,
    /// A span found no room in the queue.
    QueueFull,
    /// A span ended after the shutdown.
    AlreadyShutdown,
    /// A span was given up.
    Rejected,
    /// A value the registry does not list.
    Custom(StringValue),
}

impl ErrorType {
    /// The recorded value.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Custom(value) => value.as_str(),
            listed => listed.listed(),
        }
    }

    /// The member with this value, or [`Custom`](Self::Custom) if there is none.
    pub fn from_value(value: impl Into<StringValue>) -> Self {
        let value = value.into();
        match value.as_str() {
            "_OTHER" => Self::Other,
            "panic" => Self::Panic,
            "timeout" => Self::Timeout,
            "sigterm" => Self::Sigterm,
            "cancelled" => Self::Cancelled,
            "lambda_runtime" => Self::LambdaRuntime,
            "DeserializeError" => Self::DeserializeError,
            "batch_item_failure" => Self::BatchItemFailure,
            "dispatch_failure" => Self::DispatchFailure,
            "response_failure" => Self::ResponseFailure,
            "construction_failure" => Self::ConstructionFailure,
            "queue_full" => Self::QueueFull,
            "already_shutdown" => Self::AlreadyShutdown,
            "rejected" => Self::Rejected,
            _ => Self::Custom(value),
        }
    }

    fn listed(&self) -> &'static str {
        match self {
            Self::Other => "_OTHER",
            Self::Panic => "panic",
            Self::Timeout => "timeout",
            Self::Sigterm => "sigterm",
            Self::Cancelled => "cancelled",
            Self::LambdaRuntime => "lambda_runtime",
            Self::DeserializeError => "DeserializeError",
            Self::BatchItemFailure => "batch_item_failure",
            Self::DispatchFailure => "dispatch_failure",
            Self::ResponseFailure => "response_failure",
            Self::ConstructionFailure => "construction_failure",
            Self::QueueFull => "queue_full",
            Self::AlreadyShutdown => "already_shutdown",
            Self::Rejected => "rejected",
            Self::Custom(_) => "",
        }
    }
}

impl From<ErrorType> for Value {
    fn from(value: ErrorType) -> Self {
        match value {
            ErrorType::Custom(value) => value.into(),
            listed => listed.listed().into(),
        }
    }
}
