//! The exporter configured by the environment.

use lamplight_export::{ConsoleExporter, ExporterSink, SpanQueue, SpanQueueBuilder};
use lamplight_internal::diagnostics::warn_once;

use crate::environment::{Environment, ExporterName};

/// The name from `lamplight_kinesis`, which may not be compiled in.
pub(crate) const LAMPLIGHT_KINESIS_STREAM: &str = "LAMPLIGHT_KINESIS_STREAM";

/// Returns a queue for the configured exporter; `None` if spans are not exported.
pub(crate) fn from_environment(environment: &Environment<'_>) -> Option<SpanQueueBuilder> {
    let stream = environment.get(LAMPLIGHT_KINESIS_STREAM);
    match environment.exporter(stream.is_some()) {
        ExporterName::Kinesis => kinesis(environment, stream),
        ExporterName::Otlp => otlp(environment),
        ExporterName::Console => Some(SpanQueue::builder(ExporterSink::new(
            ConsoleExporter::default(),
        ))),
        ExporterName::None => None,
    }
}

#[cfg(feature = "exporter-kinesis")]
fn kinesis(environment: &Environment<'_>, stream: Option<String>) -> Option<SpanQueueBuilder> {
    use lamplight_kinesis::{
        KinesisExporter, LAMPLIGHT_KINESIS_COMPRESSION, LAMPLIGHT_KINESIS_FALLBACK,
    };

    let Some(stream) = stream else {
        warn_once(LAMPLIGHT_KINESIS_STREAM, || {
            format!(
                "spans are not exported: set {LAMPLIGHT_KINESIS_STREAM} to the name or ARN of the \
                 Kinesis stream"
            )
        });
        return None;
    };
    let mut builder = KinesisExporter::builder(stream);
    if let Some(compression) = environment.parse(LAMPLIGHT_KINESIS_COMPRESSION) {
        builder = builder.with_compression(compression);
    }
    let fallbacks = [("stdout", true), ("none", false)];
    if let Some(enabled) = environment.choice(LAMPLIGHT_KINESIS_FALLBACK, &fallbacks) {
        builder = builder.with_stdout_fallback(enabled);
    }
    let exporter = builder.build();
    // Runs concurrently with the function's own initialization and never delays it.
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let exporter = exporter.clone();
        runtime.spawn(async move { exporter.warm_up().await });
    }
    Some(SpanQueue::builder(exporter))
}

#[cfg(not(feature = "exporter-kinesis"))]
fn kinesis(_: &Environment<'_>, _: Option<String>) -> Option<SpanQueueBuilder> {
    missing_feature("kinesis", "exporter-kinesis")
}

/// Returns a queue for the OTLP endpoint of the environment.
#[cfg(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc"))]
pub(crate) fn otlp(environment: &Environment<'_>) -> Option<SpanQueueBuilder> {
    match crate::otlp::sink(environment) {
        Ok(sink) => Some(SpanQueue::builder(sink)),
        Err(error) => {
            warn_once("otlp-not-configured", || {
                format!("spans are not exported: {error}")
            });
            None
        }
    }
}

#[cfg(not(any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc")))]
fn otlp(_: &Environment<'_>) -> Option<SpanQueueBuilder> {
    missing_feature("otlp", "exporter-otlp-http` or `exporter-otlp-grpc")
}

#[cfg(not(all(
    feature = "exporter-kinesis",
    any(feature = "exporter-otlp-http", feature = "exporter-otlp-grpc")
)))]
fn missing_feature(name: &str, feature: &str) -> Option<SpanQueueBuilder> {
    warn_once("exporter-not-built-in", || {
        format!(
            "spans are not exported: the exporter `{name}` is not built in; enable the feature \
             `{feature}` of the crate lamplight"
        )
    });
    None
}
