//! The stream is read by another implementation of OTLP, in another language.

use std::{
    io::Write,
    process::Stdio,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lamplight_export::SpanQueue;
use lamplight_kinesis::{Compression, KinesisExporter, PartitionKey};
use lamplight_local_aws::{Python, install_packages, target};
use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor},
};
use serde_json::{Value as Json, json};

use crate::common::Kinesis;

/// The releases this was written against. The standard library has Zstandard from Python 3.14 on.
const PACKAGES: [&str; 2] = ["opentelemetry-proto==1.45.2", "zstandard==0.25.0"];

fn python() -> Python {
    let run = |command: &mut std::process::Command| Ok(command.output()?);
    let folder = target().join("python");
    install_packages(&folder, "opentelemetry-proto-1.45.2", &PACKAGES, run)
        .unwrap_or_else(|error| panic!("records cannot be read back by Python: {error}"))
}

/// The spans of records, as Python sees them.
fn decoded(python: &Python, records: &[Vec<u8>]) -> Vec<Json> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/decode_records.py");
    let mut child = python
        .command()
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for record in records {
        writeln!(stdin, "{}", STANDARD.encode(record)).unwrap();
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn at(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(1_790_000_000_123_456_789 + nanos)
}

fn nanos(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos()
        .try_into()
        .unwrap()
}

fn context(trace: u128, span: u64) -> SpanContext {
    let state = TraceState::from_key_value([("vendor", "opaque"), ("other", "1")]).unwrap();
    let (trace, span) = (TraceId::from(trace), SpanId::from(span));
    SpanContext::new(trace, span, TraceFlags::SAMPLED, false, state)
}

fn every_kind_of_value() -> Vec<KeyValue> {
    let texts = vec![StringValue::from("ä"), StringValue::from("")];
    vec![
        KeyValue::new("text", "Grüße, 世界 \u{1f3ee}"),
        KeyValue::new("empty", ""),
        KeyValue::new("yes", true),
        KeyValue::new("least", i64::MIN),
        KeyValue::new("third", 1.0 / 3.0),
        KeyValue::new("texts", Value::Array(Array::String(texts))),
        KeyValue::new("flags", Value::Array(Array::Bool(vec![true, false]))),
        KeyValue::new("numbers", Value::Array(Array::I64(vec![-1, 0, 1]))),
        KeyValue::new("floats", Value::Array(Array::F64(vec![0.5, -2.0]))),
    ]
}

/// Spans of two traces and two scopes with everything that a span can have.
fn batch() -> Vec<SpanData> {
    let kinds = [
        SpanKind::Internal,
        SpanKind::Server,
        SpanKind::Client,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    let scopes = ["orders", "mail"].map(|name| {
        InstrumentationScope::builder(name)
            .with_version("1.2")
            .build()
    });
    (0u8..20)
        .map(|number| {
            let index = usize::from(number);
            let id = u64::from(number) + 1;
            let mut events = SpanEvents::default();
            events.events = (0..number % 3)
                .map(|event| {
                    let at = at(1_000 + u64::from(event));
                    Event::new("exception", at, every_kind_of_value(), 0)
                })
                .collect();
            let mut links = SpanLinks::default();
            links.links = (0..number % 4)
                .map(|link| Link::new(context(99, u64::from(link) + 1), every_kind_of_value(), 0))
                .collect();
            SpanData {
                span_context: context(u128::MAX - u128::from(number % 2), id),
                parent_span_id: SpanId::from(id / 3),
                parent_span_is_remote: number % 2 == 0,
                span_kind: kinds.iter().cycle().nth(index).unwrap().clone(),
                name: format!("span {number}").into(),
                start_time: at(0),
                end_time: at(u64::from(number) * 1_000_000),
                attributes: every_kind_of_value(),
                dropped_attributes_count: 0,
                events,
                links,
                status: match number % 3 {
                    0 => Status::Unset,
                    1 => Status::Ok,
                    _ => Status::error("sold out"),
                },
                instrumentation_scope: scopes.iter().cycle().nth(index).unwrap().clone(),
            }
        })
        .collect()
}

fn expected_value(value: &Value) -> Json {
    let text = |text: &StringValue| json!({"string_value": text.as_str()});
    match value {
        Value::String(value) => text(value),
        Value::Bool(value) => json!({"bool_value": value}),
        Value::I64(value) => json!({"int_value": value}),
        Value::F64(value) => json!({"double_value": value}),
        Value::Array(Array::String(values)) => values.iter().map(text).collect(),
        Value::Array(Array::Bool(values)) => {
            values.iter().map(|v| json!({"bool_value": v})).collect()
        }
        Value::Array(Array::I64(values)) => {
            values.iter().map(|v| json!({"int_value": v})).collect()
        }
        Value::Array(Array::F64(values)) => {
            values.iter().map(|v| json!({"double_value": v})).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn expected_attributes(attributes: &[KeyValue]) -> Json {
    attributes
        .iter()
        .map(|kv| json!([kv.key.as_str(), expected_value(&kv.value)]))
        .collect()
}

fn expected(span: &SpanData) -> Json {
    let parent = match span.parent_span_id {
        SpanId::INVALID => String::new(),
        parent => parent.to_string(),
    };
    let events = span.events.events.iter().map(|event| {
        let attributes = expected_attributes(&event.attributes);
        json!([event.name, nanos(event.timestamp), attributes])
    });
    let links = span.links.links.iter().map(|link| {
        let (trace, span) = (
            link.span_context.trace_id().to_string(),
            link.span_context.span_id().to_string(),
        );
        json!([trace, span, expected_attributes(&link.attributes)])
    });
    json!({
        "service": ["shop"],
        "scope": [span.instrumentation_scope.name(), span.instrumentation_scope.version()],
        "trace_id": span.span_context.trace_id().to_string(),
        "span_id": span.span_context.span_id().to_string(),
        "parent_span_id": parent,
        "trace_state": span.span_context.trace_state().header(),
        "name": span.name,
        "kind": match span.span_kind {
            SpanKind::Internal => 1,
            SpanKind::Server => 2,
            SpanKind::Client => 3,
            SpanKind::Producer => 4,
            SpanKind::Consumer => 5,
        },
        "start": nanos(span.start_time),
        "end": nanos(span.end_time),
        "attributes": expected_attributes(&span.attributes),
        "events": events.collect::<Json>(),
        "links": links.collect::<Json>(),
        "status": match &span.status {
            Status::Unset => json!([0, ""]),
            Status::Ok => json!([1, ""]),
            Status::Error { description } => json!([2, description]),
        },
    })
}

fn by_id(mut spans: Vec<Json>) -> Vec<Json> {
    spans.sort_by_key(|span| span.get("span_id").unwrap().to_string());
    spans
}

#[tokio::test]
async fn python_reads_from_the_stream_what_was_exported() {
    let python = tokio::task::spawn_blocking(python).await.unwrap();
    let kinesis = Kinesis::start().await;
    for (stream, compression, first) in [
        ("plain", Compression::None, &[0x0a][..]),
        ("gzip", Compression::Gzip, &[0x1f, 0x8b]),
        ("zstd", Compression::Zstd, &[0x28, 0xb5, 0x2f, 0xfd]),
    ] {
        for key in [PartitionKey::TraceId, PartitionKey::Random] {
            let stream = format!("{stream}-{}", matches!(key, PartitionKey::TraceId));
            kinesis.create(&stream).await;
            let exporter = KinesisExporter::builder(&stream)
                .with_sdk_config(&kinesis.config)
                .with_timeout(Duration::from_secs(20))
                .with_compression(compression)
                .with_partition_key(key)
                .build();
            let mut queue = SpanQueue::new(exporter);
            queue.set_resource(&Resource::builder_empty().with_service_name("shop").build());
            let batch = batch();
            for span in batch.clone() {
                queue.on_end(span);
            }
            queue.flush().await;

            let records = kinesis.records(&stream).await;
            assert!(records.iter().all(|record| record.starts_with(first)));
            let seen = by_id(decoded(&python, &records));
            assert_eq!(seen.len(), batch.len(), "{stream}");
            for (seen, sent) in seen.iter().zip(by_id(batch.iter().map(expected).collect())) {
                assert_eq!(*seen, sent, "{stream}");
            }
        }
    }
}
