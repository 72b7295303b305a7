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

mod alarm;
mod baggage;
#[cfg(feature = "tracing")]
mod bridge;
mod current;
mod flush;
mod function;
mod handler;
mod hops;
mod ids;
mod instrumentation;
mod invocation;
mod limits;
mod open_spans;
mod outcome;
mod panics;
mod passing_on;
mod peek;
#[cfg(feature = "records")]
pub mod records;
mod registry;
mod resource;
#[cfg(feature = "axum")]
mod route;
mod shutdown;
mod snapstart;
mod startup;
mod timer;
mod totals;
mod wide;

pub use baggage::with_baggage;
#[cfg(feature = "tracing")]
pub use bridge::{WithTraceIds, is_tracing_in_use};
pub use current::Invocation;
pub use flush::{FlushPolicy, UnknownFlushPolicy};
pub use handler::{
    HandlerError, HandlerFuture, HandlerLayer, HandlerResponse, HandlerService, HandlerStream,
};
pub use ids::RestorableIds;
pub use instrumentation::{
    DEFAULT_DEADLINE_MARGIN, DEFAULT_FLUSH_BUDGET, Instrumentation, InstrumentationBuilder,
};
pub use invocation::{InvocationFuture, InvocationLayer, InvocationService};
pub use limits::{
    AttributeLimits, OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT,
};
pub use open_spans::OpenSpans;
pub use resource::resource;
#[cfg(feature = "axum")]
pub use route::{RouteLayer, RouteService};
pub use shutdown::SHUTDOWN_BUDGET;
pub use snapstart::SnapStart;
pub use totals::Amount;
