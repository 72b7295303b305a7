//! The span and the context of one record.

use crate::Invocation;
use crate::exceptions::Exceptions;
use crate::open_spans::untracked;
use crate::wide::{Shown, Wide};
use lamplight_propagation::inbound::{Record, RecordContext};
use lamplight_semconv as semconv;
use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt, KeyValueMetadata};
use opentelemetry::trace::{Link, SpanBuilder, SpanKind, TraceContextExt, Tracer};
use std::sync::Arc;
use std::time::SystemTime;

/// The `process` span of a record, and a context with it and the record's baggage. `None` outside an
/// invocation.
pub(super) fn of(
    invocation: &Invocation,
    record: &impl Record,
    single: bool,
) -> Option<(Arc<Wide>, Context)> {
    let (shared, ambient) = (invocation.shared()?, invocation.ambient()?);
    let RecordContext {
        parent,
        mut links,
        span_name,
        mut attributes,
        sent_at,
        receive_count,
        ..
    } = shared.extractor.record(record);
    let now = SystemTime::now();
    let latency = sent_at.and_then(|sent| now.duration_since(sent).ok());
    attributes
        .extend(latency.map(|d| semconv::lamplight::queue::latency_ms(d.as_secs_f64() * 1e3)));
    attributes.extend(receive_count.map(|count| semconv::lamplight::receive_count(count.into())));
    shared.add_baggage(&mut attributes, &parent);

    let creation = parent.span().span_context().clone();
    // What the parent is not, a link is: between the message's own span and the invocation's, both
    // ways lead to the other. A batch of one has made the invocation a child of the message.
    let continued = Context::current().with_remote_span_context(creation.clone());
    let (base, other) = match creation.is_valid() {
        true if !(single && creation.trace_id() == ambient.trace_id()) => {
            let spans = match shared.inferred_spans {
                true => shared.extractor.record_inferred_spans(record),
                false => Vec::new(),
            };
            (shared.infer(spans, continued), ambient)
        }
        _ => (Context::current(), creation),
    };
    let is_linked = |link: &Link| link.span_context.span_id() == other.span_id();
    if other.is_valid() && !links.iter().any(is_linked) {
        // Usually the only one.
        links.reserve_exact(1);
        links.push(Link::with_context(other));
    }
    let base = with_baggage_of(&base, &parent);
    let mut builder = SpanBuilder::from_name(span_name)
        .with_kind(SpanKind::Consumer)
        .with_start_time(now)
        .with_attributes(attributes);
    if !links.is_empty() {
        builder = builder.with_links(links);
    }
    let span = untracked(|| shared.tracer.build_with_context(builder, &base));
    let exceptions = shared.exceptions.as_ref().map(Exceptions::of_record);
    let wide = Arc::new(Wide::new(span, exceptions));
    let cx = base.with_span(Shown(wide.clone()));
    Some((wide, cx))
}

/// `cx` with the baggage of the record: that of one record must not reach another. Where there is
/// none to take away or to add, the context is not copied for it.
pub(crate) fn with_baggage_of(cx: &Context, record: &Context) -> Context {
    let cx = match cx.baggage().is_empty() {
        true => cx.clone(),
        false => cx.with_cleared_baggage(),
    };
    if record.baggage().is_empty() {
        return cx;
    }
    let entries = record.baggage().iter().map(|(key, (value, metadata))| {
        KeyValueMetadata::new(key.clone(), value.clone(), metadata.as_str())
    });
    cx.with_baggage(entries)
}
