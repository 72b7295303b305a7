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
//! | `kinesis` | the Kinesis stream in `LAMPLIGHT_KINESIS_STREAM`, as OTLP protobuf | `kinesis` |
//! | `otlp` | the OTLP endpoint `OTEL_EXPORTER_OTLP_ENDPOINT`, over HTTP or gRPC (`OTEL_EXPORTER_OTLP_PROTOCOL`) | `otlp`, `otlp-grpc` |
//! | `console` | standard output, a line of OTLP/JSON a flush | |
//! | `none` | nowhere; context passes through | |
//!
//! Without it, the exporter is `kinesis` if `LAMPLIGHT_KINESIS_STREAM` is set, else `otlp` if
//! one of its features is on, else `none`.
//!
//! Over OTLP, what the [specification](https://opentelemetry.io/docs/specs/otlp/#failures-1) calls
//! retryable is offered again in later flushes, up to eight times, after the pause that the endpoint asks
//! for. Everything else is refused: its spans are counted as failed, once, and delay no others. A
//! request that is too large is split in two, down to single spans. What a partial success rejects is
//! counted as failed.
//!
//! # Environment variables
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `OTEL_SDK_DISABLED` | `true`: nothing is recorded, context passes through | `false` |
//! | `OTEL_TRACES_EXPORTER` | see above | see above |
//! | `OTEL_SERVICE_NAME` | `service.name` | the function's name |
//! | `OTEL_RESOURCE_ATTRIBUTES` | further resource attributes, `key=value,key=value`, percent-encoded | |
//! | `OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG` | the sampler | `parentbased_always_on` |
//! | `OTEL_PROPAGATORS` | the formats that are read and written, see [`Propagators`](propagation::Propagators): `tracecontext`, `baggage`, `xray`, `xray-lambda`, `none` | `tracecontext,baggage`, and links to sampled X-Ray spans |
//! | `OTEL_EXPORTER_OTLP_*` | protocol, endpoint, headers, timeout (ms), compression (features `otlp-gzip`, `otlp-zstd`), certificates of `otlp` | as specified |
//! | `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` | the proxy to the endpoint of `otlp`, `http://host:port`; none to this machine | none |
//! | `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, `OTEL_SPAN_EVENT_COUNT_LIMIT`, `OTEL_SPAN_LINK_COUNT_LIMIT` | limits of a span | 128 |
//! | `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT` | limits of its events and links | 128 |
//! | `OTEL_ATTRIBUTE_COUNT_LIMIT` | attributes of a span, an event and a link, where their own variable is not set | 128 |
//! | `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` | longest value of an attribute, characters | none |
//! | `OTEL_BSP_MAX_QUEUE_SIZE` | spans that wait for export at most | 2048 |
//! | `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` | spans in one export at most | 512 |
//! | `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST`, `OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE` | HTTP headers to record as attributes, separated by commas | none |
//! | `LAMPLIGHT_KINESIS_STREAM` | the stream, by name or ARN | |
//! | `LAMPLIGHT_KINESIS_TIMEOUT` | first wait for an answer of Kinesis, ms | 1000 |
//! | `LAMPLIGHT_KINESIS_COMPRESSION` | `none`, `gzip`, `zstd` (features `kinesis-gzip`, `kinesis-zstd`) | `none` |
//! | `LAMPLIGHT_KINESIS_FALLBACK` | `stdout`: what Kinesis does not take goes to the function's log | `none` |
//! | `LAMPLIGHT_SPAN_EVENTS` | `all`, `exceptions` or `none` of the span events | `all` |
//! | `LAMPLIGHT_MAX_PAUSE` | longest pause when the destination is away, ms; `0` for none | 60000 |
//! | `LAMPLIGHT_FLUSH` | when spans are delivered: `after-response`, `adaptive`, `before-response`, `manual`, see [`FlushPolicy`] | `after-response` |
//! | `LAMPLIGHT_FLUSH_BUDGET` | longest flush, ms | 1000 |
//! | `LAMPLIGHT_SIGTERM` | `true` delivers what is queued when Lambda ends the environment, which takes the registration of an extension | `true` for `adaptive` and `manual`, else `false` |
//! | `LAMPLIGHT_ENVELOPE` | JSON pointer to the context in your own envelope, such as `/metadata/otel` | |
//! | `LAMPLIGHT_BAGGAGE_ATTRIBUTES` | entries of the caller's baggage to record as attributes, separated by commas | none |
//! | `LAMPLIGHT_SECRET_PARAMETERS` | query parameters whose values are `REDACTED`, beside the seven that the conventions name | none |
//! | `LAMPLIGHT_RECORDS` | `continue`: records of a batch continue their own traces; `continue-and-link`: and are linked with their senders, as the conventions say; `link`: they stay in the invocation's, linked | `continue` |
//! | `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN` | `logs`: exceptions are log records, of the logger provider that [`TelemetryBuilder::with_logger_provider`] gives; `logs/dup`: and events of spans too | events of spans |
//! | `LAMPLIGHT_HOP_SPANS` | `true` adds a span for each managed service the event waited in | `false` |
//! | `LAMPLIGHT_FAAS_EXECUTION` | `true` records the invocation's id under the obsolete `faas.execution` too | `false` |
//! | `LAMPLIGHT_INJECT` | where AWS SDK calls put context, see [`aws`] | |
//!
//! Values are trimmed, and names are taken in any case. A value that is not understood is reported once
//! in the function's log, with what is allowed, and the default is used. Nothing that is set here, or
//! that the exporter meets, fails the function.
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

use futures_core::Stream;
use lambda_runtime::{
    Diagnostic, Error, IntoFunctionResponse, LambdaEvent, LambdaInvocation, Runtime, service_fn,
    tower::Service,
};
use serde::{Deserialize, Serialize};
use std::fmt::Debug;

mod builder;
mod environment;
mod exporter;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
#[cfg(feature = "tracing")]
mod logs;
mod mistakes;
#[cfg(any(feature = "otlp", feature = "otlp-grpc"))]
mod otlp;
mod process;
mod telemetry;

pub use builder::TelemetryBuilder;
pub use environment::{
    LAMPLIGHT_BAGGAGE_ATTRIBUTES, LAMPLIGHT_ENVELOPE, LAMPLIGHT_FLUSH, LAMPLIGHT_FLUSH_BUDGET,
    LAMPLIGHT_HOP_SPANS, LAMPLIGHT_RECORDS, LAMPLIGHT_SECRET_PARAMETERS, LAMPLIGHT_SIGTERM,
    LAMPLIGHT_SPAN_EVENTS, OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST,
    OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE, OTEL_PROPAGATORS, OTEL_SDK_DISABLED,
    OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN, OTEL_TRACES_EXPORTER,
};
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use lamplight_lambda::WithTraceIds;
#[cfg(feature = "records")]
#[cfg_attr(docsrs, doc(cfg(feature = "records")))]
pub use lamplight_lambda::records;
pub use lamplight_lambda::{ExceptionSignal, FlushPolicy, Invocation, with_baggage};
pub use telemetry::{LAMPLIGHT_FAAS_EXECUTION, Telemetry};

/// Attribute keys and typed attributes of the semantic conventions.
pub use lamplight_semconv as semconv;

/// OpenTelemetry's API in the version that Lamplight uses: baggage, contexts, spans of your own.
pub use opentelemetry;

/// The parts, for those who put them together themselves.
pub use {
    lamplight_export as export, lamplight_lambda as lambda, lamplight_propagation as propagation,
};

/// Spans and context for AWS SDK calls.
#[cfg(feature = "aws-sdk")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws-sdk")))]
pub use lamplight_aws_sdk as aws;

/// The Kinesis exporter.
#[cfg(feature = "kinesis")]
#[cfg_attr(docsrs, doc(cfg(feature = "kinesis")))]
pub use lamplight_kinesis as kinesis;

/// Sets telemetry up as the environment configures it. The same as `Telemetry::builder().init()`.
#[must_use = "telemetry does nothing until it runs the handler: `init().run(handler)`"]
pub fn init() -> Telemetry {
    Telemetry::builder().init()
}

/// Returns the runtime of a function that is one `async fn`, with the telemetry of [`init`], which is
/// called unless it was.
///
/// It is `init().wrap(service_fn(handler))`, and is called inside a Tokio runtime.
///
/// ```no_run
/// use lambda_runtime::{Error, LambdaEvent};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     lamplight::wrap(handler).run().await
/// }
///
/// async fn handler(event: LambdaEvent<String>) -> Result<String, Error> {
///     Ok(event.payload)
/// }
/// ```
///
/// # Panics
///
/// As [`Telemetry::wrap`] does outside Lambda.
pub fn wrap<'a, H, F, X, T, R, B, S, D, E>(
    handler: H,
) -> Runtime<
    impl Service<LambdaInvocation, Response = (), Error = Error> + use<'a, H, F, X, T, R, B, S, D, E>,
>
where
    H: FnMut(LambdaEvent<T>) -> F,
    F: Future<Output = Result<R, X>> + 'a,
    X: Into<Diagnostic> + Debug + 'static,
    T: for<'de> Deserialize<'de>,
    R: IntoFunctionResponse<B, S>,
    B: Serialize + 'a,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<bytes::Bytes> + Send,
    E: Into<Error> + Send + Debug,
{
    process::of_process().wrap(service_fn(handler))
}

/// The invocation under way, and its span. Outside an invocation it does nothing.
pub fn current() -> Invocation {
    Invocation::current()
}

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
