//! Lookup of traces by id.

use super::{
    ClickHouseStore,
    filter::Range,
    parameters::Parameters,
    span::{Part, columns},
};
use crate::{
    span::{Span, SpanId, TraceId},
    store::StoreError,
};

/// Nanoseconds of a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// Maximum number of ids in a query: they are in its URL, which may have 8 KB on the way.
pub(super) const IDS: usize = 80;

/// The tables and columns that may be missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    /// The columns of the instrumentation scope.
    has_scope: bool,
    /// The table with the times of traces.
    has_times: bool,
}

impl ClickHouseStore {
    /// Returns whether the table has the columns of the instrumentation scope.
    pub(super) fn has_scope(&self) -> Result<bool, StoreError> {
        Ok(self.tables()?.has_scope)
    }

    fn tables(&self) -> Result<Tables, StoreError> {
        if let Some(tables) = self.tables.get() {
            return Ok(*tables);
        }
        let count = |condition: &str| format!("countIf({condition})");
        let columns = [
            ("spans", count("table = 'otel_traces'")),
            (
                "scopes",
                count("table = 'otel_traces' AND name = 'ScopeName'"),
            ),
            (
                "times",
                count("table = 'otel_traces_trace_id_ts' AND name = 'TraceId'"),
            ),
        ];
        let rest = "FROM system.columns WHERE database = currentDatabase() AND table IN \
             ('otel_traces', 'otel_traces_trace_id_ts')";
        let rows = self.client.rows(&columns, rest, &Parameters::default())?;
        let found = self.client.all(&rows, |row| {
            Some((row.count()?, row.count()?, row.count()?))
        })?;
        let (spans, scopes, times) = found.first().copied().unwrap_or_default();
        let tables = Tables {
            has_scope: scopes > 0,
            has_times: times > 0,
        };
        // Without the table of spans, it may be created soon.
        Ok(match spans {
            0 => tables,
            _ => *self.tables.get_or_init(|| tables),
        })
    }

    /// Returns the time of traces; `None` if it is unknown.
    pub(super) fn times(&self, traces: &[TraceId]) -> Result<Option<Range>, StoreError> {
        if !self.tables()?.has_times || traces.iter().any(|trace| !trace.is_valid()) {
            return Ok(None);
        }
        let mut parameters = Parameters::default();
        let ids = parameters.ids(traces.iter().map(TraceId::to_string));
        let columns = [
            ("traces", "uniqExact(TraceId)".to_owned()),
            ("first", "toInt64(toUnixTimestamp(min(Start)))".to_owned()),
            ("last", "toInt64(toUnixTimestamp(max(End)))".to_owned()),
        ];
        let rest = format!("FROM otel_traces_trace_id_ts WHERE TraceId IN {ids}");
        let rows = self.client.rows(&columns, &rest, &parameters)?;
        let found = self
            .client
            .all(&rows, |row| Some((row.count()?, row.time()?, row.time()?)))?;
        let nanoseconds = |seconds: u64| {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            seconds.saturating_mul(SECOND)
        };
        // Rows of a view that was created later are missing.
        Ok(match found.first() {
            Some((known, first, last)) if *known == traces.len() as u64 => Some(Range {
                first: nanoseconds(*first),
                // The times have whole seconds.
                last: nanoseconds(last.saturating_add(1)),
            }),
            _ => None,
        })
    }

    /// Returns the spans of a trace that also meet `condition`, in order of their start.
    pub(super) fn of_trace(
        &self,
        trace: TraceId,
        condition: impl Fn(&mut Parameters) -> String,
        limit: usize,
    ) -> Result<Vec<Span>, StoreError> {
        let columns = columns(Part::All, self.has_scope()?);
        let read = |range: Option<Range>| {
            let mut parameters = Parameters::default();
            let of_trace = is_of(trace, &mut parameters);
            let within = match range {
                Some(range) => range.condition(&mut parameters),
                None => "1".to_owned(),
            };
            let rest = format!(
                "FROM otel_traces WHERE {of_trace} AND {within} AND {} \
                 ORDER BY Timestamp, SpanId LIMIT {limit}",
                condition(&mut parameters)
            );
            self.spans(&columns, &rest, &parameters, Part::All)
        };
        if let Some(range) = self.times(&[trace])? {
            let found = read(Some(range))?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        read(None)
    }
}

/// Returns the condition for spans of a trace.
pub(super) fn is_of(trace: TraceId, parameters: &mut Parameters) -> String {
    match trace.is_valid() {
        true => format!("TraceId = {}", parameters.text(&trace.to_string())),
        false => "(length(TraceId) != 32 OR TraceId = repeat('0', 32))".to_owned(),
    }
}

/// Returns the condition for spans with an id.
pub(super) fn has_id(span: SpanId, parameters: &mut Parameters) -> String {
    match span.is_valid() {
        true => format!("SpanId = {}", parameters.text(&span.to_string())),
        false => "(length(SpanId) != 16 OR SpanId = repeat('0', 16))".to_owned(),
    }
}

/// Returns the id of a trace as stored: an empty text if it is invalid.
pub(super) fn of_trace(id: TraceId) -> String {
    match id.is_valid() {
        true => id.to_string(),
        false => String::new(),
    }
}

/// Returns the id of a span as stored: an empty text if it is invalid.
pub(super) fn of_span(id: SpanId) -> String {
    match id.is_valid() {
        true => id.to_string(),
        false => String::new(),
    }
}
