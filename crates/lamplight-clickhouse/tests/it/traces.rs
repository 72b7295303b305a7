//! Spans.

use lamplight_clickhouse::{Schema, TraceBlock};
use lamplight_test_clickhouse::Database;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span},
};
use prost::Message as _;
use serde_json::json;

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

pub(crate) fn insert(database: &Database, request: &ExportTraceServiceRequest) {
    let mut block = TraceBlock::default();
    let pushed = block.push(&request.encode_to_vec());
    assert_eq!(pushed.malformed, 0);
    assert_eq!(pushed.rows, block.rows());
    let answer = ureq::post(database.url())
        .config()
        .http_status_as_error(false)
        .build()
        .query("query", TraceBlock::statement(database.name()))
        .send(&block.finish()[..]);
    let mut answer = answer.unwrap();
    let said = answer.body_mut().read_to_string().unwrap();
    assert_eq!((answer.status().as_u16(), &*said), (200, ""));
    assert!(block.is_empty());
}

pub(crate) fn with_tables() -> Database {
    let database = Database::new();
    for statement in Schema::new(database.name()).statements() {
        database.run(&statement);
    }
    database
}

pub(crate) fn request() -> ExportTraceServiceRequest {
    let spans = vec![
        Span {
            trace_id: vec![0xab; 16],
            span_id: vec![1; 8],
            parent_span_id: vec![0; 8],
            trace_state: "ot=th:8".to_owned(),
            name: "POST /orders".to_owned(),
            kind: 2,
            start_time_unix_nano: 1_795_646_976_123_456_789,
            end_time_unix_nano: 1_795_646_976_123_456_889,
            attributes: vec![
                text("url.path", "/orders"),
                attribute("faas.coldstart", Value::BoolValue(true)),
                attribute("http.response.status_code", Value::IntValue(503)),
                attribute(
                    "list",
                    Value::ArrayValue(ArrayValue {
                        values: vec![AnyValue {
                            value: Some(Value::DoubleValue(1.5)),
                        }],
                    }),
                ),
                text("long", &"é".repeat(100)),
            ],
            status: Some(Status {
                message: "too many".to_owned(),
                code: 2,
            }),
            events: vec![span::Event {
                time_unix_nano: 1_795_646_976_123_456_800,
                name: "exception".to_owned(),
                attributes: vec![text("exception.type", "Boom"), text("a", "b")],
                ..span::Event::default()
            }],
            links: vec![
                span::Link {
                    trace_id: vec![0xcd; 16],
                    span_id: vec![2; 8],
                    trace_state: "a=b".to_owned(),
                    attributes: vec![text("k", "v")],
                    ..span::Link::default()
                },
                span::Link::default(),
            ],
            ..Span::default()
        },
        Span {
            // It ends before it begins.
            start_time_unix_nano: 2_000_000_000_000_000_000,
            ..Span::default()
        },
    ];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![
                    text("service.name", "shop"),
                    text("cloud.region", "eu-west-1"),
                ],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "lamplight".to_owned(),
                    version: "0.1.0".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

#[test]
fn a_span_becomes_the_row_that_the_collector_writes() {
    let database = with_tables();
    insert(&database, &request());
    let rows = database.rows("SELECT * FROM otel_traces ORDER BY Timestamp");
    let wanted = json!([
        {
            "Timestamp": "2026-11-25 22:49:36.123456789",
            "TraceId": "ab".repeat(16),
            "SpanId": "01".repeat(8),
            "ParentSpanId": "",
            "TraceState": "ot=th:8",
            "SpanName": "POST /orders",
            "SpanKind": "Server",
            "ServiceName": "shop",
            "ResourceAttributes": {"cloud.region": "eu-west-1", "service.name": "shop"},
            "ScopeName": "lamplight",
            "ScopeVersion": "0.1.0",
            "SpanAttributes": {
                "faas.coldstart": "true",
                "http.response.status_code": "503",
                "list": "[1.5]",
                "long": "é".repeat(100),
                "url.path": "/orders",
            },
            "Duration": 100,
            "StatusCode": "Error",
            "StatusMessage": "too many",
            "Events.Timestamp": ["2026-11-25 22:49:36.123456800"],
            "Events.Name": ["exception"],
            "Events.Attributes": [{"a": "b", "exception.type": "Boom"}],
            "Links.TraceId": ["cd".repeat(16), ""],
            "Links.SpanId": ["02".repeat(8), ""],
            "Links.TraceState": ["a=b", ""],
            "Links.Attributes": [{"k": "v"}, {}],
        },
        {
            "Timestamp": "2033-05-18 03:33:20.000000000",
            "TraceId": "",
            "SpanId": "",
            "ParentSpanId": "",
            "TraceState": "",
            "SpanName": "",
            "SpanKind": "Unspecified",
            "ServiceName": "shop",
            "ResourceAttributes": {"cloud.region": "eu-west-1", "service.name": "shop"},
            "ScopeName": "lamplight",
            "ScopeVersion": "0.1.0",
            "SpanAttributes": {},
            "Duration": 0,
            "StatusCode": "Unset",
            "StatusMessage": "",
            "Events.Timestamp": [],
            "Events.Name": [],
            "Events.Attributes": [],
            "Links.TraceId": [],
            "Links.SpanId": [],
            "Links.TraceState": [],
            "Links.Attributes": [],
        },
    ]);
    assert_eq!(json!(rows), wanted);
    let times = database.rows("SELECT TraceId, toUnixTimestamp(min(Start)) AS s, toUnixTimestamp(max(End)) AS e FROM otel_traces_trace_id_ts GROUP BY TraceId");
    assert_eq!(
        json!(times),
        json!([{"TraceId": "ab".repeat(16), "s": 1_795_646_976, "e": 1_795_646_976}])
    );
}

#[test]
fn a_table_with_other_types_takes_the_same_block() {
    let database = Database::new();
    database.run(
        "CREATE TABLE otel_traces (
            Timestamp DateTime, TraceId FixedString(32), SpanId String, ParentSpanId String, TraceState String,
            SpanName String, SpanKind Enum('Server', 'Unspecified'), ServiceName String,
            ResourceAttributes Map(String, String), ScopeName String, ScopeVersion LowCardinality(String),
            SpanAttributes Map(LowCardinality(String), String), Duration Int64, StatusCode String,
            StatusMessage String, Events Nested (Timestamp DateTime64(6), Name String,
            Attributes Map(String, String)), Links Nested (TraceId String, SpanId String, TraceState String,
            Attributes Map(String, String)), Mine String DEFAULT 'mine'
        ) ENGINE = MergeTree ORDER BY tuple()",
    );
    insert(&database, &request());
    let rows = database.rows("SELECT SpanKind, Duration, Mine FROM otel_traces ORDER BY Timestamp");
    assert_eq!(
        json!(rows),
        json!([
            {"SpanKind": "Server", "Duration": 100, "Mine": "mine"},
            {"SpanKind": "Unspecified", "Duration": 0, "Mine": "mine"},
        ])
    );
}
