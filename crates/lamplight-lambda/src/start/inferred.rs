//! Spans of the managed services an event passed through.

use std::time::{Duration, SystemTime};

use lamplight_propagation::inbound::InferredSpan;
use opentelemetry::{
    Context,
    trace::{SpanBuilder, SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

/// The longest retention of a Kinesis stream, longer than anything waits elsewhere: a year.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// The most that a service's clock may be ahead of ours.
const SKEW: Duration = Duration::from_secs(15 * 60);

/// Starts and ends the inferred spans, one below the other, and returns the context below the last,
/// which is `cx` itself where there is none.
///
/// Inferred spans end where the next one begins. One that seems to begin later than that, because the service's
/// clock is ahead of ours, begins there; a time that cannot be is none.
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
                // Nobody's request and nobody's message: counted as such, each would be there twice.
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
