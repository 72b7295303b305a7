//! Construction of a relay from a configuration.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    builder::{Relay, RelayBuilder},
    setup::{Filter, Lane},
};
use crate::{
    clean::Cleaner,
    config::{
        ClickHouseConfig, Config, DeadLettersConfig, MetricsConfig, SamplingConfig, SinkConfig,
        SinkKind,
    },
    engine, metrics,
    sink::{
        DeadLetters, FileDeadLetters, FileSink, Sink, SinkSettings, StdoutDeadLetters, StdoutSink,
    },
};

/// The error of a configuration that is valid but describes a relay that cannot be built: the
/// problem of each sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssembleError(Vec<String>);

impl fmt::Display for AssembleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for AssembleError {}

impl Relay {
    /// Returns the relay of a configuration, without a source.
    ///
    /// # Errors
    ///
    /// Returns an error if a sink cannot be built as configured, or if this build does not support
    /// its kind. Covers all such sinks at once.
    pub fn of_config(config: &Config) -> Result<RelayBuilder, AssembleError> {
        let mut errors = Vec::new();
        let mut builder = Self::builder()
            .rules(config.rules.iter().cloned())
            .sampling(sampling(&config.sampling))
            .clean(config.clean.builder())
            .telemetry(config.telemetry.interval, config.telemetry.metrics);
        if let Some(metrics) = &config.metrics {
            builder = builder.metrics(measured(metrics));
        }
        if let Some(source) = &config.source {
            builder = builder.checkpoint_interval(source.checkpoint_interval);
        }
        for sink in &config.sinks {
            match (destination(sink), lane(sink)) {
                (Ok(destination), Ok(lane)) => {
                    builder = builder.sink(destination, settings(sink), lane);
                }
                (destination, lane) => {
                    let why = destination.err().into_iter().chain(lane.err());
                    errors.extend(why.map(|why| format!("the sink {}: {why}", sink.name)));
                }
            }
        }
        match config.dead_letters.as_ref().map(dead_letters).transpose() {
            Ok(letters) => {
                if let Some(letters) = letters {
                    builder = builder.dead_letters(letters);
                }
            }
            Err(why) => errors.push(format!("dead letters: {why}")),
        }
        match errors.is_empty() {
            true => Ok(builder),
            false => Err(AssembleError(errors)),
        }
    }
}

fn sampling(config: &SamplingConfig) -> engine::Settings {
    let default = engine::Settings::default();
    let decision_wait = config.decision_wait.unwrap_or(default.decision_wait);
    engine::Settings {
        decision_wait,
        wait_after_root: config.wait_after_root,
        // The wait for a root is at least as long as the wait of a trace without one.
        max_wait: config.max_wait.unwrap_or(decision_wait),
        late_window: config.late_window.unwrap_or(default.late_window),
        max_bytes: config.max_bytes.unwrap_or(default.max_bytes),
        max_trace_bytes: config.max_trace_bytes.unwrap_or(default.max_trace_bytes),
        max_trace_spans: config.max_trace_spans.unwrap_or(default.max_trace_spans),
        ..default
    }
}

fn measured(config: &MetricsConfig) -> metrics::Settings {
    let default = metrics::Settings::default();
    metrics::Settings {
        window: Some(config.window),
        attributes: config.dimensions.clone(),
        max_series: config.max_series.unwrap_or(default.max_series),
        spans: config.spans,
        invocations: config.faas,
        ..default
    }
}

fn settings(config: &SinkConfig) -> SinkSettings {
    let mut default = match config.critical {
        true => SinkSettings::default(),
        false => SinkSettings::best_effort(),
    };
    if matches!(config.kind, SinkKind::ClickHouse(_)) {
        // Tables take few large blocks faster than many small ones.
        default.max_request_bytes = 16 << 20;
        default.max_request_items = 5_000;
        default.linger = Duration::from_secs(1);
    }
    SinkSettings {
        timeout: config.timeout.unwrap_or(default.timeout),
        max_request_bytes: config.max_request.unwrap_or(default.max_request_bytes),
        max_request_items: config.max_rows.unwrap_or(default.max_request_items),
        linger: config.linger.unwrap_or(default.linger),
        queue_bytes: config.queue.unwrap_or(default.queue_bytes),
        give_up_after: config.give_up_after.unwrap_or(default.give_up_after),
        ..default
    }
}

fn lane(config: &SinkConfig) -> Result<Lane, String> {
    let mut lane = Lane::all();
    lane.traces = config.traces;
    lane.metrics = config.metrics;
    if let Some(condition) = &config.filter {
        let filter = Filter::new(condition.clone()).map_err(|faults| faults.to_string())?;
        lane.filter = Some(filter);
    }
    if config.sample_rate || !config.clean.is_empty() {
        // Spans are already marked when a sink receives them.
        let mut builder = config.clean.builder().marks(false);
        if config.sample_rate {
            builder = builder.sample_rate("SampleRate");
        }
        lane.refine = Some(build(builder)?);
    }
    Ok(lane)
}

fn build(builder: crate::clean::CleanerBuilder) -> Result<Cleaner, String> {
    builder.build().map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        errors.join("; ")
    })
}

fn destination(config: &SinkConfig) -> Result<Arc<dyn Sink>, String> {
    let name = config.name.as_str();
    match &config.kind {
        SinkKind::File(path) => Ok(Arc::new(FileSink::new(name, path))),
        SinkKind::Stdout => Ok(Arc::new(StdoutSink::new(name))),
        SinkKind::OtlpHttp { .. } | SinkKind::OtlpGrpc { .. } => otlp(config),
        SinkKind::Kinesis { .. } => kinesis(config),
        SinkKind::ClickHouse(of_it) => clickhouse(config, of_it),
    }
}

#[cfg(feature = "otlp")]
fn otlp(config: &SinkConfig) -> Result<Arc<dyn Sink>, String> {
    use crate::sink::{OtlpSink, Protocol};

    let (mut builder, headers, compression) = match &config.kind {
        SinkKind::OtlpHttp {
            traces,
            metrics,
            headers,
            compression,
        } => {
            let builder = OtlpSink::builder(&config.name, Protocol::Http, traces)
                .with_traces_url(traces)
                .with_metrics_url(metrics);
            (builder, headers, compression)
        }
        SinkKind::OtlpGrpc {
            endpoint,
            headers,
            compression,
        } => {
            let builder = OtlpSink::builder(&config.name, Protocol::Grpc, endpoint);
            (builder, headers, compression)
        }
        _ => return Err("is not an OTLP endpoint".to_owned()),
    };
    for (name, value) in headers.iter() {
        builder = builder.with_header(name, value);
    }
    builder = builder
        .with_compression(compressed(*compression)?)
        .with_timeout(settings(config).timeout);
    let sink = builder.build().map_err(|error| error.to_string())?;
    Ok(Arc::new(sink))
}

#[cfg(feature = "otlp")]
fn compressed(wanted: crate::config::Compression) -> Result<crate::sink::Compression, String> {
    use crate::{config::Compression as Wanted, sink::Compression};

    match wanted {
        Wanted::None => Ok(Compression::None),
        Wanted::Gzip => Ok(Compression::Gzip),
        #[cfg(feature = "zstd")]
        Wanted::Zstd => Ok(Compression::Zstd),
        #[cfg(not(feature = "zstd"))]
        Wanted::Zstd => Err(missing("compression with zstd", "zstd")),
    }
}

#[cfg(not(feature = "otlp"))]
fn otlp(_: &SinkConfig) -> Result<Arc<dyn Sink>, String> {
    Err(missing("OTLP", "otlp"))
}

#[cfg(feature = "kinesis")]
fn kinesis(config: &SinkConfig) -> Result<Arc<dyn Sink>, String> {
    use crate::sink::KinesisSink;

    match &config.kind {
        SinkKind::Kinesis { stream, region } => {
            let sink = KinesisSink::with_config(
                &config.name,
                stream,
                &super::aws::config(region.as_deref(), None),
            );
            Ok(Arc::new(sink))
        }
        _ => Err("is not a stream".to_owned()),
    }
}

#[cfg(not(feature = "kinesis"))]
fn kinesis(_: &SinkConfig) -> Result<Arc<dyn Sink>, String> {
    Err(missing("Kinesis streams", "kinesis"))
}

#[cfg(feature = "clickhouse")]
fn clickhouse(config: &SinkConfig, of_it: &ClickHouseConfig) -> Result<Arc<dyn Sink>, String> {
    let mut builder = crate::sink::ClickHouseSink::builder(&config.name, &of_it.url)
        .with_database(&of_it.database)
        .with_user(&of_it.user)
        .with_timeout(settings(config).timeout)
        .with_compression(compressed(of_it.compression)?);
    if let Some(password) = &of_it.password {
        builder = builder.with_password(password.reveal());
    }
    if of_it.create_schema {
        builder = builder.with_schema(of_it.schema());
    }
    if of_it.async_insert {
        builder = builder.with_async_insert();
    }
    let sink = builder.build().map_err(|error| error.to_string())?;
    Ok(Arc::new(sink))
}

#[cfg(not(feature = "clickhouse"))]
fn clickhouse(_: &SinkConfig, _: &ClickHouseConfig) -> Result<Arc<dyn Sink>, String> {
    Err(missing("ClickHouse", "clickhouse"))
}

fn dead_letters(config: &DeadLettersConfig) -> Result<Arc<dyn DeadLetters>, String> {
    match config {
        DeadLettersConfig::Stdout => Ok(Arc::new(StdoutDeadLetters)),
        DeadLettersConfig::File { path, max_size } => {
            Ok(Arc::new(FileDeadLetters::new(path, *max_size)))
        }
        #[cfg(feature = "dead-letters-s3")]
        DeadLettersConfig::S3 {
            bucket,
            prefix,
            region,
        } => Ok(Arc::new(crate::sink::S3DeadLetters::with_config(
            bucket,
            prefix,
            &super::aws::config(region.as_deref(), None),
        ))),
        #[cfg(not(feature = "dead-letters-s3"))]
        DeadLettersConfig::S3 { .. } => Err(missing("dead letters in S3", "dead-letters-s3")),
        #[cfg(feature = "dead-letters-sqs")]
        DeadLettersConfig::Sqs { queue_url, region } => {
            Ok(Arc::new(crate::sink::SqsDeadLetters::with_config(
                queue_url,
                &super::aws::config(region.as_deref(), None),
            )))
        }
        #[cfg(not(feature = "dead-letters-sqs"))]
        DeadLettersConfig::Sqs { .. } => Err(missing("dead letters in SQS", "dead-letters-sqs")),
    }
}

#[allow(dead_code, reason = "for a part that is missing from this build")]
fn missing(what: &str, feature: &str) -> String {
    format!("this build of the relay has no {what}: build it with the feature `{feature}`")
}
