//! The span of a messaging event, below that of the invocation.
//!
//! Semantic conventions, faas/aws-lambda.md, "SQS Event".

use std::borrow::Cow;

use lamplight_internal::diagnostics::warn_once;
use lamplight_semconv::messaging::destination;
use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanBuilder, SpanContext, SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::{SdkTracer, Span};

use crate::panics;

/// Starts the span of an event below `invocation`, with the attributes of its messages. `parent` has the
/// baggage. Returns `None` if a sampler or a span processor panics: the event then has no span, and the
/// invocation is not affected.
pub(super) fn start(
    tracer: &SdkTracer,
    parent: &Context,
    invocation: &SpanContext,
    attributes: Vec<KeyValue>,
    links: Vec<Link>,
) -> Option<Span> {
    let mut builder = SpanBuilder::from_name(name(&attributes))
        .with_kind(SpanKind::Consumer)
        .with_attributes(attributes);
    if !links.is_empty() {
        builder = builder.with_links(links);
    }
    // Only the identity: the span itself is not in any context yet.
    let parent = parent.with_remote_span_context(invocation.clone());
    let start = || tracer.build_with_context(builder, &parent);
    let span = panics::catch(start).ok();
    if span.is_none() {
        warn_once("event-not-traced", || {
            "the span of an event is missing, because a sampler or a span processor panicked; the \
             function is not affected"
                .to_owned()
        });
    }
    span
}

/// Returns the name of the span, which is also that of the spans of its records: messaging-spans.md, "Span
/// name".
fn name(attributes: &[KeyValue]) -> Cow<'static, str> {
    let is_name = |it: &&KeyValue| it.key.as_str() == destination::NAME;
    match attributes.iter().find(is_name) {
        Some(destination) => Cow::Owned(["process ", &destination.value.as_str()].concat()),
        None => Cow::Borrowed("process"),
    }
}
