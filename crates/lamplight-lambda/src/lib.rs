//! Tower layers that give each AWS Lambda invocation its span and its flush window.
//!
//! Two layers see what one cannot:
//!
//! * [`InvocationLayer`] goes around the whole runtime stack. It sees the raw event, so it can
//!   continue the caller's trace before anything is parsed, and it goes on running after the
//!   response has been posted, which is where it flushes: the caller never waits for telemetry.
//! * [`HandlerLayer`] goes around the handler. It sees the answer: errors, panics, status codes and
//!   failed records.
//!
//! Both come from one [`Instrumentation`]. Most functions use them through the `lamplight` crate.
//!
//! # Values of `error.type`
//!
//! The span of an invocation, or of a record, that fails has one of these, and a status with the
//! error's text:
//!
//! | `error.type` | what failed |
//! |---|---|
//! | a type, as `orders::OutOfStock` | the handler, with an error of this type |
//! | a status code, as `503` | an HTTP request, answered with a server error |
//! | what the function says | the handler, with a `Diagnostic` of its own |
//! | `_OTHER` | the handler, with an error that tells no type |
//! | `panic` | the handler panicked, or its answer when it was serialized, or its stream |
//! | `timeout` | the invocation's time was up |
//! | `sigterm` | Lambda ended the environment while the work went on |
//! | `cancelled` | the record's work was dropped, together with the batch |
//! | `DeserializeError` | the event is not of the handler's type |
//! | `lambda_runtime` | the answer could not be serialized or posted |
//! | `batch_item_failure` | all records of a batch, so that all come again; each has its own error |
//!
//! An error in a box, which has forgotten its type, is told by its `Debug` output where that looks as
//! `derive` makes it, and is not the error's own text: `OutOfStock { item: 7 }` is `OutOfStock`, and an
//! enum is told by its variant. Errors of the standard library, `serde_json` and Tokio keep their types.
//! A report in a box, as those of `anyhow` and `eyre`, has the type of its first cause that tells one; one that
//! is returned as it is has its own, `anyhow::Error`. So no word of a message becomes a value, which could then
//! be anything, unless a `Debug` of one's own imitates a derived one. A type behind its own
//! `From<..> for Diagnostic` chooses for itself; let it have few values.
//!
//! `exception.type` is the same; it is left out where the type is `_OTHER`. Calls to AWS have
//! [values of their own](https://docs.rs/lamplight-aws-sdk).
//!
//! Specification: <https://opentelemetry.io/docs/specs/semconv/general/recording-errors/>.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Tests read the clock to compare with it.
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
