//! A store that scans all spans for each query, to compare with other implementations.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use lamplight_semconv::faas;
use lamplight_view::{
    facts::{Facts, Outcome, Role},
    span::{Attributes, Decoded, Resource, Scope, Span, SpanRef, TraceId, Value},
    store::{Condition, Query, Side, Window},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// The data that a store keeps of spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Keeps {
    /// All of it, and one of exact copies.
    #[default]
    All,
    /// The data of the tables of ClickHouse. Exact copies are several spans, unless a whole request
    /// is repeated.
    Tables,
}

/// All spans, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) keeps: Keeps,
    requests: BTreeSet<String>,
    pub(super) spans: Vec<Span>,
    pub(super) bytes: usize,
    pub(super) again: u64,
}

pub(super) fn is_in(window: Window, time: u64) -> bool {
    window.from.is_none_or(|from| from <= time) && window.to.is_none_or(|to| time < to)
}

/// The median of 100 values is the 50th.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

/// A function in comparable form: name, invocations, errors, timeouts, cold starts, percentiles,
/// initialization and flush, memory, versions, last.
pub(super) type FunctionRow = (
    String,
    [u64; 7],
    [Option<f64>; 2],
    Option<u64>,
    BTreeSet<String>,
    u64,
);

/// A trace in comparable form: id, start, end, spans, errors, functions.
pub(super) type TraceWords = (TraceId, u64, u64, u64, u64, BTreeSet<String>);

impl Model {
    pub(super) fn new(keeps: Keeps) -> Self {
        Self {
            keeps,
            ..Self::default()
        }
    }

    /// Adds a request as it is in tables.
    fn add_to_tables(&mut self, request: &ExportTraceServiceRequest) {
        let decoded = Decoded::of(&request.encode_to_vec());
        let spans: Vec<_> = decoded.spans.into_iter().map(in_tables).collect();
        if self.requests.insert(format!("{spans:?}")) {
            self.spans.extend(spans);
        }
    }

    /// Returns whether a span meets a condition. In tables, any text may be a number.
    fn meets(&self, condition: &Condition, span: &Span) -> bool {
        match self.keeps {
            Keeps::All => condition.fits(span),
            Keeps::Tables => {
                let mut span = span.clone();
                with_all_attributes(&mut span, |_, value| match value.to_string().parse() {
                    Ok(number) => Value::Double(number),
                    Err(_) => value,
                });
                condition.fits(&span)
            }
        }
    }

    pub(super) fn add(&mut self, request: &ExportTraceServiceRequest) {
        if self.keeps == Keeps::Tables {
            self.add_to_tables(request);
            return;
        }
        for of in &request.resource_spans {
            let resource = of.resource.clone().unwrap_or_default().encode_to_vec();
            let resource = Arc::new(Resource::decode(&resource, of.schema_url.as_bytes()).unwrap());
            for scope_spans in &of.scope_spans {
                let scope = scope_spans
                    .scope
                    .clone()
                    .unwrap_or_default()
                    .encode_to_vec();
                let scope = Scope::decode(&scope, scope_spans.schema_url.as_bytes()).unwrap();
                let scope = Arc::new(scope);
                for span in &scope_spans.spans {
                    let message = span.encode_to_vec();
                    let (resource, scope) = (Arc::clone(&resource), Arc::clone(&scope));
                    let span = Span::decode(&message, resource, scope).unwrap();
                    let is_same = |it: &&mut Span| {
                        let mut once = (**it).clone();
                        once.times = 1;
                        once == span
                    };
                    if let Some(there) = self.spans.iter_mut().find(is_same) {
                        there.times += 1;
                        self.again += 1;
                    } else {
                        self.bytes += message.len();
                        self.spans.push(span);
                    }
                }
            }
        }
    }

    fn all_invocations(&self) -> impl Iterator<Item = (&Span, Facts<'_>)> {
        let all = self.spans.iter().map(|span| (span, Facts::of(span)));
        all.filter(|(_, facts)| facts.role == Role::Invocation)
    }

    pub(super) fn functions(&self, window: Window) -> Vec<FunctionRow> {
        let mut functions = BTreeMap::<_, Vec<_>>::new();
        for (span, facts) in self.all_invocations() {
            if is_in(window, span.start) {
                functions
                    .entry(facts.function)
                    .or_default()
                    .push((span, facts));
            }
        }
        let row = |(name, mut all): (&str, Vec<(&Span, Facts<'_>)>)| {
            all.sort_by_key(|(span, _)| span.start);
            let mut durations: Vec<_> = all.iter().map(|(span, _)| span.duration()).collect();
            durations.sort_unstable();
            let count = |fits: &dyn Fn(&Facts<'_>) -> bool| {
                all.iter().filter(|(_, facts)| fits(facts)).count() as u64
            };
            let mean = |of: &dyn Fn(&Facts<'_>) -> Option<f64>| {
                let values: Vec<_> = all.iter().filter_map(|(_, facts)| of(facts)).collect();
                (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
            };
            (
                name.to_owned(),
                [
                    all.len() as u64,
                    count(&|facts| facts.outcome != Outcome::Ok),
                    count(&|facts| facts.outcome == Outcome::Timeout),
                    count(&|facts| facts.cold),
                    percentile(&durations, 50),
                    percentile(&durations, 95),
                    percentile(&durations, 99),
                ],
                [
                    mean(&|facts| facts.init_ms.filter(|_| facts.cold)),
                    mean(&|facts| facts.held_ms),
                ],
                all.iter().rev().find_map(|(_, facts)| facts.memory),
                (all.iter())
                    .filter_map(|(_, facts)| Some(facts.version?.to_owned()))
                    .collect(),
                all.last().unwrap().0.start,
            )
        };
        functions.into_iter().map(row).collect()
    }

    /// Returns all invocations that match a query, newest first; those with the same start are
    /// sorted by id.
    pub(super) fn invocations(&self, query: &Query) -> Vec<&Span> {
        let mut found: Vec<_> = (self.all_invocations())
            .filter(|(span, _)| is_in(query.window, span.start))
            .filter(|(span, _)| query.before.is_none_or(|before| span.start < before))
            .filter(|(span, _)| query.at_least.is_none_or(|it| span.duration() >= it))
            .filter(|(span, _)| query.at_most.is_none_or(|it| span.duration() <= it))
            .filter(|(span, facts)| self.fits(query, span, facts))
            .map(|(span, _)| span)
            .collect();
        found.sort_by_key(|span| (std::cmp::Reverse(span.start), span.id()));
        found
    }

    pub(super) fn trace_ids(&self) -> BTreeSet<TraceId> {
        self.spans.iter().map(|span| span.trace_id).collect()
    }

    fn of_trace(&self, id: TraceId) -> Vec<&Span> {
        self.spans
            .iter()
            .filter(|span| span.trace_id == id)
            .collect()
    }

    /// Returns all traces that match a query.
    pub(super) fn traces(&self, query: &Query) -> BTreeMap<TraceId, TraceWords> {
        let words = |id| {
            let spans = self.of_trace(id);
            let functions = spans.iter().map(|span| Facts::of(span).function.to_owned());
            let failed = spans
                .iter()
                .filter(|span| Facts::of(span).outcome != Outcome::Ok);
            let words = (
                id,
                spans.iter().map(|span| span.start).min().unwrap(),
                spans.iter().map(|span| span.end).max().unwrap(),
                spans.len() as u64,
                failed.count() as u64,
                functions.collect(),
            );
            let duration = words.2.saturating_sub(words.1);
            let is_meant = is_in(query.window, words.1)
                && query.before.is_none_or(|before| words.1 < before)
                && query.at_least.is_none_or(|it| duration >= it)
                && query.at_most.is_none_or(|it| duration <= it)
                && (spans.iter()).any(|span| {
                    let facts = Facts::of(span);
                    let is_invocation = facts.role == Role::Invocation;
                    (query.cold.is_none() || is_invocation) && self.fits(query, span, &facts)
                });
            is_meant.then_some((id, words))
        };
        self.trace_ids().into_iter().filter_map(words).collect()
    }

    /// Returns related spans of other traces for the journey of a trace.
    pub(super) fn related(&self, trace: TraceId) -> Vec<&Span> {
        let own = self.of_trace(trace);
        let links_to =
            |span: &Span, ids: &[SpanRef]| span.links.iter().any(|it| ids.contains(&it.to));
        let own_ids: Vec<_> = own.iter().map(|span| span.id()).collect();
        let targets: Vec<_> = (own.iter())
            .flat_map(|span| span.links.iter().map(|link| link.to))
            .collect();
        let messages: Vec<_> = own
            .iter()
            .filter_map(|span| Facts::of(span).message_id)
            .collect();
        let has_message = |span: &Span| {
            Facts::of(span)
                .message_id
                .is_some_and(|id| messages.contains(&id))
        };
        let others = || self.spans.iter().filter(|span| span.trace_id != trace);
        let near: Vec<_> = others()
            .filter(|span| {
                targets.contains(&span.id()) || links_to(span, &own_ids) || has_message(span)
            })
            .collect();
        let invocations: Vec<_> = (near.iter())
            .filter(|it| matches!(Facts::of(it).role, Role::Invocation | Role::Batch))
            .map(|span| span.id())
            .collect();
        let is_near = |span: &Span| near.iter().any(|it| std::ptr::eq(*it, span));
        others()
            .filter(|span| is_near(span) || links_to(span, &invocations))
            .collect()
    }

    /// Returns the invocations of a trace with the flush after each, in nanoseconds, as reported by
    /// the next invocation of the same environment.
    ///
    /// There are several if the next ones began at the same time.
    pub(super) fn flushes(&self, trace: TraceId) -> Vec<(SpanRef, Vec<Option<u64>>)> {
        let flush = |(span, _): (&Span, Facts<'_>)| {
            span.resource.attributes.text(faas::INSTANCE)?;
            let is_next = |next: &&Span| {
                next.resource == span.resource && next.start > span.start && next.start >= span.end
            };
            let later = self.all_invocations().map(|(span, _)| span).filter(is_next);
            let later: Vec<_> = later.collect();
            let first = later.iter().map(|next| next.start).min()?;
            let held = |next: &&Span| {
                let held = Facts::of(next).held_ms.filter(|held| *held > 0.0)?;
                Some((held * 1e6) as u64)
            };
            let next = later.iter().filter(|next| next.start == first).map(held);
            // Of those that arrived, the first is the next one.
            let count = if self.keeps == Keeps::All {
                1
            } else {
                usize::MAX
            };
            Some((span.id(), next.take(count).collect()))
        };
        let own = self.all_invocations();
        let own = own.filter(|(span, _)| span.trace_id == trace);
        own.filter_map(flush).collect()
    }

    /// Returns key, value, and the numbers of invocations inside and outside with the value, for
    /// all reported differences.
    pub(super) fn differences(
        &self,
        query: &Query,
        side: Side,
    ) -> BTreeMap<(String, String), (u64, u64)> {
        let mut query = query.clone();
        query.outcome = None;
        let all = self.invocations(&query);
        let mut durations: Vec<_> = all.iter().map(|span| span.duration()).collect();
        durations.sort_unstable();
        let slow = durations
            .get(durations.len() - durations.len().div_ceil(20))
            .copied();
        let is_inside = |span: &Span| match side {
            Side::Failed => Facts::of(span).outcome != Outcome::Ok,
            Side::Slow => span.duration() >= slow.unwrap(),
        };
        let mut counts = BTreeMap::<_, (u64, u64)>::new();
        let mut sides = (0, 0);
        for span in all {
            let place = |counts: &mut (u64, u64)| match is_inside(span) {
                true => counts.0 += 1,
                false => counts.1 += 1,
            };
            place(&mut sides);
            for attributes in [&span.attributes, &span.resource.attributes] {
                let keys: BTreeSet<_> = attributes.iter().map(|it| it.key.as_str()).collect();
                for key in keys {
                    let value = attributes.get(key).unwrap().to_string();
                    place(counts.entry((key.to_owned(), value)).or_default());
                }
            }
        }
        let share = |part: u64, of: u64| part as f64 / of as f64;
        counts.retain(|_, (inside, outside)| {
            *inside >= 2 && share(*inside, sides.0) - share(*outside, sides.1) >= 0.05
        });
        if sides.0 == 0 || sides.1 == 0 {
            BTreeMap::new()
        } else {
            counts
        }
    }

    /// Returns whether a single span matches a query.
    fn fits(&self, query: &Query, span: &Span, facts: &Facts<'_>) -> bool {
        query
            .function
            .as_deref()
            .is_none_or(|it| facts.function == it)
            && query.outcome.is_none_or(|it| facts.outcome == it)
            && query
                .trigger
                .as_deref()
                .is_none_or(|it| facts.trigger == Some(it))
            && query.cold.is_none_or(|it| facts.cold == it)
            && query
                .conditions
                .iter()
                .all(|condition| self.meets(condition, span))
    }
}

/// Changes all attributes of a span.
fn with_all_attributes(span: &mut Span, change: impl Fn(&str, Value) -> Value) {
    let change_all = |attributes: &mut Attributes| {
        for it in &mut attributes.0 {
            it.value = change(&it.key, std::mem::take(&mut it.value));
        }
        attributes.0.sort_by(|one, other| one.key.cmp(&other.key));
    };
    change_all(&mut span.attributes);
    change_all(&mut Arc::make_mut(&mut span.resource).attributes);
    for event in &mut span.events {
        change_all(&mut event.attributes);
    }
}

/// Returns a span as it comes out of tables.
fn in_tables(mut span: Span) -> Span {
    span.end = span.end.max(span.start);
    with_all_attributes(&mut span, |key, value| match value {
        // The conventions have no type for it.
        value if key == "app.number" => Value::String(value.to_string()),
        value => value,
    });
    span
}
