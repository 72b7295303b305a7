//! Queries of traces.

use super::{
    ClickHouseStore,
    expression::{function, is_failed},
    filter::{self, Range},
    parameters::Parameters,
    rows::Row,
    span::{DURATION, START, trace},
};
use crate::store::{Query, StoreError, TraceRow};

/// Time before and after a window in which spans of its traces are found, in nanoseconds: a day.
const SLACK: i64 = 24 * 3_600 * 1_000_000_000;

/// Maximum number of functions of a trace.
const FUNCTIONS: usize = 100;

/// Returns a page of traces.
pub(super) fn traces(store: &ClickHouseStore, query: &Query) -> Result<Vec<TraceRow>, StoreError> {
    let Some(range) = Range::of(query.window, query.before) else {
        return Ok(Vec::new());
    };
    store.newest_first(
        range,
        |range| within(store, query, range),
        |rows| rows.len() >= query.rows(),
    )
}

fn within(
    store: &ClickHouseStore,
    query: &Query,
    range: Range,
) -> Result<Vec<TraceRow>, StoreError> {
    let mut parameters = Parameters::default();
    let of_span = filter::of_span(query, &mut parameters);
    let matching = match of_span.is_empty() {
        true => "1".to_owned(),
        false => of_span.join(" AND "),
    };
    let near = range.widened(SLACK, SLACK).condition(&mut parameters);
    // Invalid ids are zeros, and one trace.
    let of_functions = format!(
        "SELECT if(length(TraceId) = 32, TraceId, '') AS trace, {} AS function, \
         min({START}) AS first, argMin(SpanName, (Timestamp, SpanId)) AS name, \
         max(toUInt64(greatest({START}, 0)) + {DURATION}) AS last, count() AS number, \
         countIf({}) AS failed, countIf({matching}) AS matching \
         FROM otel_traces WHERE {near} GROUP BY trace, function",
        function(),
        is_failed()
    );
    let columns = [
        ("id", "trace".to_owned()),
        ("start", "min(first)".to_owned()),
        ("finish", "max(last)".to_owned()),
        ("spans", "sum(number)".to_owned()),
        ("errors", "sum(failed)".to_owned()),
        (
            "functions",
            format!("arraySort(groupArray({FUNCTIONS})((first, function, name)))"),
        ),
    ];
    let mut having = vec!["sum(matching) > 0".to_owned()];
    if range.first > 0 {
        having.push(format!("start >= {}", range.first));
    }
    if range.last < i64::MAX {
        having.push(format!("start <= {}", range.last));
    }
    let lasted = "if(finish > toUInt64(start), finish - toUInt64(start), 0)";
    having.extend(filter::duration(query, lasted, &mut parameters));
    let rest = format!(
        "FROM ({of_functions}) GROUP BY id HAVING {} ORDER BY start DESC, id DESC LIMIT {}, {}",
        having.join(" AND "),
        query.skip,
        query.rows()
    );
    let rows = store.client.rows(&columns, &rest, &parameters)?;
    store.client.all(&rows, read)
}

fn read(row: &mut Row<'_>) -> Option<TraceRow> {
    let mut read = TraceRow {
        id: trace(row.bytes()?),
        name: String::new(),
        function: String::new(),
        start: row.time()?,
        end: row.count()?,
        spans: row.count()?,
        errors: row.count()?,
        functions: Vec::new(),
    };
    let functions = row.list(|row| Some((row.time()?, row.text()?, row.text()?)))?;
    if let Some((_, function, name)) = functions.first() {
        (read.function, read.name) = (function.clone(), name.clone());
    }
    read.functions = functions.into_iter().map(|(_, name, _)| name).collect();
    Some(read)
}
