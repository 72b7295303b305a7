//! Journeys from a collection of spans, without a store.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    Journey,
    flush::{environment, next_from, of_next},
};
use crate::{
    facts::{Facts, Role},
    span::{Span, SpanRef, TraceId},
};

/// Maximum number of related spans from other traces per trace: batches of several thousand records
/// would add as many to each of their traces.
const MAX_RELATED: usize = 1_000;

/// All journeys in a collection of spans.
///
/// Everything is held in memory; for more than a few files use a [`Store`](crate::store::Store).
#[derive(Debug, Default)]
pub struct Journeys {
    spans: Vec<Arc<Span>>,
    by_trace: BTreeMap<TraceId, Vec<usize>>,
    by_id: HashMap<SpanRef, Vec<usize>>,
    /// Spans, by the spans they link to.
    by_link: HashMap<SpanRef, Vec<usize>>,
    /// Deliveries, by message.
    by_message: HashMap<String, Vec<usize>>,
    /// Invocations by environment, sorted by start.
    by_environment: HashMap<String, Vec<usize>>,
}

impl Journeys {
    /// Returns the journeys of these spans.
    #[must_use]
    pub fn new(spans: impl IntoIterator<Item = Span>) -> Self {
        let mut all = Self::default();
        for span in spans {
            let index = all.spans.len();
            all.by_trace.entry(span.trace_id).or_default().push(index);
            all.by_id.entry(span.id()).or_default().push(index);
            for link in &span.links {
                all.by_link.entry(link.to).or_default().push(index);
            }
            if let Some(id) = message(&span) {
                all.by_message.entry(id.to_owned()).or_default().push(index);
            }
            if let Some(name) = environment(&span.resource)
                && Facts::of(&span).role == Role::Invocation
            {
                let invocations = all.by_environment.entry(name.to_owned()).or_default();
                invocations.push(index);
            }
            all.spans.push(Arc::new(span));
        }
        for invocations in all.by_environment.values_mut() {
            invocations.sort_by_key(|index| all.spans.get(*index).map(|span| span.start));
        }
        all
    }

    /// Returns the traces, sorted by the start of their first span.
    #[must_use]
    pub fn traces(&self) -> Vec<TraceId> {
        let begin = |spans: &Vec<usize>| {
            let spans = spans.iter().filter_map(|index| self.spans.get(*index));
            spans.map(|span| span.start).min()
        };
        let traces = self.by_trace.iter();
        let mut traces: Vec<_> = traces.map(|(id, spans)| (begin(spans), *id)).collect();
        traces.sort_unstable();
        traces.into_iter().map(|(_, id)| id).collect()
    }

    /// Returns the journey of a trace; it is empty if there is no such trace.
    #[must_use]
    pub fn journey(&self, trace: TraceId) -> Journey {
        let own = self.by_trace.get(&trace).into_iter().flatten();
        let own: Vec<_> = own.filter_map(|index| self.spans.get(*index)).collect();
        let mut related = Related {
            all: self,
            trace,
            found: Vec::new(),
            seen: HashSet::new(),
        };
        for span in &own {
            related.add_around(span);
        }
        // Invocations lead to their other records.
        for place in 0..related.found.len() {
            if let Some(span) = related.found.get(place).map(Arc::clone) {
                related.add_records_of(&span);
            }
        }
        let flushes = own.iter().filter_map(|span| self.flush(span));
        let flushes: Vec<_> = flushes.collect();
        Journey::of(
            trace,
            own.into_iter().map(Arc::clone),
            related.found,
            flushes,
        )
    }

    /// Returns the flush after an invocation, as reported by the next invocation of its
    /// environment.
    fn flush(&self, span: &Span) -> Option<(SpanRef, u64)> {
        let from = next_from(span)?;
        let invocations = self.by_environment.get(environment(&span.resource)?)?;
        let start = |index: &usize| self.spans.get(*index).map_or(0, |span| span.start);
        let later = invocations.partition_point(|index| start(index) < from);
        let mut later = (invocations.get(later..)?.iter())
            .filter_map(|index| self.spans.get(*index))
            .filter(|next| next.resource == span.resource && next.scope == span.scope);
        Some((span.id(), of_next(Facts::of(later.next()?).held_ms?)?))
    }
}

/// Returns the id of the message that a span is a delivery of.
fn message(span: &Span) -> Option<&str> {
    let facts = Facts::of(span);
    let is_delivery = matches!(facts.role, Role::Record | Role::Batch | Role::Invocation);
    facts.message_id.filter(|_| is_delivery)
}

struct Related<'a> {
    all: &'a Journeys,
    trace: TraceId,
    found: Vec<Arc<Span>>,
    seen: HashSet<usize>,
}

impl Related<'_> {
    fn add(&mut self, indices: Option<&Vec<usize>>) {
        for index in indices.into_iter().flatten() {
            if self.found.len() >= MAX_RELATED {
                return;
            }
            let span = self.all.spans.get(*index);
            if let Some(span) = span.filter(|span| span.trace_id != self.trace)
                && self.seen.insert(*index)
            {
                self.found.push(Arc::clone(span));
            }
        }
    }

    /// Adds the spans it links to, those that link to it, and other deliveries of its message.
    fn add_around(&mut self, span: &Span) {
        for link in &span.links {
            self.add(self.all.by_id.get(&link.to));
        }
        self.add(self.all.by_link.get(&span.id()));
        if let Some(id) = message(span) {
            self.add(self.all.by_message.get(id));
        }
    }

    fn add_records_of(&mut self, span: &Span) {
        if matches!(Facts::of(span).role, Role::Invocation | Role::Batch) {
            self.add(self.all.by_link.get(&span.id()));
        }
    }
}
