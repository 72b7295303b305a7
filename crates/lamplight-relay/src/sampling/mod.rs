//! Thresholds, randomness, and the member `ot` of a tracestate that carries both.
//!
//! A trace is kept if its [`Randomness`] is not less than a [`Threshold`]. All samplers of a trace
//! use the same randomness, so that their decisions are consistent: a trace that one sampler keeps
//! at 1 % is kept by every sampler at 10 %, and among several samplers the highest threshold
//! decides. The threshold that a span has passed is written into its tracestate, so that backends
//! know how many spans it represents.
//!
//! Specification (development):
//! <https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/>,
//! <https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/>,
//! <https://www.w3.org/TR/trace-context-2/#tracestate-header>.

mod hexadecimal;
mod randomness;
mod rewrite;
mod threshold;
mod tracestate;

pub use self::{
    randomness::Randomness,
    rewrite::{Heads, Rewritten, rewrite},
    threshold::{Th, Threshold},
    tracestate::TraceState,
};

#[cfg(test)]
mod tests;
