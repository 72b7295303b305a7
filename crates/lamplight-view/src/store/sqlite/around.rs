//! A trace and what belongs to its journey.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection};

use super::{
    entry::message as hash_of,
    fetch::{Reader, numbers_of, trace_of},
    number::{of_span, of_trace},
    origin::Origins,
};
use crate::{
    facts::{Facts, Role},
    journey::Around,
    span::{Span, SpanRef, TraceId},
    store::StoreError,
};

/// Spans of a trace that are returned at most: the first that arrived.
const SPANS: i64 = 50_000;

/// Spans of other traces that are returned at most.
const RELATED: usize = 10_000;

/// Spans of one id that are returned at most.
const OF_ONE_ID: i64 = 100;

/// Returns the spans of a trace, and those of other traces that belong to its journey.
pub(super) fn around(
    connection: &Connection,
    origins: &mut Origins,
    trace: TraceId,
) -> Result<Around, StoreError> {
    let mut around = Around::default();
    let Some(number) = trace_of(connection, trace)? else {
        return Ok(around);
    };
    let mut select =
        connection.prepare_cached("SELECT id FROM keys WHERE trace = ?1 ORDER BY id LIMIT ?2")?;
    let ids = select.query_map((number, SPANS), |row| row.get(0))?;
    let ids = ids.collect::<Result<Vec<i64>, _>>()?;
    let mut related = Related {
        connection,
        seen: ids.iter().copied().collect(),
        reader: Reader::new(connection, origins)?,
        linking: connection
            .prepare_cached("SELECT id FROM links WHERE span = ?1 AND trace = ?2")?,
        same_message: connection.prepare_cached("SELECT id FROM messages WHERE hash = ?1")?,
        spans: Vec::new(),
    };
    for id in ids {
        if let Some((span, _)) = related.reader.span(id)? {
            around.spans.push(span);
        }
    }
    // What is nearest comes first, should there be too many.
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
    // Only now, so that each invocation is looked at once.
    let invocations: Vec<_> = (related.spans.iter())
        .filter(|span| matches!(Facts::of(span).role, Role::Invocation | Role::Batch))
        .map(Span::id)
        .collect();
    for invocation in invocations {
        related.add_linking(invocation)?;
    }
    around.related = related.spans;
    Ok(around)
}

/// Spans of other traces, each once.
struct Related<'c> {
    connection: &'c Connection,
    seen: HashSet<i64>,
    reader: Reader<'c>,
    linking: CachedStatement<'c>,
    same_message: CachedStatement<'c>,
    spans: Vec<Span>,
}

impl Related<'_> {
    /// Adds the spans of an id.
    fn add_of(&mut self, id: SpanRef) -> Result<(), StoreError> {
        if self.spans.len() < RELATED {
            for number in numbers_of(self.connection, id, OF_ONE_ID)? {
                self.add(number, |_| true)?;
            }
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

    /// How many rows are worth looking at: none of those that were added is read again.
    fn room(&self) -> usize {
        match RELATED.saturating_sub(self.spans.len()) {
            0 => 0,
            room => room.saturating_add(self.seen.len()),
        }
    }

    fn add(&mut self, id: i64, is_meant: impl Fn(&Span) -> bool) -> Result<(), StoreError> {
        if self.spans.len() < RELATED
            && !self.seen.contains(&id)
            && let Some((span, _)) = self.reader.span(id)?
            && is_meant(&span)
        {
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

/// Returns the spans of one id.
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
    let numbers = numbers(&mut select, [hash_of(id)], RELATED)?;
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
