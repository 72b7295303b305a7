//! Client spans and W3C context propagation for all calls of the AWS SDK for Rust.
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
//! With this configuration, each call of the client is a span, and each event that it puts on a bus carries
//! the span's context. [`LamplightInterceptor`] is the interceptor behind the method, with its settings;
//! [`Carrier`] lists the places for context.
//!
//! # Attributes
//!
//! The name of a span is `Service.Operation`. Its kind is client, or producer if it sends messages that carry
//! its context. All spans have the service, the operation, the region, the server's address and port, the
//! number of attempts, the status code and the request ids of the last response, and an event for each retry.
//! Calls of DynamoDB are database calls (`db.system.name`, `db.operation.name`), with the error code of the
//! response. Services with a feature have more attributes: the tables, the size of a batch, the destination,
//! the number of messages, the id of a single message, the invoked function, the started execution. A
//! rejected entry of a batch is an event with its error code and its id or position.
//!
//! A message with a context of the user's own keeps it, and the span has a link to it. All messages of a
//! batch carry the context of the one span that sends them; there are no spans for single messages.
//!
//! A PartiQL statement is recorded if its values are parameters, which are not recorded. A statement without
//! parameters, or with a string literal, may contain values, and is left out.
//!
//! # Errors
//!
//! A failed call has an error status and an `error.type`: the service's error code, otherwise its status
//! code, `timeout`, `dispatch_failure`, `response_failure`, `construction_failure` or `_OTHER`. An invoked
//! function and a synchronously started execution have the error that they report, if it looks like a name,
//! otherwise `_OTHER`, `FAILED` or `TIMED_OUT`. A call whose future is dropped before it ended has
//! `cancelled`, and counts as failed: the cause may well be a timeout around it, and it is unknown whether
//! the request was carried out. A request that is only signed, to be sent by someone else, has a span without
//! a status code.
//!
//! The status has the service's message, unless that may quote values or concern persons:
//! [`without_error_messages`](LamplightInterceptor::without_error_messages) lists these cases, and leaves out
//! all messages.
//!
//! An expected response is not a failure, even if the SDK treats it as an error: an S3 `HeadObject` that
//! finds nothing, an object that was not modified, a DynamoDB condition that is false. Its span has neither
//! an error status nor an `error.type`, but the error code in `lamplight.aws.expected_error`.
//! [`with_expected_errors`](LamplightInterceptor::with_expected_errors) changes this choice.
//!
//! The span of an operation with a streaming response (S3 `GetObject`, Lambda `InvokeWithResponseStream`,
//! Kinesis `SubscribeToShard`) ends when the call returns, which is when the headers have arrived. An error
//! in the stream, which is returned to the code that reads it, is not recorded on the span.
//!
//! # The SDK's own spans
//!
//! The SDK creates `tracing` spans of its own at level debug, one of them with the same name as Lamplight's.
//! If `tracing` is bridged to OpenTelemetry, filter them out with the directives [`SDK_SPANS_OFF`].
//!
//! # Features
//!
//! There is one feature for each service with its own places for context or attributes, with the name of its
//! `aws-sdk-*` crate: `dynamodb`, `eventbridge`, `kinesis`, `lambda`, `s3`, `secretsmanager`, `sfn`, `sns`,
//! `sqs`, `ssm`; `full` enables all of them. None is enabled by default. Clients of any other service support
//! the interceptor too, and their spans have the attributes common to all services.

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

/// Directives for filters of `tracing_subscriber` (`EnvFilter`, `Targets`) that turn off the SDK's own debug
/// spans of calls, attempts and their parts, for all services, and keep its warnings and errors.
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
