//! OTLP options in code.

use std::{fmt, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::environment::Environment;

/// An OTLP endpoint, for [`TelemetryBuilder::with_otlp`](crate::TelemetryBuilder::with_otlp).
///
/// Options that are not set come from `OTEL_EXPORTER_OTLP_*`. A log line about an invalid option names the
/// variable with the same meaning.
///
/// ```
/// use lamplight::{Otlp, Telemetry};
///
/// let otlp = Otlp::new("https://otlp.example.com/v1/traces").with_header("api-key", "secret");
/// let builder = Telemetry::builder().with_otlp(otlp);
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Otlp {
    /// The options, under the names of the traces variables.
    variables: Vec<(&'static str, String)>,
}

impl Otlp {
    /// Returns an endpoint for spans: this URL unchanged, or with `grpc` its host and port. Variable:
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self::default().with("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint)
    }

    /// Sets the protocol: `http/protobuf` or `grpc`. Variable: `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL`.
    pub fn with_protocol(self, protocol: impl Into<String>) -> Self {
        self.with("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", protocol)
    }

    /// Adds a header; the first call replaces the headers of the environment. No debug output shows the
    /// value. Variable: `OTEL_EXPORTER_OTLP_TRACES_HEADERS`.
    pub fn with_header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        const HEADERS: &str = "OTEL_EXPORTER_OTLP_TRACES_HEADERS";
        let value = utf8_percent_encode(value.as_ref(), NON_ALPHANUMERIC);
        let header = format!("{}={value}", name.as_ref());
        let list = match self.get(HEADERS) {
            Some(others) => format!("{others},{header}"),
            None => header,
        };
        self.with(HEADERS, list)
    }

    /// Sets the timeout for an answer, rounded to milliseconds; zero waits as long as flushes do. Variable:
    /// `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        let millis = timeout.as_millis().to_string();
        self.with("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", millis)
    }

    /// Sets the compression of requests: `none`, `gzip`, `zstd` (features `exporter-otlp-gzip`,
    /// `exporter-otlp-zstd`). Variable: `OTEL_EXPORTER_OTLP_TRACES_COMPRESSION`.
    pub fn with_compression(self, compression: impl Into<String>) -> Self {
        self.with("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", compression)
    }

    /// Sets a PEM file with the trusted certificates, instead of the system's. Variable:
    /// `OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE`.
    pub fn with_certificate(self, path: impl Into<String>) -> Self {
        self.with("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", path)
    }

    /// Sets the client certificate and its private key, both PEM files. Variables:
    /// `OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE`, `OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY`.
    pub fn with_client_certificate(
        self,
        certificate: impl Into<String>,
        key: impl Into<String>,
    ) -> Self {
        self.with("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", certificate)
            .with("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", key)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
        self
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the result of `f` for the environment with these options applied.
    pub(crate) fn over<T>(
        &self,
        environment: &Environment<'_>,
        f: impl FnOnce(&Environment<'_>) -> T,
    ) -> T {
        let get = |name: &str| match self.get(name) {
            Some(value) => Some(value.to_owned()),
            None => environment.get(name),
        };
        f(&Environment::new(get))
    }
}

/// Shows the names of the options, but no values, some of which contain keys.
impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.variables.iter().map(|(name, _)| name);
        f.write_str("Otlp ")?;
        f.debug_list().entries(names).finish()
    }
}
