//! `[metrics]`: metrics of all spans; `[telemetry]`: the relay's own telemetry.

use std::time::Duration;

use crate::config::{
    keys::{Key, Table, key},
    section::Section,
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) static METRICS: Table = Table {
    name: "metrics",
    about: "Metrics of all spans, kept or not: calls, errors and durations. They go to the sinks \
    whose `signals` include `metrics`.",
    list: false,
    open: false,
    keys: KEYS,
};

const KEYS: &[Key] = &[
    key(
        "dimensions",
        "strings",
        "none",
        "Attributes of spans or resources to add to metrics, besides the name of the service, and \
        name, kind and status of the span.",
    ),
    key(
        "window",
        "duration",
        "`\"60 s\"`",
        "Stream time covered by a data point. For the function behind an event source mapping, it \
        is that of a batch.",
    ),
    key(
        "max_series",
        "number",
        "`2000`",
        "Maximum number of series per window; the others are combined in one with \
        `otel.metric.overflow`.",
    ),
    key(
        "spans",
        "bool",
        "`true`",
        "Enables metrics of calls and durations of spans.",
    ),
    key(
        "faas",
        "bool",
        "`true`",
        "Enables metrics of invocations, errors, timeouts, cold starts and durations of functions.",
    ),
];

pub(super) static TELEMETRY: Table = Table {
    name: "telemetry",
    about: "The relay's own telemetry: metrics for the sinks that receive metrics, and a log line. \
    Functions report when they run: the scheduled one at the end of each run, the one behind an \
    event source mapping at the end of the first batch after each interval, with its metrics in \
    the next batch. Regardless of the interval, the latter logs each batch of which a sink \
    dropped data.",
    list: false,
    open: false,
    keys: &[
        key(
            "interval",
            "duration",
            "`\"1 min\"`",
            "The reporting interval.",
        ),
        key(
            "metrics",
            "bool",
            "`true`",
            "Enables metrics about the relay for the sinks.",
        ),
        key(
            "log_level",
            "`\"error\"`, `\"warn\"`, `\"info\"` or `\"debug\"`",
            "`\"info\"`",
            "The log level. `OTEL_LOG_LEVEL` takes precedence.",
        ),
    ],
};

/// Metrics of all spans.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricsConfig {
    /// Attributes that become attributes of the metrics.
    pub dimensions: Vec<String>,
    /// Stream time covered by a data point.
    pub window: Duration,
    /// Maximum number of series per window.
    pub max_series: Option<usize>,
    /// True if span metrics are made.
    pub spans: bool,
    /// True if function (FaaS) metrics are made.
    pub faas: bool,
}

/// The relay's own telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TelemetryConfig {
    /// The reporting interval.
    pub interval: Duration,
    /// True if the relay sends metrics about itself to the sinks.
    pub metrics: bool,
    /// The least severe level that is logged.
    pub log_level: tracing::Level,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            interval: 60 * SECOND,
            metrics: true,
            log_level: tracing::Level::INFO,
        }
    }
}

/// Reads `[metrics]`, if present.
pub(super) fn read(section: &Section<'_>) -> Option<MetricsConfig> {
    if !section.is_there() {
        return None;
    }
    let config = MetricsConfig {
        dimensions: section.texts("dimensions").unwrap_or_default(),
        window: section
            .duration("window", SECOND..=3600 * SECOND)
            .unwrap_or(60 * SECOND),
        max_series: section
            .integer("max_series", 1..=1_000_000)
            .map(|series| series as usize),
        spans: section.bool("spans").unwrap_or(true),
        faas: section.bool("faas").unwrap_or(true),
    };
    if !config.window.as_millis().is_multiple_of(1000)
        && let Some(item) = section.get("window")
    {
        item.fault("is not a whole number of seconds", "write whole seconds");
    }
    Some(config)
}

/// Reads `[telemetry]`.
pub(super) fn telemetry(section: &Section<'_>) -> TelemetryConfig {
    let defaults = TelemetryConfig::default();
    let levels = [
        ("error", tracing::Level::ERROR),
        ("warn", tracing::Level::WARN),
        ("info", tracing::Level::INFO),
        ("debug", tracing::Level::DEBUG),
    ];
    TelemetryConfig {
        interval: section
            .duration("interval", SECOND..=3600 * SECOND)
            .unwrap_or(defaults.interval),
        metrics: section.bool("metrics").unwrap_or(defaults.metrics),
        log_level: section
            .choice("log_level", &levels)
            .unwrap_or(defaults.log_level),
    }
}
