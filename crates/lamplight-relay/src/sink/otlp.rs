//! OTLP endpoints, over HTTP and gRPC.

use std::{error::Error, fmt, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use lamplight_otlp::client::{
    Answer, Compression, Failure, FailureKind, OtlpClient, Protocol, Proxy, Tls, words,
};

use super::{
    destination::{BoxFuture, Sink},
    outcome::Outcome,
    request::{Request, Signal},
};

/// Default timeout for a response.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A sink that sends OTLP as protobuf to an endpoint, with separate paths for spans and metrics.
///
/// Retryable responses are those of the [specification]: over HTTP 429, 502, 503 and 504, with
/// `Retry-After` in seconds or as a date; over gRPC `RESOURCE_EXHAUSTED` is retryable only if the
/// endpoint sends a retry delay. Redirects are not followed, responses are read up to 64 KiB, and
/// headers are never logged.
///
/// [specification]: https://opentelemetry.io/docs/specs/otlp/#failures
#[derive(Debug)]
pub struct OtlpSink {
    name: Box<str>,
    traces: OtlpClient,
    metrics: OtlpClient,
    timeout: Duration,
}

/// The error for an [`OtlpSink`] that cannot be built. It contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtlpSinkError(String);

impl fmt::Display for OtlpSinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for OtlpSinkError {}

/// Options of an [`OtlpSink`].
#[must_use = "a builder has no effect until it is built"]
pub struct OtlpSinkBuilder {
    name: Box<str>,
    protocol: Protocol,
    endpoint: String,
    traces: Option<String>,
    metrics: Option<String>,
    headers: Vec<(String, String)>,
    timeout: Duration,
    compression: Compression,
    certificates: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

/// Omits headers and URLs, which may contain secrets.
impl fmt::Debug for OtlpSinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtlpSinkBuilder")
            .field("name", &self.name)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

impl OtlpSink {
    /// Returns a builder of a sink with this name. The endpoint is a base URL such as
    /// `https://collector:4318`, to which the standard paths are added: over HTTP `/v1/traces` and
    /// `/v1/metrics`.
    pub fn builder(name: &str, protocol: Protocol, endpoint: &str) -> OtlpSinkBuilder {
        OtlpSinkBuilder {
            name: name.into(),
            protocol,
            endpoint: endpoint.to_owned(),
            traces: None,
            metrics: None,
            headers: Vec::new(),
            timeout: DEFAULT_TIMEOUT,
            compression: Compression::Gzip,
            certificates: None,
            identity: None,
        }
    }
}

impl OtlpSinkBuilder {
    /// Sets the complete URL for spans, instead of the standard path.
    pub fn with_traces_url(mut self, url: &str) -> Self {
        self.traces = Some(url.to_owned());
        self
    }

    /// Sets the complete URL for metrics, instead of the standard path.
    pub fn with_metrics_url(mut self, url: &str) -> Self {
        self.metrics = Some(url.to_owned());
        self
    }

    /// Adds a header to every request. Its value is treated as a secret and never printed.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the timeout for a response, including the connection. Default: 30 s. It takes
    /// precedence over the queue's timeout: see [`Sink::timeout`].
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the compression of requests. Default: gzip, which every endpoint must support.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the trusted certificate authorities, instead of those of the system: PEM certificates.
    pub fn with_authorities(mut self, pem: &[u8]) -> Self {
        self.certificates = Some(pem.to_owned());
        self
    }

    /// Sets the client certificate and its private key, both as PEM.
    pub fn with_identity(mut self, certificate: &[u8], key: &[u8]) -> Self {
        self.identity = Some((certificate.to_owned(), key.to_owned()));
        self
    }

    /// Returns the sink. It uses the proxy in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, and does
    /// not open a connection yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the endpoint is not a URL, a header is invalid, or certificates cannot
    /// be used.
    pub fn build(self) -> Result<OtlpSink, OtlpSinkError> {
        let client = |signal, url: &Option<String>| self.client(signal, url.as_deref());
        Ok(OtlpSink {
            traces: client(lamplight_otlp::client::Signal::Traces, &self.traces)?,
            metrics: client(lamplight_otlp::client::Signal::Metrics, &self.metrics)?,
            name: self.name,
            timeout: self.timeout,
        })
    }

    fn client(
        &self,
        signal: lamplight_otlp::client::Signal,
        url: Option<&str>,
    ) -> Result<OtlpClient, OtlpSinkError> {
        let failed = |what: &str, why: &dyn fmt::Display| {
            OtlpSinkError(format!("the sink {}: {what}: {why}", self.name))
        };
        let url = match url {
            Some(url) => url.parse(),
            None => self.protocol.url(&self.endpoint, signal),
        };
        let url = url.map_err(|error| failed("its endpoint", &error))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let header: HeaderName = name.parse().map_err(|_| {
                failed(
                    "a header",
                    &format_args!(
                        "{name:?} is not a valid header \
                name"
                    ),
                )
            })?;
            let value = HeaderValue::from_str(value).map_err(|_| {
                failed(
                    "a header",
                    &format_args!(
                        "the value of {name} is not a valid \
                header value"
                    ),
                )
            })?;
            headers.insert(header, value);
        }
        let mut tls = Tls::default();
        if let Some(pem) = &self.certificates {
            tls.set_authorities(pem)
                .map_err(|error| failed("its authorities", &error))?;
        }
        if let Some((certificate, key)) = &self.identity {
            tls.set_identity(certificate, key)
                .map_err(|error| failed("its certificate and key", &error))?;
        }
        OtlpClient::builder(self.protocol, url.clone())
            .with_headers(headers)
            .with_user_agent(concat!("Lamplight-Relay/", env!("CARGO_PKG_VERSION")))
            .with_timeout(self.timeout)
            .with_compression(self.compression)
            .with_proxy(Proxy::of_environment(&url))
            .with_tls(tls)
            .build()
            .map_err(|error| failed("its endpoint", &error))
    }
}

impl Sink for OtlpSink {
    fn name(&self) -> &str {
        &self.name
    }

    fn timeout(&self) -> Option<Duration> {
        Some(self.timeout)
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        let client = match request.signal {
            Signal::Traces => &self.traces,
            Signal::Metrics => &self.metrics,
        };
        Box::pin(async move {
            match client.send(request.message()).await.0 {
                Answer::Accepted(partial) => Outcome::Accepted {
                    rejected: usize::try_from(partial.rejected).unwrap_or(usize::MAX),
                    message: words(&client.without_secrets(&partial.error_message)),
                },
                Answer::TooLarge(failure) => Outcome::TooLarge {
                    why: why(client, &failure),
                },
                Answer::Rejected(failure) => Outcome::Rejected {
                    why: why(client, &failure),
                },
                Answer::Retryable(failure, after) => Outcome::Retryable {
                    after,
                    why: why(client, &failure),
                },
            }
        })
    }
}

/// Returns the endpoint, the failure and a remedy.
fn why(client: &OtlpClient, failure: &Failure) -> String {
    let remedy = match failure.kind() {
        FailureKind::Redirect => "; set the endpoint to the target: redirects are not followed",
        FailureKind::NotFound => "; check the path of the endpoint, and its protocol",
        FailureKind::NotOtlp => "; is this an OTLP endpoint of that protocol?",
        FailureKind::Forbidden => "; check the headers with the credentials",
        FailureKind::LongAnswer => "; the server is not an OTLP endpoint, or it is broken",
        FailureKind::Exhausted => {
            "; it is out of resources and sends no retry delay: check its \
        quota"
        }
        FailureKind::Proxy => "; check HTTPS_PROXY and NO_PROXY",
        FailureKind::Tls => "; check the scheme, and the certificates on both sides",
        FailureKind::UnknownHost => "; check the host, and whether the network resolves names",
        FailureKind::Refused => "; nothing listens there: check host and port",
        _ => "",
    };
    format!("{}: {failure}{remedy}", client.shown_url())
}
