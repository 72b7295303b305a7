//! The span and the context of one record.

use std::sync::{Arc, OnceLock};

use lamplight_propagation::inbound::{Record, RecordContext};
use lamplight_semconv as semconv;
use opentelemetry::{
    Context,
    trace::{Link, SpanBuilder, SpanKind, TraceContextExt, Tracer},
};

use crate::{
    baggage::with_baggage_of,
    clock,
    current::{ContextSpan, Invocation, SpanHandle, SpanOwner},
    span::{ActiveSpan, Exceptions},
};

/// The span of a record, empty until it starts.
#[derive(Debug, Default)]
struct RecordSpan(OnceLock<ActiveSpan>);

impl SpanOwner for RecordSpan {
    fn span(&self) -> Option<&ActiveSpan> {
        self.0.get()
    }
}

/// Returns a handle to the span, of kind `CONSUMER`, of the record whose handler is running. Outside a record
/// handler, its methods do nothing.
///
/// It works anywhere in the record handler's code, including below child spans and across `.await`. A spawned
/// task has access to it if it runs with the handler's OpenTelemetry context
/// (`FutureExt::with_current_context`).
///
/// ```
/// use lamplight_lambda::records;
/// use lamplight_semconv::app;
///
/// records::current().set_attribute(app::event::producer::application("shop"));
/// ```
pub fn current() -> SpanHandle {
    Context::map_current(|cx| cx.get::<SpanHandle>().cloned()).unwrap_or_default()
}

/// Starts the `process` span of a record. Returns a handle to it, and a context with the span and the
/// record's baggage; `None` outside an invocation.
pub(super) fn of(
    invocation: &Invocation,
    record: &impl Record,
    single: bool,
) -> Option<(SpanHandle, Context)> {
    let (start, ambient) = (invocation.start()?, invocation.ambient()?);
    let RecordContext {
        parent,
        mut links,
        span_name,
        mut attributes,
        sent_at,
        receive_count,
        ..
    } = start.extractor.record(record);
    let now = clock::now();
    let latency = sent_at.and_then(|sent| now.duration_since(sent).ok());
    attributes
        .extend(latency.map(|d| semconv::lamplight::queue::latency_ms(d.as_secs_f64() * 1e3)));
    attributes.extend(receive_count.map(|count| semconv::lamplight::receive_count(count.into())));
    start.add_baggage(&mut attributes, &parent);

    // Stored in the context before the span has started, so that processors can distinguish this span, and
    // the inferred ones above it, from the function's own.
    let owner = Arc::new(RecordSpan::default());
    let handle = SpanHandle::new(owner.clone());
    let current = Context::current_with_value(handle.clone());

    let creation = parent.span().span_context().clone();
    // Of the message's span and the invocation's span, one is the parent and the other a link, so that each
    // leads to the other. In a batch of one, the invocation is already a child of the message's span.
    let (base, other) = match creation.is_valid() {
        true if !(single && creation.trace_id() == ambient.trace_id()) => {
            let spans = match start.settings.inferred_spans {
                true => start.extractor.record_inferred_spans(record),
                false => Vec::new(),
            };
            let continued = current.with_remote_span_context(creation);
            (start.infer(spans, continued), ambient)
        }
        _ => (current, creation),
    };
    let is_linked = |link: &Link| link.span_context.span_id() == other.span_id();
    if other.is_valid() && !links.iter().any(is_linked) {
        // Usually the only link.
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
    let span = start.tracer.build_with_context(builder, &base);
    let exceptions = start.settings.exceptions.as_ref();
    let span = ActiveSpan::new(span, exceptions.map(Exceptions::of_record));
    owner.0.get_or_init(|| span);
    let cx = base.with_span(ContextSpan::new(handle.clone()));
    Some((handle, cx))
}
