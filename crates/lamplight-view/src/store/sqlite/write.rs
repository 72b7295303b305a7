//! Insertion and removal of a span's rows.

use std::collections::{HashMap, hash_map};

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::{
    entry::Entry,
    number::{count, counted, of_outcome, of_span, ordered, unordered},
};
use crate::{
    span::{Span, TraceId},
    store::StoreError,
};

/// The data of a trace while its spans are added.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trace {
    number: i64,
    is_new: bool,
    start: u64,
    newest: u64,
    end: u64,
    spans: i64,
    errors: i64,
    bytes: i64,
    first_id: i64,
    last_id: i64,
}

/// The traces that spans were added to.
pub(super) struct Traces<'c> {
    select: CachedStatement<'c>,
    touched: HashMap<TraceId, Trace>,
}

impl<'c> Traces<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let select = connection.prepare_cached(
            "SELECT trace, start, newest, end, spans, errors, bytes, first_id, last_id
             FROM traces WHERE id = ?1",
        )?;
        Ok(Self {
            select,
            touched: HashMap::new(),
        })
    }

    /// Returns the number of a trace; `next` is the number for the next new one.
    pub(super) fn number(&mut self, id: TraceId, next: &mut i64) -> Result<i64, StoreError> {
        let vacant = match self.touched.entry(id) {
            hash_map::Entry::Occupied(trace) => return Ok(trace.get().number),
            hash_map::Entry::Vacant(vacant) => vacant,
        };
        let found = self.select.query_row([&id.0[..]], |row| {
            Ok(Trace {
                number: row.get(0)?,
                is_new: false,
                start: unordered(row.get(1)?),
                newest: unordered(row.get(2)?),
                end: unordered(row.get(3)?),
                spans: row.get(4)?,
                errors: row.get(5)?,
                bytes: row.get(6)?,
                first_id: row.get(7)?,
                last_id: row.get(8)?,
            })
        });
        let trace = found.optional()?.unwrap_or_else(|| {
            let number = *next;
            *next += 1;
            Trace {
                number,
                is_new: true,
                start: u64::MAX,
                newest: 0,
                end: 0,
                spans: 0,
                errors: 0,
                bytes: 0,
                first_id: i64::MAX,
                last_id: 0,
            }
        });
        Ok(vacant.insert(trace).number)
    }

    /// Counts a span of a trace that has a number.
    pub(super) fn count(&mut self, span: &Span, entry: &Entry<'_>, id: i64, bytes: usize) {
        if let Some(trace) = self.touched.get_mut(&span.trace_id) {
            trace.start = trace.start.min(span.start);
            trace.newest = trace.newest.max(span.start);
            trace.end = trace.end.max(span.end);
            trace.spans += 1;
            trace.errors += i64::from(entry.is_error);
            trace.bytes += count(bytes);
            trace.first_id = trace.first_id.min(id);
            trace.last_id = trace.last_id.max(id);
        }
    }

    /// Stores the counts, and returns the number of new traces. `now` is in seconds since 1970.
    pub(super) fn store(self, connection: &Connection, now: u64) -> Result<i64, StoreError> {
        let mut insert = connection.prepare_cached(
            "INSERT INTO traces(trace, start, newest, end, spans, errors, bytes, first_id, last_id,
             id, arrived) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let mut update = connection.prepare_cached(
            "UPDATE traces SET start = ?2, newest = ?3, end = ?4, spans = ?5, errors = ?6,
             bytes = ?7, first_id = ?8, last_id = ?9 WHERE trace = ?1",
        )?;
        let mut new = 0;
        // In order, so that rows are appended.
        let mut touched: Vec<_> = self.touched.into_iter().collect();
        touched.sort_unstable_by_key(|(_, trace)| trace.number);
        for (id, it) in touched {
            let (start, newest, end) = (ordered(it.start), ordered(it.newest), ordered(it.end));
            let (spans, errors, bytes) = (it.spans, it.errors, it.bytes);
            if it.is_new {
                insert.execute(params![
                    it.number,
                    start,
                    newest,
                    end,
                    spans,
                    errors,
                    bytes,
                    it.first_id,
                    it.last_id,
                    &id.0[..],
                    count(now)
                ])?;
                new += 1;
            } else {
                update.execute(params![
                    it.number,
                    start,
                    newest,
                    end,
                    spans,
                    errors,
                    bytes,
                    it.first_id,
                    it.last_id
                ])?;
            }
        }
        Ok(new)
    }
}

/// Inserts the rows of spans.
pub(super) struct Insert<'c> {
    copy: CachedStatement<'c>,
    key: CachedStatement<'c>,
    span: CachedStatement<'c>,
    invocation: CachedStatement<'c>,
    call: CachedStatement<'c>,
    link: CachedStatement<'c>,
    message: CachedStatement<'c>,
}

/// The keys of a span's rows: its own number and those of its trace and origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) trace: i64,
    pub(super) origin: i64,
    /// The hash of the bytes and the source.
    pub(super) hash: u64,
}

impl<'c> Insert<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let prepare = |sql| connection.prepare_cached(sql);
        Ok(Self {
            copy: prepare(
                "UPDATE spans SET times = times + 1 WHERE message = ?4 AND id =
                 (SELECT id FROM keys WHERE trace = ?1 AND span = ?2 AND hash = ?3)",
            )?,
            key: prepare(
                "INSERT INTO keys(trace, span, hash, id, origin, outcome, start)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
            )?,
            span: prepare("INSERT INTO spans(id, origin, times, message) VALUES (?1, ?2, 1, ?3)")?,
            invocation: prepare(
                "INSERT INTO invocations(start, id, trace, duration, origin, outcome, cold, init,
                 held, trigger) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            call: prepare(
                "INSERT INTO calls(start, id, trace, span, parent, way, origin, kind, failed,
                 amount, wait, name, named_by)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?,
            link: prepare(
                "INSERT INTO links(span, trace, id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?,
            message: prepare("INSERT INTO messages(hash, id) VALUES (?1, ?2)")?,
        })
    }

    /// Inserts the rows of a span. Returns `false` if it is a copy of a stored one, whose count is
    /// then increased.
    pub(super) fn insert(
        &mut self,
        row: Row,
        span: &Span,
        entry: &Entry<'_>,
        message: &[u8],
    ) -> Result<bool, StoreError> {
        let Row {
            id,
            trace,
            origin,
            mut hash,
        } = row;
        let start = ordered(span.start);
        let outcome = of_outcome(entry.facts.outcome);
        let own = of_span(span.span_id);
        while {
            let key = (trace, own, hash.cast_signed(), id, origin, outcome, start);
            self.key.execute(key)? == 0
        } {
            // If that one has the same bytes, this is another copy.
            if self
                .copy
                .execute((trace, own, hash.cast_signed(), message))?
                > 0
            {
                return Ok(false);
            }
            // A different span with the same hash: it is stored after that one.
            hash = hash.wrapping_add(1);
        }
        self.span.execute((id, origin, message))?;
        if entry.is_invocation() {
            let facts = &entry.facts;
            self.invocation.execute((
                start,
                id,
                trace,
                ordered(span.duration()),
                origin,
                outcome,
                facts.cold,
                facts.init_ms,
                facts.held_ms,
                facts.trigger,
            ))?;
        }
        if let Some(call) = &entry.call {
            self.call.execute((
                start,
                id,
                trace,
                own,
                span.parent.map_or(0, of_span),
                call.way as i64,
                origin,
                call.kind as i64,
                entry.is_error,
                count(call.amount),
                call.wait,
                call.name,
                count(call.named_by),
            ))?;
        }
        for (span, trace) in &entry.links {
            self.link.execute((span, trace, id))?;
        }
        if let Some(message) = entry.message {
            self.message.execute((message, id))?;
        }
        Ok(true)
    }
}

/// Removes the rows of spans.
pub(super) struct Remove<'c> {
    span: CachedStatement<'c>,
    invocation: CachedStatement<'c>,
    call: CachedStatement<'c>,
    link: CachedStatement<'c>,
    message: CachedStatement<'c>,
}

impl<'c> Remove<'c> {
    pub(super) fn new(connection: &'c Connection) -> Result<Self, StoreError> {
        let prepare = |sql| connection.prepare_cached(sql);
        Ok(Self {
            span: prepare("DELETE FROM spans WHERE id = ?1")?,
            invocation: prepare("DELETE FROM invocations WHERE start = ?1 AND id = ?2")?,
            call: prepare("DELETE FROM calls WHERE start = ?1 AND id = ?2")?,
            link: prepare("DELETE FROM links WHERE span = ?1 AND trace = ?2 AND id = ?3")?,
            message: prepare("DELETE FROM messages WHERE hash = ?1 AND id = ?2")?,
        })
    }

    /// Removes all rows of a span except its key.
    pub(super) fn remove(&mut self, id: i64, span: &Span) -> Result<(), StoreError> {
        let entry = Entry::of(span);
        let start = ordered(span.start);
        self.span.execute([id])?;
        if entry.is_invocation() {
            self.invocation.execute((start, id))?;
        }
        if entry.call.is_some() {
            self.call.execute((start, id))?;
        }
        for (span, trace) in entry.links {
            self.link.execute((span, trace, id))?;
        }
        if let Some(message) = entry.message {
            self.message.execute((message, id))?;
        }
        Ok(())
    }
}

/// Returns the number of spans and bytes of the oldest trace, and its arrival, in seconds since
/// 1970.
pub(super) fn oldest(connection: &Connection) -> Result<Option<(i64, i64, i64, u64)>, StoreError> {
    let mut select = connection
        .prepare("SELECT trace, spans, bytes, arrived FROM traces ORDER BY trace LIMIT 1")?;
    let oldest = select.query_row([], |row| {
        let arrived = counted(row.get(3)?);
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, arrived))
    });
    Ok(oldest.optional()?)
}
