//! W3C trace context and baggage in and out of every AWS Lambda event envelope.
//!
//! | module | what it does |
//! |---|---|
//! | [`inbound`] | finds context in the bytes of an invocation, whatever sent it |
//! | [`outbound`] | puts context into messages, events, records and payloads |
//! | [`Propagators`] | which formats are read and written, as `OTEL_PROPAGATORS` names them |
//! | [`w3c`] | `traceparent`, `tracestate` and `baggage`, strictly; a propagator |
//! | [`xray`] | the X-Ray tracing header |
//!
//! Everything here is a function of bytes and maps: no runtime, no AWS SDK, no environment
//! variables, no clock.

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
