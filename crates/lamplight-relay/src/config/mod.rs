//! The configuration: `relay.toml`, read into a typed [`Config`].
//!
//! All faults are reported at once, each with its place, its key and a remedy:
//!
//! ```
//! use lamplight_relay::config::Config;
//!
//! let text = r#"
//! [sampling]
//! decision_wiat = "30 s"
//! max_wait = 300
//!
//! [[sink]]
//! name = "local"
//! type = "stdout"
//! "#;
//! let error = Config::read("relay.toml", text, &|_| None).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "relay.toml:3:1: sampling.decision_wiat: is not a key of the relay; did you mean `decision_wait`?\n\
//!      relay.toml:4:12: sampling.max_wait: is an integer, but must be a duration; \
//!      write a number and ms, s, min, h or d, such as \"30 s\""
//! );
//! ```
//!
//! [`reference()`] returns a description of all keys, as Markdown.

mod clean;
mod clickhouse;
mod compression;
mod condition;
mod condition_keys;
mod dead_letters;
mod document;
mod environment;
mod fault;
mod http;
mod item;
mod keys;
mod metrics;
mod place;
mod rules;
mod sampling;
mod section;
mod sink_keys;
mod sinks;
mod source;
pub(crate) mod stream;
mod units;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

pub use self::{
    clean::{CleanConfig, Salt},
    clickhouse::{ClickHouseConfig, Password},
    compression::Compression,
    condition::SpanTest,
    dead_letters::DeadLettersConfig,
    fault::{ConfigError, Fault},
    http::Headers,
    metrics::{MetricsConfig, TelemetryConfig},
    place::{CONFIG_VARIABLE, find, find_for_batches},
    sampling::SamplingConfig,
    sinks::{SinkConfig, SinkKind},
    source::{Checkpoints, SourceConfig, Start},
};
use self::{
    document::Document,
    keys::{Table, key},
};
use crate::rules::Rule;

static ROOT: Table = Table {
    name: "",
    about: "The tables.",
    list: false,
    open: false,
    keys: &[
        key("source", "table", "none", "The streams to read."),
        key(
            "sampling",
            "table",
            "defaults",
            "Waits and limits of undecided traces.",
        ),
        key(
            "rule",
            "tables",
            "every trace is kept",
            "The sampling rules.",
        ),
        key(
            "clean",
            "table",
            "no changes",
            "Changes to spans before delivery.",
        ),
        key(
            "metrics",
            "table",
            "no metrics",
            "Metrics of all spans, kept or not.",
        ),
        key(
            "sink",
            "tables",
            "required",
            "The destinations of spans and metrics.",
        ),
        key(
            "dead_letters",
            "table",
            "the log",
            "The destination of data that cannot be delivered.",
        ),
        key(
            "telemetry",
            "table",
            "defaults",
            "The relay's own telemetry.",
        ),
    ],
};

/// The tables, in the order of their reference.
static TABLES: &[&Table] = &[
    &ROOT,
    &source::SOURCE,
    &source::CHECKPOINTS,
    &sampling::SAMPLING,
    &rules::RULE,
    &rules::ADAPTIVE,
    &condition_keys::CONDITION,
    &clean::CLEAN,
    &clean::ATTRIBUTES,
    &clean::RESOURCE,
    &metrics::METRICS,
    &sink_keys::SINK,
    &dead_letters::DEAD_LETTERS,
    &metrics::TELEMETRY,
];

/// A valid configuration.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The streams to read, for a relay that reads by itself.
    pub source: Option<SourceConfig>,
    /// Waits and limits of undecided traces.
    pub sampling: SamplingConfig,
    /// The sampling rules.
    pub rules: Vec<Rule>,
    /// Changes to spans before delivery.
    pub clean: CleanConfig,
    /// Metrics of all spans, if configured.
    pub metrics: Option<MetricsConfig>,
    /// The destinations of spans and metrics.
    pub sinks: Vec<SinkConfig>,
    /// The destination of data that cannot be delivered; `None` for the log.
    pub dead_letters: Option<DeadLettersConfig>,
    /// The relay's own telemetry.
    pub telemetry: TelemetryConfig,
}

impl Config {
    /// Reads a configuration. Fault messages call it `name`. `variable` returns the value of an
    /// environment variable, for each `${NAME}` in the text.
    ///
    /// # Errors
    ///
    /// Returns all faults of the text at once.
    pub fn read(
        name: &str,
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        Self::read_part(name, text, variable, true)
    }

    /// Reads the configuration of a relay that receives its records from its caller. Works like
    /// [`read`](Self::read), but ignores `[source]`, whose variables need not be set.
    ///
    /// # Errors
    ///
    /// Returns all faults of the text at once.
    pub fn read_for_batches(
        name: &str,
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        Self::read_part(name, text, variable, false)
    }

    fn read_part(
        name: &str,
        text: &str,
        variable: &dyn Fn(&str) -> Option<String>,
        has_source: bool,
    ) -> Result<Self, ConfigError> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut table = table.into_inner();
        if !has_source {
            table.remove(source::SOURCE.name);
        }
        let attempt = |is_each_regex_checked: bool| {
            let document = Document::new(text, variable, is_each_regex_checked);
            for error in &errors {
                let at = error.span().map_or(text.len(), |span| span.start);
                let remedy = "see https://toml.io for the syntax";
                document.fault(at, "", format!("is not TOML: {}", error.message()), remedy);
            }
            let config = Self::of(&document, &table);
            let faults = document.into_faults();
            match config {
                Some(config) if faults.0.is_empty() => Ok(config),
                _ => Err(ConfigError::new(name, faults)),
            }
        };
        attempt(false).or_else(|_| attempt(true))
    }

    fn of<'d>(document: &'d Document<'d>, root: &'d DeTable<'d>) -> Option<Self> {
        document.whole(root, &ROOT);
        let metrics = metrics::read(&document.section(root, &metrics::METRICS));
        let sections = document.sections(root, &sink_keys::SINK);
        let sinks = sinks::read(&sections);
        let is_left_out = match root.get(sink_keys::SINK.name).map(Spanned::get_ref) {
            None => true,
            Some(DeValue::Array(sinks)) => sinks.is_empty(),
            Some(_) => false,
        };
        if is_left_out {
            let remedy = "add `[[sink]]`, and below it `name = \"backend\"`, `type = \
            \"otlp_http\"` and \
                          `endpoint = \"https://host:4318\"`";
            document.fault(0, "", "there is no sink".to_owned(), remedy);
        }
        if metrics.is_some()
            && sinks.len() == sections.len()
            && !sinks.iter().any(|sink| sink.metrics)
        {
            document.section(root, &metrics::METRICS).fault(
                "metrics are made, but no sink receives them",
                "write `signals = [\"traces\", \"metrics\"]` for a sink",
            );
        }
        let telemetry = metrics::telemetry(&document.section(root, &metrics::TELEMETRY));
        for (sink, section) in sinks.iter().zip(&sections) {
            if sinks.len() == sections.len()
                && !sink.traces
                && metrics.is_none()
                && !telemetry.metrics
            {
                section.fault(
                    "receives only metrics, but none are made",
                    "write `[metrics]`, or `metrics = true` in `[telemetry]`",
                );
            }
        }
        Some(Self {
            source: source::read(&document.section(root, &source::SOURCE)),
            sampling: sampling::read(&document.section(root, &sampling::SAMPLING)),
            rules: rules::read(&document.sections(root, &rules::RULE)),
            clean: clean::read(&document.section(root, &clean::CLEAN)),
            dead_letters: dead_letters::read(&document.section(root, &dead_letters::DEAD_LETTERS)),
            telemetry,
            metrics,
            sinks,
        })
    }
}

/// The syntax of values.
const FORMS: &str = "The file is [TOML](https://toml.io). `lamplight-relay --check` reports all faults at once, each with its \
line, key and remedy, and so does a relay at its start; unknown keys are faults.

| form | syntax |
|---|---|
| duration | `\"250 ms\"`, `\"30 s\"`, `\"5 min\"`, `\"1.5 h\"`, `\"7 d\"` |
| size | `\"800 B\"`, `\"500 kB\"`, `\"64 MiB\"`, `\"1 GB\"` |
| share | `\"10 %\"`, or `0.1` |
| strings | `[\"one\", \"two\"]`; a single string needs no brackets |
| regular expression | the syntax of [Rust's regex](https://docs.rs/regex/latest/regex/#syntax); it matches anywhere unless anchored with `^` and `$`; best written between `'`, where `\\` needs no escape |
| string with variables | `\"${NAME}\"` is an environment variable, which must be set and not empty; `$${` is a literal `${` |";

/// Returns the reference of all keys, as Markdown.
pub fn reference() -> String {
    let mut text = format!("{FORMS}\n\n");
    for table in TABLES {
        table.write(&mut text);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
