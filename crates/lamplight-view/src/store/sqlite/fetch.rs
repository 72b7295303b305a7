//! Reading of spans.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::{
    number::of_span,
    origin::{Origin, Origins},
};
use crate::{
    span::{Span, SpanRef, TraceId},
    store::StoreError,
};

/// Reads spans by their number.
pub(super) struct Reader<'c> {
    connection: &'c Connection,
    select: CachedStatement<'c>,
    origins: &'c mut Origins,
}

impl<'c> Reader<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        origins: &'c mut Origins,
    ) -> Result<Self, StoreError> {
        let select =
            connection.prepare_cached("SELECT origin, times, message FROM spans WHERE id = ?1")?;
        Ok(Self {
            connection,
            select,
            origins,
        })
    }

    /// Returns a span, and the id of its origin; `None` if there is no span with this number.
    pub(super) fn span(&mut self, id: i64) -> Result<Option<(Span, i64)>, StoreError> {
        self.span_if(id, |_| true)
    }

    /// Returns a span as [`Reader::span`] does, if its bytes meet a test.
    pub(super) fn span_if(
        &mut self,
        id: i64,
        is_wanted: impl Fn(&[u8]) -> bool,
    ) -> Result<Option<(Span, i64)>, StoreError> {
        let mut rows = self.select.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let id = row.get(0)?;
        let message = row.get_ref(2)?.as_blob().unwrap_or_default();
        if !is_wanted(message) {
            return Ok(None);
        }
        let origin = self.origins.get(self.connection, id)?;
        let (resource, scope) = (Arc::clone(&origin.resource), Arc::clone(&origin.scope));
        // Stored spans have been decoded before.
        let Ok(mut span) = Span::decode(message, resource, scope) else {
            return Ok(None);
        };
        span.times = u32::try_from(row.get::<_, i64>(1)?).unwrap_or(u32::MAX);
        Ok(Some((span, id)))
    }

    /// Returns the shared data of an origin's spans.
    pub(super) fn origin(&mut self, id: i64) -> Result<Arc<Origin>, StoreError> {
        self.origins.get(self.connection, id)
    }
}

/// Returns the number of the trace with this id, if there is one.
pub(super) fn trace_of(connection: &Connection, id: TraceId) -> Result<Option<i64>, StoreError> {
    let mut select = connection.prepare_cached("SELECT trace FROM traces WHERE id = ?1")?;
    Ok(select.query_row([&id.0[..]], |row| row.get(0)).optional()?)
}

/// Returns the numbers of the spans with an id, at most `most`.
pub(super) fn numbers_of(
    connection: &Connection,
    id: SpanRef,
    limit: i64,
) -> Result<Vec<i64>, StoreError> {
    let Some(trace) = trace_of(connection, id.trace)? else {
        return Ok(Vec::new());
    };
    let mut select =
        connection.prepare_cached("SELECT id FROM keys WHERE trace = ?1 AND span = ?2 LIMIT ?3")?;
    let numbers = select.query_map((trace, of_span(id.span), limit), |row| row.get(0))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}
