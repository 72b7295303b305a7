//! The tables, as the statements that create them.

mod metrics;
mod traces;

use crate::identifier;

/// The tables of OpenTelemetry in one database.
///
/// ```
/// use lamplight_clickhouse::Schema;
///
/// let schema = Schema::new("otel").with_ttl_days(30);
/// let statements = schema.statements();
/// assert!(statements[0].starts_with("CREATE DATABASE IF NOT EXISTS `otel`"));
/// assert!(statements[7].starts_with("CREATE TABLE IF NOT EXISTS `otel`.`otel_traces` "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    database: String,
    ttl_days: Option<u32>,
    replacing: bool,
    faas_columns: bool,
    text_indexes: bool,
}

/// A kind of metric, each of which has a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// `otel_metrics_gauge`.
    Gauge,
    /// `otel_metrics_sum`.
    Sum,
    /// `otel_metrics_histogram`.
    Histogram,
    /// `otel_metrics_exponential_histogram`.
    ExponentialHistogram,
    /// `otel_metrics_summary`.
    Summary,
}

impl MetricKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Gauge,
        Self::Sum,
        Self::Histogram,
        Self::ExponentialHistogram,
        Self::Summary,
    ];

    /// Returns the name of the table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Gauge => "otel_metrics_gauge",
            Self::Sum => "otel_metrics_sum",
            Self::Histogram => "otel_metrics_histogram",
            Self::ExponentialHistogram => "otel_metrics_exponential_histogram",
            Self::Summary => "otel_metrics_summary",
        }
    }
}

/// Name of the table of spans.
pub const TRACES_TABLE: &str = "otel_traces";
/// Name of the table with the first and last second of each trace, which makes a lookup by id quick.
pub const TRACE_TIMES_TABLE: &str = "otel_traces_trace_id_ts";

impl Schema {
    /// Returns the schema of a database: rows are kept forever, in tables of the engine `MergeTree`.
    #[must_use]
    pub fn new(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            ttl_days: None,
            replacing: false,
            faas_columns: false,
            text_indexes: false,
        }
    }

    /// Sets after how many days rows are removed. Whole parts go at once, so that nothing is rewritten.
    #[must_use]
    pub const fn with_ttl_days(mut self, days: u32) -> Self {
        self.ttl_days = Some(days);
        self
    }

    /// Uses the engine `ReplacingMergeTree` for spans, and their ids as the end of the key: of a span that
    /// came again, in whatever block, one row remains when parts have been merged. Default: `MergeTree`, in
    /// which a block that is sent again is recognized by its token, and no key holds ids.
    #[must_use]
    pub const fn with_replacing(mut self) -> Self {
        self.replacing = true;
        self
    }

    /// Adds columns for the attributes that dashboards of functions read most, so that a query need not read
    /// whole maps. Their values are computed by the server; inserts are the same.
    #[must_use]
    pub const fn with_faas_columns(mut self) -> Self {
        self.faas_columns = true;
        self
    }

    /// Uses inverted indexes for ids and attributes in place of bloom filters, with the columns
    /// `SpanAttributeItems` and `ResourceAttributeItems` that they serve: `has(SpanAttributeItems, 'key=value')`.
    /// Needs ClickHouse 26.2.
    #[must_use]
    pub const fn with_text_indexes(mut self) -> Self {
        self.text_indexes = true;
        self
    }

    /// Returns the name of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// Returns the statements that create the database and all tables, in their order. Each leaves alone what
    /// is there.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        let metrics = MetricKind::ALL.map(|kind| self.metrics_table(kind));
        // Spans last: where their table is there, a sender that was interrupted had created all others, except
        // perhaps the view.
        std::iter::once(self.create_database())
            .chain(metrics)
            .chain(self.traces())
            .collect()
    }

    /// Returns the statements that create the database and the tables of spans, in their order. Each leaves
    /// alone what is there.
    #[must_use]
    pub fn trace_statements(&self) -> Vec<String> {
        std::iter::once(self.create_database())
            .chain(self.traces())
            .collect()
    }

    fn create_database(&self) -> String {
        format!(
            "CREATE DATABASE IF NOT EXISTS {}",
            identifier(&self.database)
        )
    }

    fn traces(&self) -> [String; 3] {
        [
            self.trace_times_table(),
            self.traces_table(),
            self.trace_times_view(),
        ]
    }

    /// Returns the full name of a table.
    fn name(&self, table: &str) -> String {
        format!("{}.{}", identifier(&self.database), identifier(table))
    }

    /// Returns the clause that removes old rows; empty where they stay.
    fn ttl(&self, time: &str) -> String {
        self.ttl_days
            .map(|days| format!("TTL {time} + toIntervalDay({days})\n"))
            .unwrap_or_default()
    }
}
