//! Thresholds, randomness, and the member `ot` of a tracestate that carries both.
//!
//! A trace is kept where its [`Randomness`] is not less than a [`Threshold`]. All who sample a trace
//! compare with the same randomness, so that their decisions agree: a trace that somebody keeps with
//! 1 % is one that everybody keeps with 10 %, and of several samplers the one with the highest
//! threshold decides. Which threshold a span has passed is written into its tracestate, so that who
//! counts knows how many spans it stands for.
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
