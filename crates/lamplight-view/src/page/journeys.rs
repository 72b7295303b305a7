//! Pages about one journey, from the content of a store.

use std::sync::Arc;

use maud::html;

use super::{
    parts::Content,
    text::shortened,
    trace::{self, TraceOptions},
};
use crate::{
    facts::{Facts, Outcome, Role},
    journey::{Attempts, Journey},
    span::{Span, SpanRef, TraceId},
    store::{Store, StoreError},
};

/// Maximum number of traces in which deliveries of one message are searched. Most messages are in
/// one trace.
const TRACES: usize = 16;
/// Maximum length of a name in the title of a page.
const LETTERS: usize = 60;

/// Returns the journey of a trace; it is empty if the store has no span of the trace.
pub(super) fn journey(store: &dyn Store, trace: TraceId) -> Result<Journey, StoreError> {
    Ok(Journey::new(trace, store.around(trace)?))
}

/// Returns the page of a trace.
pub(super) fn trace(journey: &Journey, options: &TraceOptions) -> Content {
    let first = journey.nodes.iter().find_map(|it| it.span());
    Content {
        title: match first {
            Some(span) => shortened(&span.name, LETTERS),
            None => format!("Trace {}", journey.trace),
        },
        body: trace::trace(journey, options),
        found: !journey.nodes.is_empty(),
    }
}

/// Returns the page of an invocation with its records; `journey` is that of its trace.
pub(super) fn invocation(journey: &Journey, id: SpanRef, options: &TraceOptions) -> Content {
    let span = journey
        .find(id.span)
        .and_then(|it| journey.nodes.get(it)?.span());
    let batch = journey.batches.iter().find(|it| it.id == id);
    let span = span.or_else(|| batch?.invocation.as_ref());
    let function = span.map(|it| Facts::of(it).function.to_owned());
    Content {
        title: match &function {
            Some(function) => format!("Invocation of {}", shortened(function, LETTERS)),
            None => format!("Invocation {}", id.span),
        },
        body: trace::invocation(journey, id, options),
        found: span.is_some() || batch.is_some(),
    }
}

/// Returns the deliveries of a message.
pub(super) fn message(
    store: &dyn Store,
    id: &str,
    options: &TraceOptions,
) -> Result<Content, StoreError> {
    let spans = store.message(id)?;
    let found = !spans.is_empty();
    let mut traces: Vec<TraceId> = spans.iter().map(|it| it.trace_id).collect();
    traces.sort_unstable();
    traces.dedup();
    let mut attempts: Vec<Attempts> = Vec::new();
    for id_of_trace in traces.into_iter().take(TRACES) {
        let mut journey = journey(store, id_of_trace)?;
        journey.attempts.retain(|it| it.message_id == id);
        for new in journey.attempts {
            // A message that is in several traces is found in each of them.
            let first = |it: &Attempts| it.deliveries.first().map(|it| it.id());
            if !attempts.iter().any(|it| first(it) == first(&new)) {
                attempts.push(new);
            }
        }
    }
    if attempts.is_empty() {
        attempts.extend(only(id, spans));
    }
    Ok(Content {
        title: format!("Message {}", shortened(id, LETTERS)),
        body: html! { (trace::message(id, &attempts, options)) },
        found,
    })
}

/// Returns the deliveries of a message that was delivered only once.
fn only(id: &str, spans: Vec<Span>) -> Option<Attempts> {
    let is_delivery = |span: &Span| matches!(Facts::of(span).role, Role::Record | Role::Batch);
    let (mut deliveries, others): (Vec<_>, Vec<_>) = spans.into_iter().partition(is_delivery);
    if deliveries.is_empty() {
        deliveries = others;
    }
    deliveries.sort_by_key(|it| it.start);
    let last = Facts::of(deliveries.last()?);
    Some(Attempts {
        system: last.system.unwrap_or("unknown").to_owned(),
        message_id: id.to_owned(),
        open: last.outcome != Outcome::Ok,
        deliveries: deliveries.into_iter().map(Arc::new).collect(),
    })
}
