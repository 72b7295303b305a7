//! A trace and the related spans for its journey.

use std::collections::{BTreeSet, HashMap, HashSet};

use lamplight_clickhouse::literal;
use lamplight_semconv::faas;

use super::{
    ClickHouseStore,
    expression::is_invocation,
    filter::Range,
    lookup::{IDS, SECOND, is_of, of_span, of_trace},
    parameters::Parameters,
    single::{OF_ONE_ID, has_message},
    span::{Part, columns, is_copy, without_copies},
};
use crate::{
    facts::{Facts, Role},
    journey::{Around, next_from, of_next},
    span::{Span, SpanRef, TraceId},
    store::StoreError,
};

/// Maximum number of spans of a trace: as many as a page can reasonably show.
const SPANS: usize = 50_000;

/// Maximum number of related spans.
const RELATED: usize = 10_000;

/// Maximum number of linked spans, messages, environments or traces that are searched for.
const SEARCHED: usize = 2_000;

/// Maximum size of searched texts in a query, in bytes: they are in its URL.
const TEXTS: usize = 3_000;

/// Time before and after a trace in which related spans started, in nanoseconds: a day.
const NEAR: i64 = 24 * 3_600 * SECOND;

/// Returns the spans of a trace, and related spans of other traces for its journey.
pub(super) fn around(store: &ClickHouseStore, trace: TraceId) -> Result<Around, StoreError> {
    let mut spans = store.of_trace(trace, |_| "1".to_owned(), SPANS + 1)?;
    let mut around = Around::default();
    if spans.len() > SPANS {
        spans.truncate(SPANS);
        around.left_out = size(store, trace)?.saturating_sub(SPANS as u64);
    }
    let number = |time: Option<u64>| i64::try_from(time.unwrap_or_default()).unwrap_or(i64::MAX);
    let own = Range {
        first: number(spans.iter().map(|span| span.start).min()),
        last: number(spans.iter().map(|span| span.end).max()),
    };
    around.spans = without_copies(spans);
    if around.spans.is_empty() {
        return Ok(around);
    }
    around.flushes = flushes(store, &around.spans, own)?;
    let mut related = Related {
        store,
        trace,
        near: own.widened(NEAR, NEAR),
        spans: Vec::new(),
        places: HashMap::new(),
        has_more: false,
    };
    // The nearest come first, in case there are too many.
    let targets = around.spans.iter().flat_map(|span| &span.links);
    related.add_all_of(&targets.map(|link| link.to).collect())?;
    let ids = around.spans.iter().map(Span::id).collect();
    related.add_linking(&ids)?;
    let messages = (around.spans.iter()).filter_map(|span| Facts::of(span).message_id);
    related.add_messages(&messages.collect())?;
    // Done last, so that each invocation is visited once.
    let invocations: HashSet<_> = (related.spans.iter())
        .filter(|span| matches!(Facts::of(span).role, Role::Invocation | Role::Batch))
        .map(Span::id)
        .collect();
    related.add_linking(&invocations)?;
    around.lacks_related = related.has_more;
    around.related = related.spans;
    Ok(around)
}

/// Returns the number of spans of a trace.
fn size(store: &ClickHouseStore, trace: TraceId) -> Result<u64, StoreError> {
    let mut parameters = Parameters::default();
    let rest = format!("FROM otel_traces WHERE {}", is_of(trace, &mut parameters));
    let columns = [("spans", "count()".to_owned())];
    let rows = store.client.rows(&columns, &rest, &parameters)?;
    let sizes = store.client.all(&rows, |row| row.count())?;
    Ok(sizes.first().copied().unwrap_or_default())
}

/// Returns the flushes after invocations, as reported by the next invocations of the same
/// environments.
fn flushes(
    store: &ClickHouseStore,
    spans: &[Span],
    own: Range,
) -> Result<Vec<(SpanRef, u64)>, StoreError> {
    let instance = |span: &Span| {
        span.resource
            .attributes
            .text(faas::INSTANCE)
            .map(str::to_owned)
    };
    let waiting = spans
        .iter()
        .filter_map(|span| Some((span, next_from(span)?)));
    let waiting: Vec<_> = waiting.collect();
    let instances: BTreeSet<_> = waiting
        .iter()
        .filter_map(|(span, _)| instance(span))
        .collect();
    let mut later = Vec::new();
    let range = own.widened(0, NEAR);
    let instances: Vec<_> = instances
        .iter()
        .map(String::as_str)
        .take(SEARCHED)
        .collect();
    for some in portions(&instances) {
        let mut parameters = Parameters::default();
        let rest = format!(
            "FROM otel_traces WHERE {} AND {} AND has({}, ResourceAttributes[{}]) \
             ORDER BY Timestamp, TraceId, SpanId LIMIT {RELATED}",
            range.condition(&mut parameters),
            is_invocation(),
            parameters.texts(some),
            literal(faas::INSTANCE)
        );
        let columns = columns(Part::All, store.has_scope()?);
        later.extend(store.spans(&columns, &rest, &parameters, Part::All)?);
    }
    let mut by_instance = HashMap::<_, Vec<&Span>>::new();
    for span in &later {
        by_instance.entry(instance(span)).or_default().push(span);
    }
    let flush = |(span, from): (&Span, u64)| {
        let next = (by_instance.get(&instance(span))?.iter()).find(|next| {
            next.start >= from && next.resource == span.resource && next.scope == span.scope
        })?;
        Some((span.id(), of_next(Facts::of(next).held_ms?)?))
    };
    Ok(waiting.into_iter().filter_map(flush).collect())
}

/// Returns texts in portions that fit into a query.
fn portions<'a>(texts: &'a [&'a str]) -> impl Iterator<Item = &'a [&'a str]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut size = 0;
        let fits = |text: &&&str| {
            size += text.len();
            size <= TEXTS
        };
        // A text that is too long is alone.
        let count = rest.iter().take_while(fits).take(IDS).count().max(1);
        let (portion, others) = rest.split_at_checked(count)?;
        rest = others;
        Some(portion)
    })
}

/// Related spans of other traces, each once.
struct Related<'s> {
    store: &'s ClickHouseStore,
    trace: TraceId,
    near: Range,
    spans: Vec<Span>,
    places: HashMap<SpanRef, Vec<usize>>,
    /// True if there are more.
    has_more: bool,
}

impl Related<'_> {
    /// Adds the spans with these ids.
    fn add_all_of(&mut self, ids: &HashSet<SpanRef>) -> Result<(), StoreError> {
        let mut all: Vec<_> = ids.iter().copied().collect();
        all.sort_unstable();
        self.has_more |= all.len() > SEARCHED;
        all.truncate(SEARCHED);
        for some in all.chunks(IDS) {
            let traces: BTreeSet<_> = some.iter().map(|id| id.trace).collect();
            let traces: Vec<_> = traces.into_iter().collect();
            let range = self.store.times(&traces)?.unwrap_or(self.near);
            let condition = |parameters: &mut Parameters| {
                let traces = parameters.ids(traces.iter().copied().map(of_trace));
                let spans: BTreeSet<_> = some.iter().map(|id| of_span(id.span)).collect();
                let spans = parameters.ids(spans);
                format!("TraceId IN {traces} AND SpanId IN {spans} ")
            };
            let limit = format!("LIMIT {OF_ONE_ID} BY TraceId, SpanId");
            self.add(range, condition, &limit, |span| ids.contains(&span.id()))?;
        }
        Ok(())
    }

    /// Adds the spans that link to spans.
    fn add_linking(&mut self, ids: &HashSet<SpanRef>) -> Result<(), StoreError> {
        let traces: BTreeSet<_> = ids.iter().map(|id| of_trace(id.trace)).collect();
        let traces: Vec<_> = traces.into_iter().collect();
        self.has_more |= traces.len() > SEARCHED;
        for some in traces.chunks(IDS).take(SEARCHED / IDS) {
            let condition = |parameters: &mut Parameters| {
                format!("hasAny(Links.TraceId, {})", parameters.ids(some.to_vec()))
            };
            self.add(self.near, condition, "", |span| {
                span.links.iter().any(|link| ids.contains(&link.to))
            })?;
        }
        Ok(())
    }

    /// Adds the spans of messages.
    fn add_messages(&mut self, messages: &BTreeSet<&str>) -> Result<(), StoreError> {
        let all: Vec<_> = messages.iter().copied().take(SEARCHED).collect();
        self.has_more |= messages.len() > SEARCHED;
        for some in portions(&all) {
            let condition = |parameters: &mut Parameters| has_message(some, parameters);
            self.add(self.near, condition, "", |span| {
                let message = Facts::of(span).message_id;
                message.is_some_and(|message| messages.contains(message))
            })?;
        }
        Ok(())
    }

    /// Adds the spans of other traces that meet a condition, and a test of what it cannot express.
    fn add(
        &mut self,
        range: Range,
        condition: impl Fn(&mut Parameters) -> String,
        limit: &str,
        is_meant: impl Fn(&Span) -> bool,
    ) -> Result<(), StoreError> {
        if self.has_more {
            return Ok(());
        }
        let mut parameters = Parameters::default();
        let rest = format!(
            "FROM otel_traces WHERE {} AND {} AND NOT {} \
             ORDER BY Timestamp, TraceId, SpanId {limit} LIMIT {}",
            range.condition(&mut parameters),
            condition(&mut parameters),
            is_of(self.trace, &mut parameters),
            RELATED + 1
        );
        let columns = columns(Part::All, self.store.has_scope()?);
        let found = self.store.spans(&columns, &rest, &parameters, Part::All)?;
        self.has_more |= found.len() > RELATED;
        let meant = found.into_iter().filter(is_meant);
        for span in without_copies(meant.collect()) {
            let same = self.places.entry(span.id()).or_default();
            let mut known = same.iter().filter_map(|place| self.spans.get(*place));
            if known.any(|known| is_copy(known, &span)) {
                continue;
            }
            if self.spans.len() >= RELATED {
                self.has_more = true;
                break;
            }
            same.push(self.spans.len());
            self.spans.push(span);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{TEXTS, portions};

    #[test]
    fn a_portion_fits_into_a_query() {
        let long = "x".repeat(TEXTS + 1);
        let texts = ["a", &long, "b", "c"];
        let sizes: Vec<_> = portions(&texts).map(<[_]>::len).collect();
        assert_eq!(sizes, [1, 1, 2]);
        assert_eq!(portions(&[]).count(), 0);
    }
}
