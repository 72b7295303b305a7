//! OTLP over gRPC.

use crate::environment::{Endpoint as OtlpEndpoint, Environment};
use crate::failure::Explained;
use lamplight_export::ExporterSink;
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig, WithTonicConfig};
use std::error::Error;
use std::time::Duration;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

/// How long a connection may be silent while it owes an answer, before it is asked whether it is
/// still there, and then again before it is given up. A network forgets connections while a function
/// is frozen, and tells nobody.
const SILENCE: Duration = Duration::from_millis(500);

/// Returns an exporter on the current runtime, whose connection is opened by the first export.
pub(crate) fn sink(
    environment: &Environment<'_>,
) -> Result<ExporterSink<Explained<SpanExporter>>, Box<dyn Error>> {
    Ok(ExporterSink::new(exporter(environment)?))
}

fn exporter(environment: &Environment<'_>) -> Result<Explained<SpanExporter>, Box<dyn Error>> {
    // The channel spawns a task at once.
    tokio::runtime::Handle::try_current().map_err(
        |_| "OTLP over gRPC has to be set up in a tokio runtime, such as #[tokio::main]",
    )?;
    let endpoint = environment.otlp_grpc_endpoint()?;
    let timeout = environment.otlp_timeout();
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_channel(channel(&endpoint, timeout)?)
        .with_timeout(timeout)
        // What fails is tried again in the next window. Pauses in this one would be billed.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    Ok(Explained::new(exporter, endpoint))
}

fn channel(endpoint: &OtlpEndpoint, timeout: Duration) -> Result<Channel, Box<dyn Error>> {
    let url = endpoint.url();
    let mut channel = Endpoint::from_shared(url.to_owned())?
        .connect_timeout(timeout)
        .timeout(timeout)
        .http2_keep_alive_interval(SILENCE)
        .keep_alive_timeout(SILENCE);
    if url.starts_with("https:") {
        // TLS by rustls on ring: the cryptography with the cheap first handshake.
        channel = channel.tls_config(ClientTlsConfig::new().with_native_roots())?;
    }
    Ok(channel.connect_lazy())
}

#[cfg(test)]
#[path = "otlp_grpc_tests.rs"]
mod tests;
