//! Queries of invocations.

use std::ops::ControlFlow;

use rusqlite::Connection;

use super::{
    cached::Cached,
    fetch::Reader,
    filter::Class,
    number::{of_outcome, ordered, unordered},
    origin::origins_of,
    unequal::Unequal,
};
use crate::{
    span::Span,
    store::{Invocation, Invocations, Query, StoreError, Window},
};

/// Returns a page of invocations.
pub(super) fn invocations(
    connection: &Connection,
    cached: &mut Cached,
    query: &Query,
) -> Result<Invocations, StoreError> {
    let mut page = Invocations::default();
    let limit = query.rows();
    scan(connection, cached, query, |_, span| {
        if page.rows.len() == limit {
            page.more = true;
            return ControlFlow::Break(());
        }
        page.rows.push(Invocation::of(&span));
        ControlFlow::Continue(())
    })?;
    Ok(page)
}

/// An invocation that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// In nanoseconds.
    pub(super) duration: u64,
    pub(super) is_error: bool,
}

/// Returns the first and the last start of a window, as stored; `None` if it is empty.
pub(super) fn bounds(window: Window, before: Option<u64>) -> Option<(i64, i64)> {
    let end = match (window.to, before) {
        (Some(to), Some(before)) => Some(to.min(before)),
        (to, before) => to.or(before),
    };
    let from = window.from.unwrap_or(0);
    let last = end.map_or(Some(u64::MAX), |end| end.checked_sub(1))?;
    (from <= last).then_some((ordered(from), ordered(last)))
}

/// Calls `visit` with the invocations that match a query, newest first, regardless of its limit.
pub(super) fn scan(
    connection: &Connection,
    cached: &mut Cached,
    query: &Query,
    mut visit: impl FnMut(&Found, Span) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let Some((first, last)) = bounds(query.window, query.before) else {
        return Ok(());
    };
    let function = query.function.as_deref();
    let origins = function.map(|name| origins_of(connection, name));
    let origins = origins.transpose()?;
    let conditions = &query.conditions;
    let blocks = cached.blocks(connection, conditions, &[Class::Invocations])?;
    let shortest = query.at_least.map_or(i64::MIN, ordered);
    let longest = query.at_most.map_or(i64::MAX, ordered);
    let outcome = query.outcome.map(of_outcome);
    let mut skip = query.skip;
    let mut unequal = Unequal::of(conditions);
    let mut reader = Reader::new(connection, &mut cached.origins)?;
    let mut select = connection.prepare_cached(
        "SELECT id, outcome, duration, cold, origin, trigger FROM invocations
         WHERE start BETWEEN ?1 AND ?2 ORDER BY start DESC, id DESC",
    )?;
    let mut rows = select.query((first, last))?;
    while let Some(row) = rows.next()? {
        let (id, own_outcome): (_, i64) = (row.get(0)?, row.get(1)?);
        let duration: i64 = row.get(2)?;
        if outcome.is_some_and(|outcome| outcome != own_outcome)
            || !(shortest..=longest).contains(&duration)
            || blocks.as_ref().is_some_and(|blocks| !blocks.may(id))
        {
            continue;
        }
        if let Some(cold) = query.cold
            && cold != row.get::<_, bool>(3)?
        {
            continue;
        }
        if let Some(origins) = &origins
            && !origins.contains(&row.get(4)?)
        {
            continue;
        }
        if query.trigger.is_some()
            && query.trigger.as_deref() != row.get_ref(5)?.as_str_or_null().unwrap_or_default()
        {
            continue;
        }
        if skip > 0 && conditions.is_empty() {
            skip -= 1;
            continue;
        }
        if !unequal.may(&mut reader, row.get(4)?)? {
            continue;
        }
        let Some((span, _)) = reader.span_if(id, |message| unequal.may_be(message))? else {
            continue;
        };
        if !conditions.iter().all(|condition| condition.fits(&span)) {
            continue;
        }
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let found = Found {
            duration: unordered(duration),
            is_error: own_outcome != 0,
        };
        if visit(&found, span).is_break() {
            break;
        }
    }
    Ok(())
}
