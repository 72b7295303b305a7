//! W3C trace context and baggage in every AWS Lambda event envelope, read and written.
//!
//! | module | content |
//! |---|---|
//! | [`inbound`] | extraction of context from the bytes of an invocation, for every event source |
//! | [`outbound`] | injection of context into messages, events, records and payloads |
//! | [`Propagators`] | the formats that are read and written, as `OTEL_PROPAGATORS` names them |
//! | [`w3c`] | strict `traceparent`, `tracestate` and `baggage`; a propagator |
//! | [`xray`] | the X-Ray tracing header |
//!
//! Everything here is a function of bytes and maps. The crate uses no runtime, no AWS SDK, no environment
//! variables and no clock.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod inbound;
pub mod outbound;
pub mod w3c;
pub mod xray;

mod envelope;
mod json;
mod propagators;
mod time;

pub use propagators::Propagators;

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
