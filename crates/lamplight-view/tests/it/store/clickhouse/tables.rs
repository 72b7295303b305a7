//! Tables of other versions, and data that tries to become SQL.

use lamplight_view::{
    span::{SpanId, SpanRef, TraceId},
    store::{Condition, Query, Side, Store, Window},
};
use opentelemetry_proto::tonic::trace::v1::{Span, span::Link};
use prost::Message as _;

use super::Fresh;
use crate::store::build::{request_of, text};

/// The columns of an older exporter: signed durations, and no instrumentation scope.
const OLDER: &str = "CREATE TABLE otel_traces (
    Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
    SpanName LowCardinality(String), SpanKind LowCardinality(String),
    ServiceName LowCardinality(String),
    ResourceAttributes Map(LowCardinality(String), String),
    SpanAttributes Map(LowCardinality(String), String),
    Duration Int64, StatusCode LowCardinality(String), StatusMessage String,
    Events Nested(Timestamp DateTime64(9), Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)),
    Links Nested(TraceId String, SpanId String, TraceState String,
        Attributes Map(LowCardinality(String), String))
) ENGINE = MergeTree PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toUnixTimestamp(Timestamp), TraceId)";

const ROWS: &str = "INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, \
    SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode) VALUES \
    ('2026-11-27 10:00:00.5', '0a000000000000000000000000000001', '0a00000000000001', '', 'ask', \
    'SPAN_KIND_SERVER', 'f', {'service.name': 'f', 'faas.name': 'f'}, \
    {'faas.trigger': 'http', 'faas.coldstart': 'true'}, 5000000, 'STATUS_CODE_ERROR'), \
    ('2026-11-27 10:00:01', '0a000000000000000000000000000001', '0a00000000000002', \
    '0a00000000000001', 'inner', 'SPAN_KIND_INTERNAL', 'f', {'service.name': 'f'}, {}, -3, \
    'STATUS_CODE_UNSET')";

fn id(span: u8) -> SpanRef {
    let mut id = SpanRef::default();
    (id.trace.0[0], id.trace.0[15]) = (10, 1);
    (id.span.0[0], id.span.0[7]) = (10, span);
    id
}

#[test]
fn older_tables_are_read() {
    let store = Fresh::without_tables();
    store.database.run(OLDER);
    store.database.run(ROWS);
    let functions = store.functions(Window::default()).unwrap();
    assert_eq!((functions.len(), functions[0].errors), (1, 1));
    assert_eq!((functions[0].cold_starts, functions[0].p50), (1, 5_000_000));
    let rows = store.invocations(&Query::default()).unwrap().rows;
    assert_eq!((rows.len(), rows[0].id), (1, id(1)));
    let trace = &store.traces(&Query::default()).unwrap()[0];
    assert_eq!((trace.spans, trace.errors), (2, 1));
    // Without a table of times, and with one that lacks the trace.
    for _ in 0..2 {
        let around = store.around(id(1).trace).unwrap();
        assert_eq!(around.spans.len(), 2);
        assert_eq!(
            (around.spans[1].parent, around.spans[1].duration()),
            (Some(id(1).span), 0)
        );
        store.database.run(
            "CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts (TraceId String, Start DateTime, \
             End DateTime) ENGINE = MergeTree ORDER BY (TraceId, Start)",
        );
    }
    assert_eq!(store.span(id(2)).unwrap()[0].name, "inner");
    assert_eq!(store.map(Window::default()).unwrap().nodes.len(), 2);
    assert!(
        store
            .differences(&Query::default(), Side::Slow)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_trace_is_found_without_its_time_and_with_a_wrong_one() {
    let store = Fresh::new();
    store.database.run(ROWS);
    for change in [
        "TRUNCATE TABLE otel_traces_trace_id_ts",
        "INSERT INTO otel_traces_trace_id_ts VALUES \
         ('0a000000000000000000000000000001', '2020-01-01 00:00:00', '2020-01-01 00:00:01')",
        "DROP TABLE otel_traces_trace_id_ts_mv",
        "DROP TABLE otel_traces_trace_id_ts",
    ] {
        store.database.run(change);
        let again = lamplight_view::store::ClickHouseStore::new(&store.address()).unwrap();
        assert_eq!(
            again.around(id(1).trace).unwrap().spans.len(),
            2,
            "{change}"
        );
    }
}

/// Texts that end literals, placeholders or statements, or are not what they seem.
const HOSTILE: [&str; 12] = [
    "'",
    "\\",
    "\\'",
    "' OR 1 = 1 --",
    "'); DROP TABLE otel_traces; --",
    "{p0:String}",
    "{{}}",
    "a\0b",
    "tab\tline\nreturn\r",
    "\\N",
    "`\"%27&param_p0=x#",
    "日本 é \u{202e} 🦀",
];

#[test]
fn hostile_texts_are_found_as_they_are_and_find_nothing_else() {
    let store = Fresh::new();
    let spans = HOSTILE.iter().enumerate().map(|(place, hostile)| Span {
        trace_id: vec![place as u8 + 1; 16],
        span_id: vec![1; 8],
        name: (*hostile).to_owned(),
        kind: 2,
        start_time_unix_nano: 1_700_000_000_000_000_000 + place as u64,
        end_time_unix_nano: 1_700_000_000_000_000_001 + place as u64,
        attributes: vec![
            text("faas.invocation_id", hostile),
            text("faas.trigger", hostile),
            text("messaging.message.id", hostile),
            text(&format!("key {hostile}"), hostile),
        ],
        links: vec![Link {
            trace_id: vec![99; 16],
            span_id: vec![9; 8],
            trace_state: (*hostile).to_owned(),
            ..Link::default()
        }],
        ..Span::default()
    });
    for (place, span) in spans.enumerate() {
        let request = request_of(&format!("f {}", HOSTILE[place]), vec![span]);
        store.add(&request.encode_to_vec()).unwrap();
    }
    assert_eq!(
        store.functions(Window::default()).unwrap().len(),
        HOSTILE.len()
    );
    for (place, hostile) in HOSTILE.iter().enumerate() {
        let trace = TraceId([place as u8 + 1; 16]);
        let only = |query: &Query| {
            let rows = store.invocations(query).unwrap().rows;
            let ids: Vec<_> = rows.iter().map(|row| row.id.trace).collect();
            assert_eq!(ids, [trace], "{query:?}");
            let traces = store.traces(query).unwrap();
            assert_eq!((traces.len(), &*traces[0].name), (1, *hostile), "{query:?}");
        };
        let mut query = Query::default();
        query.function = Some(format!("f {hostile}"));
        only(&query);
        query.function = None;
        query.trigger = Some((*hostile).to_owned());
        only(&query);
        query.trigger = None;
        query.conditions = vec![Condition::Equal(
            format!("key {hostile}"),
            (*hostile).to_owned(),
        )];
        only(&query);
        query.conditions = vec![Condition::Text(format!("f {hostile}"))];
        assert!(!store.invocations(&query).unwrap().rows.is_empty());
        let found = store.message(hostile).unwrap();
        assert_eq!((found.len(), found[0].trace_id), (1, trace));
        let around = store.around(trace).unwrap();
        assert_eq!((around.spans.len(), &*around.spans[0].name), (1, *hostile));
        assert_eq!(around.spans[0].links[0].trace_state, *hostile);
    }
    let nothing = SpanRef {
        trace: TraceId([99; 16]),
        span: SpanId([9; 8]),
    };
    assert!(store.span(nothing).unwrap().is_empty());
    assert_eq!(store.state().unwrap().spans, HOSTILE.len() as u64);
}
