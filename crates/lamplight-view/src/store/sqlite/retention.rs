//! Removal of data beyond the limits.

use rusqlite::Connection;

use super::{
    fetch::Reader,
    filter::{BLOCK, BLOCKS, places},
    number::count,
    origin::{Origins, Uses},
    settings::Settings,
    totals::Totals,
    write::{Remove, oldest},
};
use crate::store::StoreError;

/// Number of spans whose rows are removed at a time.
const AT_ONCE: i64 = 1000;

/// The reason for dropping a trace.
enum Reason {
    Count,
    Age,
    Size,
}

/// Drops the traces that arrived first until the rest is within the limits, and returns whether any
/// were dropped. `now` is in seconds since 1970.
pub(super) fn drop_oldest(
    connection: &Connection,
    settings: &Settings,
    now: u64,
    origins: &mut Origins,
    totals: &mut Totals,
) -> Result<bool, StoreError> {
    let mut uses = Uses::default();
    let mut has_dropped = false;
    while let Some((trace, spans, bytes, arrived)) = oldest(connection)? {
        let reason = if totals.spans > count(settings.max_spans) {
            Reason::Count
        } else if totals.bytes > count(settings.max_bytes) {
            Reason::Size
        } else if now.saturating_sub(arrived) > settings.max_age.as_secs() {
            Reason::Age
        } else {
            break;
        };
        remove(connection, trace, origins, &mut uses)?;
        has_dropped = true;
        totals.spans -= spans;
        totals.bytes -= bytes;
        totals.traces -= 1;
        *match reason {
            Reason::Count => &mut totals.for_count,
            Reason::Age => &mut totals.for_age,
            Reason::Size => &mut totals.for_size,
        } += spans;
    }
    if has_dropped {
        totals.revision += 1;
        if uses.store(connection)? {
            origins.clear();
        }
        remove_filters(connection)?;
    }
    Ok(has_dropped)
}

/// Removes all rows of a trace.
fn remove(
    connection: &Connection,
    trace: i64,
    origins: &mut Origins,
    uses: &mut Uses,
) -> Result<(), StoreError> {
    let mut select =
        connection.prepare_cached("SELECT span, hash, id FROM keys WHERE trace = ?1 LIMIT ?2")?;
    let mut delete = connection
        .prepare_cached("DELETE FROM keys WHERE trace = ?1 AND span = ?2 AND hash = ?3")?;
    let mut rows = Remove::new(connection)?;
    let mut reader = Reader::new(connection, origins)?;
    loop {
        let keys = select.query_map((trace, AT_ONCE), |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?;
        let keys: Vec<_> = keys.collect::<Result<_, _>>()?;
        if keys.is_empty() {
            break;
        }
        for (span, hash, id) in keys {
            if let Some((span, origin)) = reader.span(id)? {
                rows.remove(id, &span)?;
                uses.add(origin, -1);
            }
            delete.execute((trace, span, hash))?;
        }
    }
    let mut delete = connection.prepare_cached("DELETE FROM traces WHERE trace = ?1")?;
    delete.execute([trace])?;
    Ok(())
}

/// Removes filters of blocks at the beginning that have no spans left.
fn remove_filters(connection: &Connection) -> Result<(), StoreError> {
    let first: Option<i64> =
        connection.query_row("SELECT min(id) FROM spans", [], |row| row.get(0))?;
    let blocks = first.map_or(BLOCKS, |id| id / BLOCK);
    let mut delete =
        connection.prepare_cached("DELETE FROM filters WHERE id >= ?1 AND id < ?1 + ?2")?;
    for place in places() {
        delete.execute((place, blocks))?;
    }
    Ok(())
}
