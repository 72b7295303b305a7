//! OpenTelemetry for Rust on AWS Lambda.
//!
//! Wrap a handler, and each invocation becomes a span that continues the caller's trace, whatever the source
//! of the event: API Gateway, EventBridge, SNS, SQS, Kinesis, another function. Spans are exported after the
//! response has been posted, so that callers never wait for telemetry.
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
//! # Entry points
//!
//! | the function is | start it with |
//! |---|---|
//! | one `async fn` and nothing else | [`lamplight::wrap(handler).run()`](wrap) |
//! | any `tower` service | [`Telemetry::run`], [`Telemetry::run_concurrent`] |
//! | an `axum` router, or another service of `lambda_http` | [`http::run`], [`http::streaming`] |
//! | a `lambda_runtime::Runtime` with layers of your own | [`Telemetry::wrap`], or the two layers of [`Telemetry::instrumentation`] |
//!
//! All of them record the same spans. They require no more of events and responses than the runtime does,
//! they do not copy the payload, and streamed responses remain streams.
//!
//! # Exporters
//!
//! `OTEL_TRACES_EXPORTER` names the exporter:
//!
//! | value | destination of spans | Cargo feature |
//! |---|---|---|
//! | `kinesis` | the Kinesis stream in `LAMPLIGHT_KINESIS_STREAM`, as OTLP protobuf | `exporter-kinesis` |
//! | `otlp` | the OTLP endpoint `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP or gRPC (`OTEL_EXPORTER_OTLP_PROTOCOL`) | `exporter-otlp-http`, `exporter-otlp-grpc` |
//! | `console`, `otlp/stdout` | standard output, one line of OTLP/JSON per flush | |
//! | `none` | none; context passes through | |
//!
//! If it is not set, the exporter is `kinesis` if `LAMPLIGHT_KINESIS_STREAM` is set, otherwise `otlp` if one
//! of its features is enabled, otherwise `none`. An unknown name counts as unset.
//!
//! Over OTLP, spans are offered again after failures that the
//! [specification](https://opentelemetry.io/docs/specs/otlp/#failures-1) calls retryable: in later flushes,
//! up to eight times, after the pause that the endpoint requests. After any other failure, the spans are
//! counted as failed, once, and do not delay others. A request that is too large is split in two, down to
//! single spans. Spans that a partial success rejects are counted as failed.
//!
//! # Environment variables
//!
#![doc = include_str!("variables.md")]
//!
//! Values are trimmed, names may be in any case, and an empty value counts as unset. A Boolean is `true` or
//! `false`; Lamplight's own variables also accept `1`, `yes`, `on`, `0`, `no` and `off`, which the
//! specification forbids for those of OpenTelemetry. An invalid value counts as unset too (as `false` for a
//! Boolean of OpenTelemetry), and is reported once in the function's log, with the allowed values and the
//! value used instead. Of OTLP's variables, a name with `TRACES` in it takes precedence over the general one.
//! Options set in code take precedence over variables. No setting, and no failure of the exporter, makes the
//! function fail.
//!
//! # Diagnostics
//!
//! Each fault is reported once, in one line of the function's log, with advice: as a warning of the target
//! `lamplight` if a `tracing` subscriber accepts warnings, otherwise as a line on standard error. So it is
//! visible even if the subscriber's filter accepts errors only; a filter that rejects even those, such as
//! `lamplight=off`, is respected. No line contains users, passwords and queries of URLs, or values of
//! headers, even if an endpoint repeats them.

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
#[cfg_attr(
    docsrs,
    doc(cfg(any(
        feature = "records-dynamodb",
        feature = "records-kafka",
        feature = "records-kinesis",
        feature = "records-sns",
        feature = "records-sqs"
    )))
)]
pub use lamplight_lambda::records;
pub use lamplight_lambda::{ExceptionSignal, FlushPolicy, Invocation, SpanHandle, with_baggage};
pub use telemetry::Telemetry;

/// Attribute keys and typed attributes of the semantic conventions.
pub use lamplight_semconv as semconv;

/// OpenTelemetry's API in the version that Lamplight uses: baggage, contexts, custom spans.
pub use opentelemetry;

/// The underlying crates, for functions that combine them by hand.
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

/// Compiles the code of the READMEs of the crate and of the repository.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../../README.md")]
struct Readme;
