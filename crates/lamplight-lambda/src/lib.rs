//! Tower layers that give each AWS Lambda invocation a span and a flush window.
//!
//! Two layers are needed, because neither sees everything:
//!
//! * [`InvocationLayer`] surrounds all services of the runtime. It sees the raw event, so it can continue the
//!   caller's trace before anything is parsed. It is still running after the response has been posted, and
//!   flushes then, so that the caller never waits for telemetry.
//! * [`HandlerLayer`] surrounds the handler. It sees the result: errors, panics, status codes and failed
//!   records.
//!
//! Both are created by one [`Instrumentation`]. Most functions use them through the `lamplight` crate.
//!
//! # Values of `error.type`
//!
//! The span of a failed invocation or record has one of these values, and a status with the error's text:
//!
//! | `error.type` | failure |
//! |---|---|
//! | a type, such as `orders::OutOfStock` | the handler returned an error of this type |
//! | a status code, such as `503` | an HTTP request was answered with a server error |
//! | a value of the function | the handler returned an error with its own `Diagnostic` |
//! | `_OTHER` | the handler returned an error of unknown type |
//! | `panic` | the handler, the serialization of its response, or its stream panicked |
//! | `timeout` | the invocation's time was up |
//! | `sigterm` | Lambda shut down the environment during the work |
//! | `cancelled` | the record's handling was dropped, together with the batch |
//! | `DeserializeError` | the event could not be deserialized into the handler's type |
//! | `lambda_runtime` | the response could not be serialized or posted |
//! | `batch_item_failure` | all records of a batch failed, so that all are redelivered; each has its own error |
//!
//! The type of a boxed error is lost. It is derived from the error's `Debug` output if that has the form of a
//! derived implementation and differs from the error's text: `OutOfStock { item: 7 }` becomes `OutOfStock`,
//! and an enum is represented by its variant. Errors of the standard library, `serde_json` and Tokio keep
//! their types. A boxed report, such as those of `anyhow` and `eyre`, has the type of its first cause with a
//! known type; one that is returned directly has its own type, `anyhow::Error`. So no word of a message
//! becomes a value, which could then be anything, unless a custom `Debug` implementation imitates a derived
//! one. A type with its own `From<..> for Diagnostic` chooses its values; it should have few.
//!
//! `exception.type` is the same; it is omitted if the type is `_OTHER`. Calls to AWS have [values of their
//! own](https://docs.rs/lamplight-aws-sdk).
//!
//! Specification: <https://opentelemetry.io/docs/specs/semconv/general/recording-errors/>.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Tests compare times with the clock.
#![cfg_attr(test, allow(clippy::disallowed_methods))]

mod alarm;
mod baggage;
#[cfg(feature = "tracing")]
mod bridge;
mod clock;
mod current;
mod facts;
mod flush;
mod handler;
mod ids;
mod instrumentation;
mod invocation;
mod limits;
mod open_spans;
mod outcome;
mod panics;
mod passing_on;
mod peek;
mod recorder;
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
pub mod records;
mod resource;
#[cfg(feature = "axum")]
mod route;
mod shutdown;
mod snapstart;
mod span;
mod start;
mod timer;

pub use baggage::with_baggage;
#[cfg(feature = "tracing")]
pub use bridge::{WithTraceIds, is_tracing_in_use};
pub use current::{Invocation, SpanHandle};
pub use flush::{DEFAULT_DEADLINE_MARGIN, DEFAULT_FLUSH_BUDGET, FlushPolicy, UnknownFlushPolicy};
pub use handler::{
    HandlerError, HandlerFuture, HandlerLayer, HandlerResponse, HandlerService, HandlerStream,
};
pub use ids::SnapStartIdGenerator;
pub use instrumentation::{Instrumentation, InstrumentationBuilder};
pub use invocation::{InvocationFuture, InvocationLayer, InvocationService};
pub use limits::{
    AttributeLimitProcessor, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT,
};
pub use open_spans::OpenSpanProcessor;
pub use resource::LambdaResourceDetector;
#[cfg(feature = "axum")]
pub use route::{RouteLayer, RouteService};
pub use shutdown::SHUTDOWN_BUDGET;
pub use snapstart::SnapStart;
pub use span::{CounterValue, ExceptionLogger, ExceptionSignal, UnknownExceptionSignal};

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
