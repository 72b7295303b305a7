//! Traffic between functions, queues and other services.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{invocations::bounds, number::counted, origin::recorders};
use crate::store::{
    Map, NodeKind, StoreError, Window,
    calls::{NAMES, Way},
    drawing::{Drawing, Sum, Traffic},
};

/// Returns the map of a window.
pub(super) fn map(connection: &Connection, window: Window) -> Result<Map, StoreError> {
    let Some((first, last)) = bounds(window, None) else {
        return Ok(Map::default());
    };
    let mut drawing = Drawing::default();
    let mut functions = HashMap::new();
    for (origin, recorder) in recorders(connection)? {
        functions.insert(
            origin,
            drawing.node(NodeKind::Function, &recorder.function, NAMES.len()),
        );
    }
    let mut select = connection.prepare_cached(
        "SELECT trace, span, parent, way, origin, kind, failed, amount, wait, name,
         named_by FROM calls
         WHERE start BETWEEN ?1 AND ?2",
    )?;
    let mut rows = select.query((first, last))?;
    while let Some(row) = rows.next()? {
        let trace: i64 = row.get(0)?;
        let kind = kind(row.get(5)?);
        let name = row.get_ref(9)?.as_str().unwrap_or_default();
        let named_by = usize::try_from(row.get::<_, i64>(10)?).unwrap_or(NAMES.len());
        let other = drawing.node(kind, name, named_by);
        let Some(function) = functions.get(&row.get(4)?).copied() else {
            continue;
        };
        let parent = match row.get(2)? {
            0 => None,
            parent => Some((trace, parent)),
        };
        let call = Traffic {
            way: way(row.get(3)?),
            function,
            other,
            parent,
            sum: Sum {
                count: counted(row.get(7)?),
                errors: u64::from(row.get::<_, bool>(6)?),
                wait: row.get::<_, Option<i64>>(8)?.map_or(0, counted),
                waits: u64::from(row.get_ref(8)?.as_i64().is_ok()),
            },
        };
        drawing.add((trace, row.get::<_, i64>(1)?), call);
    }
    Ok(drawing.finish())
}

fn way(number: i64) -> Way {
    let all = [Way::To, Way::From, Way::AllFrom, Way::Through, Way::Called];
    let place = usize::try_from(number).unwrap_or_default();
    all.get(place).copied().unwrap_or(Way::To)
}

fn kind(number: i64) -> NodeKind {
    let all = [
        NodeKind::Client,
        NodeKind::Function,
        NodeKind::Queue,
        NodeKind::Topic,
        NodeKind::Bus,
        NodeKind::Stream,
        NodeKind::Table,
        NodeKind::Bucket,
        NodeKind::Service,
    ];
    let place = usize::try_from(number).unwrap_or_default();
    all.get(place).copied().unwrap_or(NodeKind::Service)
}
