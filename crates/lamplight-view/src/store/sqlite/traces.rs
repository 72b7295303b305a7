//! Queries of traces.

use rusqlite::{CachedStatement, Connection, Row};

use super::{
    cached::Cached,
    fetch::Reader,
    filter::{Blocks, Class},
    invocations::bounds,
    number::{counted, of_outcome, unordered},
    origin::{origins_of, recorders},
    unequal::Unequal,
};
use crate::{
    facts::{Facts, Outcome, Role},
    span::{Span, TraceId},
    store::{Query, StoreError, TraceRow},
};
use std::collections::HashSet;

/// A row of the table of traces.
struct Trace {
    number: i64,
    id: TraceId,
    start: u64,
    end: u64,
    spans: u64,
    errors: u64,
    ids: (i64, i64),
}

impl Trace {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            id: TraceId::of(row.get_ref(1)?.as_blob().unwrap_or_default()),
            start: unordered(row.get(2)?),
            end: unordered(row.get(3)?),
            spans: counted(row.get(4)?),
            errors: counted(row.get(5)?),
            ids: (row.get(6)?, row.get(7)?),
        })
    }
}

/// Returns a page of traces.
pub(super) fn traces(
    connection: &Connection,
    cached: &mut Cached,
    query: &Query,
) -> Result<Vec<TraceRow>, StoreError> {
    let Some((first, last)) = bounds(query.window, query.before) else {
        return Ok(Vec::new());
    };
    let classes = [Class::Invocations, Class::Others];
    let blocks = cached.blocks(connection, &query.conditions, &classes)?;
    let reader = Reader::new(connection, &mut cached.origins)?;
    let mut wanted = Wanted::new(connection, query, blocks, reader)?;
    let recorders = recorders(connection)?;
    let mut select = connection.prepare_cached(
        "SELECT trace, id, start, end, spans, errors, first_id, last_id FROM traces
         WHERE start BETWEEN ?1 AND ?2 ORDER BY start DESC, trace DESC",
    )?;
    let mut spans =
        connection.prepare_cached("SELECT id, origin, start FROM keys WHERE trace = ?1")?;
    let mut rows = select.query((first, last))?;
    let (mut page, mut skip) = (Vec::new(), query.skip);
    while page.len() < query.rows()
        && let Some(row) = rows.next()?
    {
        let trace = Trace::of(row)?;
        if !wanted.has(&trace)? {
            continue;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        // The start of the first span of each function, and its number.
        let mut functions = Vec::<((i64, i64), &str)>::new();
        let mut found = spans.query([trace.number])?;
        while let Some(row) = found.next()? {
            let recorder = recorders.get(&row.get(1)?);
            let name = recorder.map_or("", |it| &it.function);
            let begin = (row.get(2)?, row.get(0)?);
            match functions.iter_mut().find(|(_, known)| *known == name) {
                Some((first, _)) => *first = begin.min(*first),
                None => functions.push((begin, name)),
            }
        }
        functions.sort_unstable();
        let name = match functions.first() {
            Some(((_, first), _)) => wanted.reader.span(*first)?.map(|(span, _)| span.name),
            None => None,
        };
        let mut functions = functions.into_iter().map(|(_, name)| name.to_owned());
        let functions: Vec<_> = functions.by_ref().collect();
        page.push(TraceRow {
            id: trace.id,
            name: name.unwrap_or_default(),
            function: functions.first().cloned().unwrap_or_default(),
            start: trace.start,
            end: trace.end,
            spans: trace.spans,
            errors: trace.errors,
            functions,
        });
    }
    Ok(page)
}

/// The selection of traces.
struct Wanted<'c, 'q> {
    query: &'q Query,
    blocks: Option<Blocks>,
    origins: Option<HashSet<i64>>,
    outcome: Option<i64>,
    keys: CachedStatement<'c>,
    reader: Reader<'c>,
    unequal: Unequal<'q>,
}

impl<'c, 'q> Wanted<'c, 'q> {
    fn new(
        connection: &'c Connection,
        query: &'q Query,
        blocks: Option<Blocks>,
        reader: Reader<'c>,
    ) -> Result<Self, StoreError> {
        let function = query.function.as_deref();
        let origins = function.map(|name| origins_of(connection, name));
        Ok(Self {
            query,
            blocks,
            origins: origins.transpose()?,
            outcome: query.outcome.map(of_outcome),
            keys: connection
                .prepare_cached("SELECT id, origin, outcome FROM keys WHERE trace = ?1")?,
            reader,
            unequal: Unequal::of(&query.conditions),
        })
    }

    fn has(&mut self, trace: &Trace) -> Result<bool, StoreError> {
        let Query {
            outcome,
            trigger,
            cold,
            at_least,
            at_most,
            conditions,
            ..
        } = self.query;
        let duration = trace.end.saturating_sub(trace.start);
        let (first, last) = trace.ids;
        let is_failed = |outcome: Outcome| outcome != Outcome::Ok;
        if at_least.is_some_and(|least| duration < least)
            || at_most.is_some_and(|most| duration > most)
            || outcome.is_some_and(is_failed) && trace.errors == 0
            || (self.blocks.as_ref()).is_some_and(|it| !it.may_between(first, last))
        {
            return Ok(false);
        }
        let is_about_span = !conditions.is_empty() || trigger.is_some() || cold.is_some();
        if !is_about_span && outcome.is_none() && self.origins.is_none() {
            return Ok(true);
        }
        let mut rows = self.keys.query([trace.number])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            if let Some(origins) = &self.origins
                && !origins.contains(&row.get(1)?)
            {
                continue;
            }
            if let Some(outcome) = self.outcome
                && outcome != row.get::<_, i64>(2)?
            {
                continue;
            }
            if !is_about_span {
                return Ok(true);
            }
            if (self.blocks.as_ref()).is_none_or(|blocks| blocks.may(id))
                && self.unequal.may(&mut self.reader, row.get(1)?)?
                && let Some((span, _)) = (self.reader).span_if(id, |it| self.unequal.may_be(it))?
                && fits(self.query, &span)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Returns whether a span meets the parts of a query that can only be checked on the span.
fn fits(query: &Query, span: &Span) -> bool {
    let facts = Facts::of(span);
    let is_invocation = facts.role == Role::Invocation;
    query
        .trigger
        .as_deref()
        .is_none_or(|it| facts.trigger == Some(it))
        && query
            .cold
            .is_none_or(|it| is_invocation && facts.cold == it)
        && query
            .conditions
            .iter()
            .all(|condition| condition.fits(span))
}
