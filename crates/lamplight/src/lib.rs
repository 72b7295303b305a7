//! OpenTelemetry for Rust on AWS Lambda.
//!
//! Wrap a handler, and each invocation is a span that continues the caller's trace, whatever
//! brought the event: API Gateway, EventBridge, SNS, SQS, Kinesis, another function. Spans are
//! exported when the response has been posted, so that nobody waits for telemetry.
//!
//! ```no_run
//! use lambda_runtime::{Error, LambdaEvent, service_fn};
//! use serde_json::Value;
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Error> {
//!     let telemetry = lamplight::init();
//!     telemetry.run(service_fn(handler)).await
//! }
//!
//! async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
//!     Ok(event.payload)
//! }
//! ```
//!
//! # Ways in
//!
//! | the function is | start it with |
//! |---|---|
//! | one `async fn` and nothing else | [`lamplight::wrap(handler).run()`](wrap) |
//! | any `tower` service | [`Telemetry::run`], [`Telemetry::run_concurrent`] |
//! | an `axum` router, or another service of `lambda_http` | [`http::run`], [`http::streaming`] |
//! | a `lambda_runtime::Runtime` with layers of your own | [`Telemetry::wrap`], or the two layers of [`Telemetry::instrumentation`] |
//!
//! All do the same. None asks more of events and responses than the runtime does, none copies the
//! payload, and streamed responses stay streams.
//!
//! # Where spans go
//!
//! `OTEL_TRACES_EXPORTER` names the exporter:
//!
//! | value | spans go to | Cargo feature |
//! |---|---|---|
//! | `kinesis` | the Kinesis stream in `LAMPLIGHT_KINESIS_STREAM`, as OTLP protobuf | `exporter-kinesis` |
//! | `otlp` | the OTLP endpoint `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP or gRPC (`OTEL_EXPORTER_OTLP_PROTOCOL`) | `exporter-otlp-http`, `exporter-otlp-grpc` |
//! | `console`, `otlp/stdout` | standard output, a line of OTLP/JSON a flush | |
//! | `none` | nowhere; context passes through | |
//!
//! Without it, the exporter is `kinesis` if `LAMPLIGHT_KINESIS_STREAM` is set, else `otlp` if
//! one of its features is on, else `none`. A name that is unknown counts as not there.
//!
//! Over OTLP, what the [specification](https://opentelemetry.io/docs/specs/otlp/#failures-1) calls
//! retryable is offered again in later flushes, up to eight times, after the pause that the endpoint asks
//! for. Everything else is refused: its spans are counted as failed, once, and delay no others. A
//! request that is too large is split in two, down to single spans. What a partial success rejects is
//! counted as failed.
//!
//! # Environment variables
//!
#![doc = include_str!("variables.md")]
//!
//! Values are trimmed, names are taken in any case, and an empty value counts as none. A Boolean is `true`
//! or `false`; in variables of Lamplight's own also `1`, `yes`, `on`, `0`, `no` or `off`, which the
//! specification forbids in OpenTelemetry's. A value that is not understood counts as none too (a Boolean
//! of OpenTelemetry's as `false`), and is reported once in the function's log, with what is allowed and
//! what is used. Of OTLP's variables a name with `TRACES` in it wins over the other. What is set in
//! code wins over a variable. Nothing that is set here, or that the exporter meets, fails the function.
//!
//! # What is reported
//!
//! Each thing that is wrong is one line in the function's log, once, with what to do about it: a
//! warning of the target `lamplight` where a subscriber of `tracing` takes warnings, else a line on
//! standard error. So it is seen where the filter of a subscriber lets errors through only; a filter
//! that lets not even those through, such as `lamplight=off`, is obeyed. Users, passwords and queries
//! of URLs, and values of headers, are in no line, also where an endpoint repeats them.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "aws-sdk"), allow(rustdoc::broken_intra_doc_links))]

mod builder;
mod entry;
mod environment;
mod exporter;
mod guard;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
#[cfg(feature = "tracing")]
mod logs;
mod mistakes;
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
mod otlp;
mod process;
mod telemetry;

pub use builder::TelemetryBuilder;
pub use entry::{current, init, wrap};
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
#[cfg_attr(
    docsrs,
    doc(cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc")))
)]
pub use environment::Otlp;
pub use environment::{
    LAMPLIGHT_BAGGAGE_ATTRIBUTES, LAMPLIGHT_CLIENT_ADDRESS, LAMPLIGHT_ENVELOPE,
    LAMPLIGHT_EVENT_SPAN, LAMPLIGHT_FAAS_EXECUTION, LAMPLIGHT_FLUSH, LAMPLIGHT_FLUSH_BUDGET,
    LAMPLIGHT_INFERRED_SPANS, LAMPLIGHT_RECORDS, LAMPLIGHT_SENSITIVE_QUERY_PARAMETERS,
    LAMPLIGHT_SIGTERM, LAMPLIGHT_SPAN_EVENTS,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE,
    OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS, OTEL_LOG_LEVEL, OTEL_PROPAGATORS, OTEL_SDK_DISABLED,
    OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN, OTEL_TRACES_EXPORTER,
};
pub use lamplight_internal::diagnostics::{LogLevel, UnknownLogLevel};
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use lamplight_lambda::WithTraceIds;
#[cfg(feature = "_records")]
#[cfg_attr(docsrs, doc(cfg(feature = "_records")))]
pub use lamplight_lambda::records;
pub use lamplight_lambda::{ExceptionSignal, FlushPolicy, Invocation, SpanHandle, with_baggage};
pub use telemetry::Telemetry;

/// Attribute keys and typed attributes of the semantic conventions.
pub use lamplight_semconv as semconv;

/// OpenTelemetry's API in the version that Lamplight uses: baggage, contexts, spans of your own.
pub use opentelemetry;

/// The parts, for those who put them together themselves.
pub use {
    lamplight_export as export, lamplight_lambda as lambda, lamplight_propagation as propagation,
};

/// Spans and context for AWS SDK calls, and a configuration for clients.
#[cfg(feature = "aws-sdk")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws-sdk")))]
pub mod aws {
    pub use lamplight_aws_config::{disconnect, sdk_config};
    pub use lamplight_aws_sdk::*;
}

/// Spans and context for outgoing HTTP requests.
#[cfg(feature = "http-client")]
#[cfg_attr(docsrs, doc(cfg(feature = "http-client")))]
pub use lamplight_http_client as http_client;

/// The Kinesis exporter.
#[cfg(feature = "exporter-kinesis")]
#[cfg_attr(docsrs, doc(cfg(feature = "exporter-kinesis")))]
pub use lamplight_kinesis as kinesis;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
