//! Reports about invalid values: one line with the variable, the allowed values, and the value used instead.

use crate::{
    lambda::invoke,
    variables::{ANY_TEXT, ELSEWHERE, documented},
};

/// A variable, an invalid value, and the values that the log line names as allowed and as used.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

const TRUTH: &[&str] = &["`true`", "`false`", "`yes`", "`off`", "`1`"];
const NUMBER: &[&str] = &["a number of at least 0"];
const POSITIVE: &[&str] = &["a number of at least 1"];
const MILLIS: &[&str] = &["a number of milliseconds of at least 0"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("OTEL_SDK_DISABLED", "yes", &["`true` and `false`"], "`false`"),
    ("OTEL_LOG_LEVEL", "loud", &["`none`", "`error`", "`warn`", "`info`", "`debug`"], "the default, `info`"),
    ("OTEL_PROPAGATORS", "b3", &["`tracecontext`", "`baggage`", "`xray`", "`xray-lambda`", "`none`"], "the default, `tracecontext,baggage`"),
    ("OTEL_PROPAGATORS", "b3,xray", &["`tracecontext`"], "the others"),
    ("OTEL_PROPAGATORS", "baggage,none", &["`none` alone"], "`none`"),
    ("OTEL_TRACES_SAMPLER", "sometimes", &["`always_on`", "`parentbased_traceidratio`"], "the default, `parentbased_always_on`"),
    ("OTEL_TRACES_SAMPLER_ARG", "10%", &["a number from 0 to 1"], "the default, 1"),
    ("OTEL_RESOURCE_ATTRIBUTES", "team", &["`key=value`"], "the others"),
    ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "none", NUMBER, "the default, `OTEL_ATTRIBUTE_COUNT_LIMIT`"),
    ("OTEL_SPAN_EVENT_COUNT_LIMIT", "-1", NUMBER, "the default, 128"),
    ("OTEL_SPAN_LINK_COUNT_LIMIT", "1.5", NUMBER, "the default, 128"),
    ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "x", NUMBER, "the default, `OTEL_ATTRIBUTE_COUNT_LIMIT`"),
    ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "x", NUMBER, "the default, `OTEL_ATTRIBUTE_COUNT_LIMIT`"),
    ("OTEL_ATTRIBUTE_COUNT_LIMIT", "x", NUMBER, "the default, 128"),
    ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "x", NUMBER, "the default, no limit"),
    ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "x", NUMBER, "the default, no limit"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "0", POSITIVE, "the default, 2048"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "all", POSITIVE, "the default, 512"),
    ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3000", &["more than OTEL_BSP_MAX_QUEUE_SIZE"], "that, 2048"),
    ("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "events", &["`logs` and `logs/dup`"], "the default, events of spans"),
    ("LAMPLIGHT_SPAN_EVENTS", "some", &["`all`", "`exceptions`", "`none`"], "the default, `all`"),
    ("LAMPLIGHT_MAX_PAUSE", "1m", MILLIS, "the default, 60000"),
    ("LAMPLIGHT_FLUSH", "never", &["`after-response`", "`adaptive`", "`before-response`", "`manual`"], "the default, `after-response`"),
    ("LAMPLIGHT_FLUSH_BUDGET", "1s", MILLIS, "the default, 1000"),
    ("LAMPLIGHT_SIGTERM", "maybe", TRUTH, "the default, `true` for `adaptive` and `manual`, else `false`"),
    ("LAMPLIGHT_CLIENT_ADDRESS", "proxy", &["`original` and `peer`"], "the default, `original`"),
    ("LAMPLIGHT_RECORDS", "follow", &["`continue`", "`continue-and-link`", "`link`"], "the default, `continue`"),
    ("LAMPLIGHT_INFERRED_SPANS", "2", TRUTH, "the default, `false`"),
    ("LAMPLIGHT_EVENT_SPAN", "ja", TRUTH, "the default, `false`"),
    ("LAMPLIGHT_FAAS_EXECUTION", "y", TRUTH, "the default, `false`"),
];

/// As [`ROWS`], of the exporter `otlp`.
#[rustfmt::skip]
const OF_OTLP: &[Row] = &[
    ("OTEL_TRACES_EXPORTER", "zipkin", &["`kinesis`", "`otlp`", "`console`", "`none`"], "\"otlp\""),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", &["`http/protobuf` and `grpc`"], "`http/protobuf`"),
    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "udp", &["`http/protobuf` and `grpc`"], "`http/protobuf`"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", MILLIS, "the default, 10000"),
    ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1", MILLIS, "the default, 10000, unless the general"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "br", &["`none`, `gzip` and `zstd`"], "no compression"),
    ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "lz4", &["`none`, `gzip` and `zstd`"], "no compression"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "key", &["`name=value,name=value`"], "the others"),
    ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a b=c", &["`name=value,name=value`"], "the others"),
    ("OTEL_EXPORTER_OTLP_INSECURE", "1", &["`true` and `false`"], "`false`"),
    ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "on", &["`true` and `false`"], "`false`"),
];

/// Asserts that one line is about the value, and returns the log.
async fn assert_is_said((name, value, allowed, used): &Row, others: &[(&str, &str)]) -> String {
    let mut variables = vec![(*name, *value)];
    variables.extend(others);
    let told = invoke("plain", &variables, 2).await;
    assert_eq!(told.answers, 2, "{name}={value}: {}", told.log);
    let is_about = |line: &&str| line.contains(&format!("lamplight [{name}] {name}"));
    let lines: Vec<_> = told.log.lines().filter(is_about).collect();
    let [line] = lines.as_slice() else {
        panic!("{name}={value}: {}", told.log);
    };
    for part in *allowed {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert!(
        line.contains(&format!("; using {used}")),
        "{used} in {line}"
    );
    told.log
}

#[tokio::test]
async fn a_wrong_value_is_one_line_with_what_is_allowed_and_what_is_used() {
    for row in ROWS {
        let ratio = ("OTEL_TRACES_SAMPLER", "traceidratio");
        let others: &[_] = match row.0 {
            "OTEL_TRACES_SAMPLER_ARG" => &[ratio],
            _ => &[],
        };
        let log = assert_is_said(row, others).await;
        assert_eq!(log.matches("lamplight [").count(), 1, "{log}");
    }
}

#[tokio::test]
async fn so_is_one_of_otlp() {
    for row in OF_OTLP {
        let otlp = ("OTEL_TRACES_EXPORTER", "otlp");
        // There is no listener.
        let mut others = vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:1")];
        if row.0 != otlp.0 {
            others.push(otlp);
        }
        assert_is_said(row, &others).await;
    }
}

/// A variable without a row is one whose reports are not tested.
#[test]
fn every_variable_with_wrong_values_has_a_row() {
    for name in documented() {
        let has_row = ROWS.iter().any(|row| row.0 == name);
        let takes_any = ANY_TEXT.contains(&name) || ELSEWHERE.contains(&name);
        assert!(has_row != takes_any, "{name}");
    }
}
