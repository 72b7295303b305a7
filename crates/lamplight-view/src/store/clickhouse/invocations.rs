//! Queries of invocations.

use super::{
    ClickHouseStore,
    filter::{self, Range},
    parameters::Parameters,
    span::{Part, Reader, columns},
};
use crate::{
    span::Span,
    store::{Invocation, Invocations, Query, StoreError},
};

/// The order of invocations that started at the same time. Only copies are equal in it.
const TIES: &str = "TraceId, SpanId, \
     cityHash64(SpanName, SpanAttributes, ResourceAttributes, Duration, StatusCode, StatusMessage, \
     Events.Attributes)";

/// Returns a page of invocations.
pub(super) fn invocations(
    store: &ClickHouseStore,
    query: &Query,
) -> Result<Invocations, StoreError> {
    let limit = query.rows();
    let mut spans = newest(store, query, Part::All, limit.saturating_add(1))?;
    let more = spans.len() > limit;
    spans.truncate(limit);
    Ok(Invocations {
        rows: spans.iter().map(Invocation::of).collect(),
        more,
    })
}

/// Returns the newest invocations that match a query, regardless of its limit.
pub(super) fn newest(
    store: &ClickHouseStore,
    query: &Query,
    part: Part<'_>,
    limit: usize,
) -> Result<Vec<Span>, StoreError> {
    let Some(range) = Range::of(query.window, query.before) else {
        return Ok(Vec::new());
    };
    store.newest_first(
        range,
        |range| within(store, query, range, part, limit),
        |spans| spans.len() >= limit,
    )
}

fn within(
    store: &ClickHouseStore,
    query: &Query,
    range: Range,
    part: Part<'_>,
    limit: usize,
) -> Result<Vec<Span>, StoreError> {
    let mut parameters = Parameters::default();
    let rest = format!(
        "FROM otel_traces WHERE {} AND {} ORDER BY Timestamp DESC, {TIES} LIMIT {}, {limit}",
        range.condition(&mut parameters),
        filter::invocations(query, &mut parameters),
        query.skip
    );
    store.spans(&columns(part, store.has_scope()?), &rest, &parameters, part)
}

impl ClickHouseStore {
    /// Returns the spans of a query with these columns.
    pub(super) fn spans(
        &self,
        columns: &[super::client::Column<'_>],
        rest: &str,
        parameters: &Parameters,
        part: Part<'_>,
    ) -> Result<Vec<Span>, StoreError> {
        let rows = self.client.rows(columns, rest, parameters)?;
        let mut reader = Reader::default();
        self.client.all(&rows, |row| reader.span(row, part))
    }
}
