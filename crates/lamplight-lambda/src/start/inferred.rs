//! Spans of the managed services that an event passed through.

use std::time::{Duration, SystemTime};

use lamplight_propagation::inbound::InferredSpan;
use opentelemetry::{
    Context,
    trace::{SpanBuilder, SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

/// One year: the longest retention of a Kinesis stream, which exceeds the waiting time in any other service.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The maximum time by which a service's clock may be ahead of the function's.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// Starts and ends the inferred spans, each a child of the one before, and returns the context of the last
/// one, or `cx` itself if there is none.
///
/// An inferred span ends where the next one begins. If it seems to begin later than that, because the
/// service's clock is ahead of the function's, it begins there. Impossible times are ignored.
pub(super) fn infer(
    tracer: &SdkTracer,
    inferred: Vec<InferredSpan>,
    mut cx: Context,
    arrived: SystemTime,
) -> Context {
    let caller = cx.span().span_context().clone();
    if caller.is_valid() && !caller.is_sampled() {
        return cx;
    }
    let mut next = arrived;
    let mut spans = Vec::with_capacity(inferred.len());
    for span in inferred.into_iter().rev() {
        if is_plausible(span.started_at, arrived) {
            let started_at = span.started_at.min(next);
            let builder = SpanBuilder::from_name(span.span_name)
                // Neither a request nor a message: these would be counted twice.
                .with_kind(SpanKind::Internal)
                .with_start_time(started_at)
                .with_attributes(span.attributes);
            spans.push((builder, next));
            next = started_at;
        }
    }
    for (builder, ended_at) in spans.into_iter().rev() {
        let span = tracer.build_with_context(builder, &cx);
        cx = cx.with_span(span);
        cx.span().end_with_timestamp(ended_at);
    }
    cx
}

fn is_plausible(started_at: SystemTime, arrived: SystemTime) -> bool {
    match arrived.duration_since(started_at) {
        Ok(waited) => waited <= LONGEST,
        Err(ahead) => ahead.duration() <= SKEW,
    }
}
