//! OTLP over gRPC.

use crate::environment::Environment;
use lamplight_export::ExporterSink;
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithTonicConfig};
use std::error::Error;
use std::time::Duration;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

const DEFAULT_ENDPOINT: &str = "http://localhost:4317";

/// How long a connection may be silent while it owes an answer, before it is asked whether it is
/// still there, and then again before it is given up. A network forgets connections while a function
/// is frozen, and tells nobody.
const SILENCE: Duration = Duration::from_millis(500);

/// An exporter on the current runtime, whose connection is opened by the first export.
pub(crate) fn sink(
    environment: &Environment<'_>,
) -> Result<ExporterSink<SpanExporter>, Box<dyn Error>> {
    // The channel spawns a task at once.
    tokio::runtime::Handle::try_current().map_err(
        |_| "OTLP over gRPC has to be set up in a tokio runtime, such as #[tokio::main]",
    )?;
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_channel(channel(environment)?)
        // What fails is tried again in the next window. Pauses in this one would be billed.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    Ok(ExporterSink::new(exporter))
}

fn channel(environment: &Environment<'_>) -> Result<Channel, Box<dyn Error>> {
    let timeout = environment.otlp_timeout();
    let uri = uri(environment);
    let mut endpoint = Endpoint::from_shared(uri.clone())
        .map_err(|error| format!("{uri:?} is no endpoint: {error}"))?
        .connect_timeout(timeout)
        .timeout(timeout)
        .http2_keep_alive_interval(SILENCE)
        .keep_alive_timeout(SILENCE);
    if uri.starts_with("https:") {
        // TLS by rustls on ring: the cryptography with the cheap first handshake.
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?;
    }
    Ok(endpoint.connect_lazy())
}

/// The endpoint, with a scheme: that of the endpoint itself, else what `INSECURE` says.
fn uri(environment: &Environment<'_>) -> String {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| environment.get(name));
    let endpoint = first([
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]);
    let endpoint = endpoint.unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
    if endpoint.contains("://") {
        return endpoint;
    }
    let insecure = first([
        "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
        "OTEL_EXPORTER_OTLP_INSECURE",
    ]);
    match insecure.is_some_and(|insecure| insecure.eq_ignore_ascii_case("true")) {
        true => format!("http://{endpoint}"),
        false => format!("https://{endpoint}"),
    }
}

#[cfg(test)]
#[path = "otlp_grpc_tests.rs"]
mod tests;
