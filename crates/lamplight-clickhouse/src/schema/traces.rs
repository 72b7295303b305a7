//! The table of spans, and the one that finds the time of a trace.

use super::{Schema, TRACE_TIMES_TABLE, TRACES_TABLE};

/// Blocks that are remembered, so that one that is sent again after a lost answer is left out. A replicated
/// table has such a memory by default; this is for one that is not.
pub(super) const REMEMBERED_BLOCKS: u32 = 1000;

/// Columns whose names and types everything that reads the table depends on.
const COLUMNS: &str = "
    Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(T64, ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested (
        Timestamp DateTime64(9),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Links Nested (
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),";

/// Attributes as `key=value`, which the inverted indexes are built on. They take no room themselves.
const ITEMS: &str = "
    ResourceAttributeItems Array(String)
        ALIAS arrayMap(it -> concat(it.1, '=', it.2), CAST(ResourceAttributes, 'Array(Tuple(String, String))')),
    SpanAttributeItems Array(String)
        ALIAS arrayMap(it -> concat(it.1, '=', it.2), CAST(SpanAttributes, 'Array(Tuple(String, String))')),";

/// Columns of the attributes that dashboards of functions read.
const FAAS: [(&str, &str); 6] = [
    ("FaasName", "ResourceAttributes['faas.name']"),
    ("FaasVersion", "ResourceAttributes['faas.version']"),
    ("FaasTrigger", "SpanAttributes['faas.trigger']"),
    ("FaasColdstart", "SpanAttributes['faas.coldstart']"),
    ("FaasInvocationId", "SpanAttributes['faas.invocation_id']"),
    ("ErrorType", "SpanAttributes['error.type']"),
];

const INVERTED: &str = "
    INDEX idx_trace_id TraceId TYPE text(tokenizer = 'array'),
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE text(tokenizer = 'array'),
    INDEX idx_res_attr_items ResourceAttributeItems TYPE text(tokenizer = 'array'),
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE text(tokenizer = 'array'),
    INDEX idx_span_attr_items SpanAttributeItems TYPE text(tokenizer = 'array'),";

const BLOOM: &str = "
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX idx_res_attr_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_res_attr_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_span_attr_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,";

impl Schema {
    pub(super) fn traces_table(&self) -> String {
        let mut columns = COLUMNS.to_owned();
        if self.text_indexes {
            columns.push_str(ITEMS);
        }
        if self.faas_columns {
            for (name, value) in FAAS {
                let kind = match name {
                    // Every invocation has another one.
                    "FaasInvocationId" => "String",
                    _ => "LowCardinality(String)",
                };
                columns.push_str(&format!(
                    "\n    {name} {kind} MATERIALIZED {value} CODEC(ZSTD(1)),"
                ));
            }
        }
        columns.push_str(if self.text_indexes { INVERTED } else { BLOOM });
        let (engine, end_of_key) = if self.replacing {
            ("ReplacingMergeTree", ", TraceId, SpanId")
        } else {
            ("MergeTree", "")
        };
        format!(
            "CREATE TABLE IF NOT EXISTS {} ({columns}
    INDEX idx_duration Duration TYPE minmax GRANULARITY 1
) ENGINE = {engine}
PARTITION BY toDate(Timestamp)
PRIMARY KEY (ServiceName, SpanName, toDateTime(Timestamp))
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp), Timestamp{end_of_key})
{}SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, \
             non_replicated_deduplication_window = {REMEMBERED_BLOCKS}",
            self.name(TRACES_TABLE),
            self.ttl("toDateTime(Timestamp)"),
        )
    }

    pub(super) fn trace_times_table(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
    TraceId String CODEC(ZSTD(1)),
    Start SimpleAggregateFunction(min, DateTime) CODEC(ZSTD(1)),
    End SimpleAggregateFunction(max, DateTime) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree
PARTITION BY toStartOfWeek(Start)
ORDER BY TraceId
{}SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1",
            self.name(TRACE_TIMES_TABLE),
            self.ttl("Start"),
        )
    }

    pub(super) fn trace_times_view(&self) -> String {
        format!(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS {} TO {} AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM {}
WHERE TraceId != ''
GROUP BY TraceId",
            self.name("otel_traces_trace_id_ts_mv"),
            self.name(TRACE_TIMES_TABLE),
            self.name(TRACES_TABLE),
        )
    }
}
