//! A client span and W3C context for every AWS SDK for Rust call.
//!
//! ```
//! # #[cfg(feature = "eventbridge")] {
//! use lamplight_aws_sdk::LamplightExt;
//!
//! let config = lamplight_aws_config::sdk_config();
//! let events = aws_sdk_eventbridge::Client::from_conf(
//!     aws_sdk_eventbridge::config::Builder::from(&config).lamplight().build(),
//! );
//! # }
//! ```
//!
//! From here on each call of the client is a span, and each event that it puts on a bus carries the
//! span's context. [`LamplightInterceptor`] is the interceptor behind the method and has the settings;
//! [`Carrier`] tells where the context goes.
//!
//! # Attributes
//!
//! The name of a span is `Service.Operation`. Its kind is client, or producer if it sends messages that
//! carry its context. Every operation of every service has the service, the operation, the region, the
//! server's address and port, the number of attempts, the status code and the request ids of the last
//! response, and an event for each retry. Calls of DynamoDB are those of a database (`db.system.name`,
//! `db.operation.name`), with the code of an error in the answer. Services with a feature have more: the
//! tables, the size of a batch, the destination, the number of messages, the id of a single message, the
//! function invoked, the execution started. A refused entry of a batch is an event with its error code
//! and its id or position.
//!
//! A message that carries a context of the user's own keeps it, and the span is linked with it. The
//! messages of a batch all carry the context of the one span that sends them; there is no span for each.
//!
//! A statement of PartiQL is recorded if its values are parameters, which are not recorded. One without
//! parameters, or with a text in it, may contain values, and is left out.
//!
//! # Errors
//!
//! A failed call has an error status and an `error.type`: the service's error code, else its status code,
//! `timeout`, `dispatch_failure`, `response_failure`, `construction_failure` or `_OTHER`. A function that
//! was invoked and an execution that was started synchronously have the error that they report, if that
//! looks like a name, else `_OTHER`, `FAILED` or `TIMED_OUT`. A call whose future is dropped before it
//! ended has `cancelled`, and counts as failed: a timeout around it is as likely as a change of mind, and
//! whether the request was carried out is unknown. A request that is only signed, to be sent by someone
//! else, is a span without a status code.
//!
//! The status has the service's message, unless that may quote values or persons:
//! [`without_error_messages`](LamplightInterceptor::without_error_messages) lists which those are, and
//! leaves out all.
//!
//! An answer that the program has asked for is not a failure, though the SDK calls it an error: an S3
//! `HeadObject` that finds nothing, an object that was not modified, a condition of DynamoDB that is
//! false. Its span has neither an error status nor an `error.type`, but the error code in
//! `lamplight.aws.expected_error`. [`with_expected_errors`](LamplightInterceptor::with_expected_errors)
//! makes another choice.
//!
//! The span of an operation that streams its answer (S3 `GetObject`, Lambda `InvokeWithResponseStream`,
//! Kinesis `SubscribeToShard`) ends when the call returns, which is when the headers are there. Its
//! duration is that of the headers, and an error in the stream, which the code that reads it gets, is not
//! on it.
//!
//! # The SDK's own spans
//!
//! The SDK opens `tracing` spans of its own at level debug, one of them with the same name as ours. Where
//! `tracing` is bridged to OpenTelemetry, keep them out with the filter directives [`SDK_SPANS_OFF`].
//!
//! # Features
//!
//! One for each service with a place for context or attributes of its own, by the name of its
//! `aws-sdk-*` crate: `dynamodb`, `eventbridge`, `kinesis`, `lambda`, `s3`, `secretsmanager`, `sfn`,
//! `sns`, `sqs`, `ssm`; `full` for all of them. None is on by default. Clients of any other service take
//! the interceptor too, and their spans have what those of every service have.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod carrier;
mod diagnostics;
mod error;
mod expected;
mod extension;
mod guard;
mod headers;
mod interceptor;
mod limits;
mod service;
#[cfg(feature = "sqs")]
pub mod sqs;

pub use carrier::{Carrier, Destination};
pub use expected::ServiceError;
pub use extension::LamplightExt;
pub use interceptor::{
    LAMPLIGHT_ENVELOPE, LAMPLIGHT_INJECT, LAMPLIGHT_INJECT_LIMITS, LamplightInterceptor,
    OTEL_PROPAGATORS,
};

/// Directives for filters of `tracing_subscriber` (`EnvFilter`, `Targets`) that switch off the SDK's own
/// debug spans of calls, attempts and their parts, of every service, and keep its warnings and errors.
///
/// ```
/// use lamplight_aws_sdk::SDK_SPANS_OFF;
/// use tracing_subscriber::filter::Targets;
///
/// let filter: Targets = format!("debug,{SDK_SPANS_OFF}").parse().unwrap();
/// assert!(!filter.would_enable("aws_sdk_ecs::operation::run_task", &tracing::Level::DEBUG));
/// ```
pub const SDK_SPANS_OFF: &str = "aws_smithy_=warn,aws_runtime=warn,aws_sdk_=warn";

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
