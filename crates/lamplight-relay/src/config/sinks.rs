//! `[[sink]]`: destinations of spans and metrics.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use crate::{
    config::{
        clean::{self, CleanConfig},
        clickhouse::{self, ClickHouseConfig},
        compression::{self, Compression},
        condition::{self, Test},
        http::{self, Headers},
        item::Item,
        section::Section,
        stream,
    },
    rules::{Condition, Rule, Rules},
};

const SECOND: Duration = Duration::from_secs(1);

/// A destination.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SinkConfig {
    /// Its name in log lines and metrics.
    pub name: String,
    /// Its kind, with the settings of that kind.
    pub kind: SinkKind,
    /// True if the sink receives spans.
    pub traces: bool,
    /// True if the sink receives metrics.
    pub metrics: bool,
    /// True if checkpoints wait until this sink has accepted the data.
    pub critical: bool,
    /// Timeout of a request.
    pub timeout: Option<Duration>,
    /// Maximum size of a request, in bytes.
    pub max_request: Option<usize>,
    /// Maximum number of spans or data points in a request.
    pub max_rows: Option<usize>,
    /// Wait for further data to fill a request.
    pub linger: Option<Duration>,
    /// Maximum size of the queue, in bytes.
    pub queue: Option<usize>,
    /// Time after which a sink that is not critical gives up on a request.
    pub give_up_after: Option<Duration>,
    /// The sink receives a trace only if at least one of its spans meets this condition.
    pub filter: Option<Condition>,
    /// True if spans carry the number of spans they represent.
    pub sample_rate: bool,
    /// Changes for this sink only.
    pub clean: CleanConfig,
}

/// The kind of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SinkKind {
    /// OTLP over HTTP, as protobuf.
    OtlpHttp {
        /// URL for spans.
        traces: String,
        /// URL for metrics.
        metrics: String,
        /// Headers of each request.
        headers: Headers,
        /// Compression of requests.
        compression: Compression,
    },
    /// OTLP over gRPC.
    OtlpGrpc {
        /// URL of the server.
        endpoint: String,
        /// Metadata of each call.
        headers: Headers,
        /// Compression of messages.
        compression: Compression,
    },
    /// A Kinesis stream.
    Kinesis {
        /// Its name or ARN.
        stream: String,
        /// Its region.
        region: Option<String>,
    },
    /// Tables of ClickHouse.
    ClickHouse(Box<ClickHouseConfig>),
    /// A file.
    File(PathBuf),
    /// Standard output.
    Stdout,
}

/// Reads the sinks.
pub(super) fn read(sections: &[Section<'_>]) -> Vec<SinkConfig> {
    let mut names = BTreeSet::new();
    let mut sinks = Vec::new();
    for section in sections {
        let name = section.name("sink", "write `name = \"backend\"`", &mut names);
        sinks.extend(sink(section, name));
    }
    sinks
}

fn sink(section: &Section<'_>, name: Option<String>) -> Option<SinkConfig> {
    let signals = section.get("signals").and_then(|item| signals(&item));
    let (traces, metrics) = signals.unwrap_or((true, false));
    let kind = kind(section, traces, metrics);
    let critical = section.bool("critical").unwrap_or(true);
    let give_up_after = section.duration("give_up_after", SECOND..=86_400 * SECOND);
    if critical && let Some(item) = section.get("give_up_after") {
        item.fault(
            "is set, but a critical sink never gives up",
            "remove it, or write `critical = false`",
        );
    }
    for name in ["filter", "sample_rate", "clean"] {
        if !traces && let Some(item) = section.get(name) {
            item.fault(
                "applies to spans, but the sink does not receive spans",
                "remove it, or write `signals = [\"traces\", \"metrics\"]`",
            );
        }
    }
    let size = |name, least| {
        let size = section.size(name, least..=1 << 30)?;
        usize::try_from(size).ok()
    };
    Some(SinkConfig {
        timeout: section.duration("timeout", SECOND..=600 * SECOND),
        max_request: size("max_request", 16 << 10),
        max_rows: section
            .integer("max_rows", 1..=1_000_000)
            .and_then(|rows| usize::try_from(rows).ok()),
        linger: section.duration("linger", Duration::ZERO..=60 * SECOND),
        queue: size("queue", 1 << 20),
        give_up_after,
        filter: section.get("filter").and_then(|item| filter(&item)),
        sample_rate: section.bool("sample_rate").unwrap_or(false),
        clean: clean::read(&section.section(&clean::SINK_CLEAN)),
        traces,
        metrics,
        critical,
        name: name?,
        kind: kind?,
    })
}

fn filter(item: &Item<'_>) -> Option<Condition> {
    let condition = condition::read_any(item, Test::Trace)?;
    let rule = Rule::keep("filter", condition.clone());
    if let Err(faults) = Rules::builder().rule(rule).build() {
        for fault in faults.iter() {
            // The problem already includes the remedy.
            item.fault(fault.problem(), "");
        }
    }
    Some(condition)
}

fn signals(item: &Item<'_>) -> Option<(bool, bool)> {
    let names = item.texts()?;
    let unknown = names
        .iter()
        .find(|name| !["traces", "metrics"].contains(&name.as_str()));
    if unknown.is_some() || names.is_empty() {
        item.fault(
            "must contain `traces` or `metrics`",
            "write `signals = [\"traces\", \"metrics\"]`",
        );
        return None;
    }
    let has = |wanted| names.iter().any(|name| name == wanted);
    Some((has("traces"), has("metrics")))
}

const HTTP: &[&str] = &[
    "endpoint",
    "traces_endpoint",
    "metrics_endpoint",
    "headers",
    "compression",
];
const GRPC: &[&str] = &["endpoint", "headers", "compression"];
const KINESIS: &[&str] = &["stream", "region"];
/// The keys that only some kinds of sinks have.
const OF_KINDS: &[&str] = &[
    "endpoint",
    "traces_endpoint",
    "metrics_endpoint",
    "headers",
    "compression",
    "stream",
    "region",
    "path",
    "url",
    "database",
    "user",
    "password",
    "create_schema",
    "ttl_days",
    "replacing",
    "faas_columns",
    "text_indexes",
    "async_insert",
    "max_rows",
];

fn kind(section: &Section<'_>, traces: bool, metrics: bool) -> Option<SinkKind> {
    let kinds = [
        ("otlp_http", HTTP),
        ("otlp_grpc", GRPC),
        ("kinesis", KINESIS),
        ("clickhouse", clickhouse::OF_TYPE),
        ("file", &["path"]),
        ("stdout", &[]),
    ];
    section.required("type", "write `type = \"otlp_http\"`")?;
    let allowed = section.choice("type", &kinds)?;
    let text = section.text("type")?;
    for name in OF_KINDS.iter().filter(|name| !allowed.contains(name)) {
        if let Some(item) = section.get(name) {
            let problem = format!("is set, but a sink of type {text:?} does not have it");
            item.fault(&problem, "remove it, or change the type");
        }
    }
    let compression = section
        .get("compression")
        .and_then(|item| compression::read(&item));
    match text.as_str() {
        "otlp_http" => otlp_http(
            section,
            traces,
            metrics,
            compression.unwrap_or(Compression::Gzip),
        ),
        "otlp_grpc" => {
            let remedy = "write `endpoint = \"https://host:4317\"`";
            Some(SinkKind::OtlpGrpc {
                endpoint: http::url(&section.required("endpoint", remedy)?)?,
                headers: Headers::read(section),
                compression: compression.unwrap_or(Compression::Gzip),
            })
        }
        "kinesis" => {
            let stream = section.required("stream", "write `stream = \"kept-spans\"`")?;
            let name = stream.filled()?;
            let region = section.filled("region");
            Some(SinkKind::Kinesis {
                region: stream::region(&stream, &name, region),
                stream: name,
            })
        }
        "clickhouse" => {
            let compression = compression.unwrap_or(Compression::Gzip);
            let config = clickhouse::read(section, compression)?;
            Some(SinkKind::ClickHouse(Box::new(config)))
        }
        "file" => {
            let path = section.required("path", "write `path = \"/var/log/spans.jsonl\"`")?;
            Some(SinkKind::File(path.filled()?.into()))
        }
        _ => Some(SinkKind::Stdout),
    }
}

fn otlp_http(
    section: &Section<'_>,
    traces: bool,
    metrics: bool,
    compression: Compression,
) -> Option<SinkKind> {
    let base = section.get("endpoint").and_then(|item| http::base(&item));
    let headers = Headers::read(section);
    let of = |name: &str, wanted: bool, path: &str| {
        if let Some(item) = section.get(name) {
            return http::url(&item);
        }
        if let Some(base) = &base {
            return Some(format!("{base}{path}"));
        }
        if wanted && section.get("endpoint").is_none() {
            section.required("endpoint", "write `endpoint = \"https://host:4318\"`");
        }
        (!wanted).then(String::new)
    };
    let traces = of("traces_endpoint", traces, "/v1/traces");
    let metrics = of("metrics_endpoint", metrics, "/v1/metrics");
    let (mut traces, mut metrics) = (traces?, metrics?);
    // The URL of a signal that the sink does not receive is not used, and need not be valid.
    if traces.is_empty() {
        traces.clone_from(&metrics);
    }
    if metrics.is_empty() {
        metrics.clone_from(&traces);
    }
    Some(SinkKind::OtlpHttp {
        traces,
        metrics,
        headers,
        compression,
    })
}
