//! A short summary of a valid configuration.

use crate::config::{Checkpoints, Config, SinkConfig, SinkKind};

/// Returns a summary of the input, rules and sinks of a relay with this configuration.
pub(super) fn summary(config: &Config) -> String {
    let reads = match &config.source {
        Some(source) => {
            let streams = source.streams.join(", ");
            let checkpoints = match &source.checkpoints {
                Checkpoints::Memory => "nowhere: each start begins from scratch".to_owned(),
                Checkpoints::File(path) => format!("in the folder {}", path.display()),
                Checkpoints::DynamoDb { table, .. } => format!("in the DynamoDB table {table}"),
            };
            format!("{streams}; checkpoints are {checkpoints}")
        }
        None => "no streams: there is no [source], which every relay needs except the function \
        behind an event source mapping"
            .to_owned(),
    };
    let names = config.rules.iter().map(|rule| rule.name());
    let keeps = match config.rules.is_empty() {
        true => "every trace: there are no rules".to_owned(),
        false => format!("by rules: {}", names.collect::<Vec<_>>().join(", ")),
    };
    let sinks: Vec<_> = config.sinks.iter().map(sink).collect();
    let to = sinks.join(", ");
    format!("The configuration is valid.\nreads: {reads}\nkeeps: {keeps}\ndelivers to: {to}\n")
}

fn sink(sink: &SinkConfig) -> String {
    let kind = match &sink.kind {
        SinkKind::OtlpHttp { .. } => "otlp_http",
        SinkKind::OtlpGrpc { .. } => "otlp_grpc",
        SinkKind::Kinesis { .. } => "kinesis",
        SinkKind::ClickHouse(_) => "clickhouse",
        SinkKind::File(_) => "file",
        SinkKind::Stdout => "stdout",
    };
    let signals = match (sink.traces, sink.metrics) {
        (true, true) => "traces and metrics",
        (false, true) => "metrics",
        _ => "traces",
    };
    let critical = if sink.critical { "" } else { ", not critical" };
    format!("{} ({kind}, {signals}{critical})", sink.name)
}
