//! A trace and the related spans for its journey.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::{
    entry::message as hash_of,
    fetch::{Reader, numbers_of, trace_of},
    number::{count, counted, of_span, of_trace, ordered},
    origin::Origins,
};
use crate::{
    facts::{Facts, Role},
    journey::{Around, next_from, of_next},
    span::{Span, SpanRef, TraceId},
    store::StoreError,
};

/// Maximum numbers of returned spans.
#[derive(Debug, Clone, Copy)]
struct Most {
    /// Spans of the trace: the first to arrive.
    spans: usize,
    /// Related spans of other traces.
    related: usize,
}

/// As many as a page can reasonably show.
const MOST: Most = Most {
    spans: 50_000,
    related: 10_000,
};

/// Maximum number of returned spans with the same id.
const OF_ONE_ID: i64 = 100;

/// Returns the spans of a trace, and related spans of other traces for its journey.
pub(super) fn around(
    connection: &Connection,
    origins: &mut Origins,
    trace: TraceId,
) -> Result<Around, StoreError> {
    within(connection, origins, trace, MOST)
}

fn within(
    connection: &Connection,
    origins: &mut Origins,
    trace: TraceId,
    most: Most,
) -> Result<Around, StoreError> {
    let mut around = Around::default();
    let Some(number) = trace_of(connection, trace)? else {
        return Ok(around);
    };
    let mut select =
        connection.prepare_cached("SELECT id FROM keys WHERE trace = ?1 ORDER BY id LIMIT ?2")?;
    let ids = select.query_map((number, count(most.spans)), |row| row.get(0))?;
    let ids = ids.collect::<Result<Vec<i64>, _>>()?;
    let mut select = connection.prepare_cached("SELECT spans FROM traces WHERE trace = ?1")?;
    let all = counted(select.query_row([number], |row| row.get(0))?);
    let mut flushes = Flushes::new(connection)?;
    let mut related = Related {
        connection,
        seen: ids.iter().copied().collect(),
        reader: Reader::new(connection, origins)?,
        linking: connection
            .prepare_cached("SELECT id FROM links WHERE span = ?1 AND trace = ?2")?,
        same_message: connection.prepare_cached("SELECT id FROM messages WHERE hash = ?1")?,
        spans: Vec::new(),
        most: most.related,
        has_more: false,
    };
    for id in ids {
        if let Some((span, origin)) = related.reader.span(id)? {
            around.flushes.extend(flushes.behind(&span, origin)?);
            around.spans.push(span);
        }
    }
    around.left_out = all.saturating_sub(around.spans.len() as u64);
    // The nearest come first, in case there are too many.
    for span in &around.spans {
        for link in &span.links {
            related.add_of(link.to)?;
        }
        related.add_linking(span.id())?;
    }
    for span in &around.spans {
        if let Some(message) = Facts::of(span).message_id {
            related.add_message(message)?;
        }
    }
    // Done last, so that each invocation is visited once.
    let invocations: Vec<_> = (related.spans.iter())
        .filter(|span| matches!(Facts::of(span).role, Role::Invocation | Role::Batch))
        .map(Span::id)
        .collect();
    for invocation in invocations {
        related.add_linking(invocation)?;
    }
    around.lacks_related = related.has_more;
    around.related = related.spans;
    Ok(around)
}

/// Flushes after invocations, as reported by the next invocations of the same environment.
struct Flushes<'c>(CachedStatement<'c>);

impl<'c> Flushes<'c> {
    fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let select = connection.prepare_cached(
            "SELECT held FROM invocations WHERE origin = ?1 AND start >= ?2
             ORDER BY start, id LIMIT 1",
        )?;
        Ok(Self(select))
    }

    fn behind(&mut self, span: &Span, origin: i64) -> Result<Option<(SpanRef, u64)>, StoreError> {
        let Some(from) = next_from(span) else {
            return Ok(None);
        };
        let held = self.0.query_row((origin, ordered(from)), |row| row.get(0));
        let held: Option<f64> = held.optional()?.flatten();
        Ok(held.and_then(of_next).map(|flush| (span.id(), flush)))
    }
}

/// Related spans of other traces, each once.
struct Related<'c> {
    connection: &'c Connection,
    seen: HashSet<i64>,
    reader: Reader<'c>,
    linking: CachedStatement<'c>,
    same_message: CachedStatement<'c>,
    spans: Vec<Span>,
    /// Their maximum number.
    most: usize,
    /// True if there are more.
    has_more: bool,
}

impl Related<'_> {
    /// Adds the spans with an id.
    fn add_of(&mut self, id: SpanRef) -> Result<(), StoreError> {
        if self.has_more {
            return Ok(());
        }
        for number in numbers_of(self.connection, id, OF_ONE_ID)? {
            self.add(number, |_| true)?;
        }
        Ok(())
    }

    /// Adds the spans that link to a span.
    fn add_linking(&mut self, to: SpanRef) -> Result<(), StoreError> {
        let key = (of_span(to.span), of_trace(to.trace));
        let room = self.room();
        let ids = numbers(&mut self.linking, key, room)?;
        for id in ids {
            self.add(id, |span| span.links.iter().any(|link| link.to == to))?;
        }
        Ok(())
    }

    /// Adds the spans of a message.
    fn add_message(&mut self, message: &str) -> Result<(), StoreError> {
        let room = self.room();
        let ids = numbers(&mut self.same_message, [hash_of(message)], room)?;
        for id in ids {
            self.add(id, |span| Facts::of(span).message_id == Some(message))?;
        }
        Ok(())
    }

    /// Returns the number of rows worth reading: spans that were added are not read again, and one
    /// more than the room is enough to detect that there are more.
    fn room(&self) -> usize {
        if self.has_more {
            return 0;
        }
        let room = self.most.saturating_sub(self.spans.len());
        room.saturating_add(self.seen.len()).saturating_add(1)
    }

    fn add(&mut self, id: i64, is_meant: impl Fn(&Span) -> bool) -> Result<(), StoreError> {
        if !self.has_more
            && !self.seen.contains(&id)
            && let Some((span, _)) = self.reader.span(id)?
            && is_meant(&span)
        {
            if self.spans.len() >= self.most {
                self.has_more = true;
                return Ok(());
            }
            self.seen.insert(id);
            self.spans.push(span);
        }
        Ok(())
    }
}

fn numbers(
    select: &mut CachedStatement<'_>,
    key: impl rusqlite::Params,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let rows = select.query_map(key, |row| row.get(0))?;
    Ok(rows.take(limit).collect::<Result<_, _>>()?)
}

/// Returns the spans with an id.
pub(super) fn span(
    connection: &Connection,
    origins: &mut Origins,
    id: SpanRef,
) -> Result<Vec<Span>, StoreError> {
    let numbers = numbers_of(connection, id, OF_ONE_ID)?;
    let mut reader = Reader::new(connection, origins)?;
    let spans = numbers.into_iter().map(|number| reader.span(number));
    spans
        .filter_map(|span| Some(span.transpose()?.map(|(span, _)| span)))
        .collect()
}

/// Returns the spans of one message.
pub(super) fn message(
    connection: &Connection,
    origins: &mut Origins,
    id: &str,
) -> Result<Vec<Span>, StoreError> {
    let mut select = connection.prepare_cached("SELECT id FROM messages WHERE hash = ?1")?;
    let numbers = numbers(&mut select, [hash_of(id)], MOST.related)?;
    let mut reader = Reader::new(connection, origins)?;
    let mut spans = Vec::new();
    for number in numbers {
        if let Some((span, _)) = reader.span(number)?
            && Facts::of(&span).message_id == Some(id)
        {
            spans.push(span);
        }
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use lamplight_semconv::messaging;
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{AnyValue, KeyValue, any_value::Value},
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };
    use prost::Message;

    use super::{Most, within};
    use crate::{
        span::TraceId,
        store::{Settings, SqliteStore, Store},
    };

    /// Five spans of a trace, and seven others of their message.
    fn request() -> Vec<u8> {
        let message = KeyValue {
            key: messaging::message::ID.to_owned(),
            value: Some(AnyValue {
                value: Some(Value::StringValue("m".to_owned())),
            }),
            ..KeyValue::default()
        };
        let span = |number: u8| Span {
            trace_id: vec![if number < 5 { 1 } else { 2 }; 16],
            span_id: vec![number + 1; 8],
            attributes: vec![message.clone()],
            ..Span::default()
        };
        let scope_spans = vec![ScopeSpans {
            spans: (0..12).map(span).collect(),
            ..ScopeSpans::default()
        }];
        let resource_spans = vec![ResourceSpans {
            scope_spans,
            ..ResourceSpans::default()
        }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    }

    #[test]
    fn spans_that_are_too_many_are_counted() {
        let store = SqliteStore::in_memory(Settings::default()).unwrap();
        store.add(&request()).unwrap();
        let mut inner = store.inner().unwrap();
        let (connection, cached) = inner.parts();
        let mut told = |spans, related| {
            let most = Most { spans, related };
            let trace = TraceId([1; 16]);
            let around = within(connection, &mut cached.origins, trace, most).unwrap();
            let returned = (around.spans.len(), around.related.len());
            (returned, around.left_out, around.lacks_related)
        };
        assert_eq!(told(5, 7), ((5, 7), 0, false));
        assert_eq!(told(3, 6), ((3, 6), 2, true));
        assert_eq!(told(1, 0), ((1, 0), 4, true));
    }
}
