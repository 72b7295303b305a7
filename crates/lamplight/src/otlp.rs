//! OTLP over HTTP, with TLS by rustls on ring: the cryptography with the cheap first handshake.

use crate::environment::Environment;
use crate::failure::{Explained, causes};
use lamplight_export::ExporterSink;
use lamplight_export::diagnostics::warn_once;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use rustls::crypto::ring;
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Returns the exporter as `OTEL_EXPORTER_OTLP_*` configure it.
pub(crate) fn sink(
    environment: &Environment<'_>,
) -> Result<ExporterSink<Explained<SpanExporter>>, Box<dyn Error>> {
    let (exporter, client) = exporter(environment)?;
    Ok(ExporterSink::new(exporter).with_disconnect(move || client.reset()))
}

fn exporter(
    environment: &Environment<'_>,
) -> Result<(Explained<SpanExporter>, Reconnecting), Box<dyn Error>> {
    let endpoint = environment.otlp_http_endpoint()?;
    // The client has to know, since the exporter leaves the time to it.
    let timeout = environment.otlp_timeout();
    let client = Reconnecting::new(connect(timeout));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint.url())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(timeout)
        .with_http_client(client.clone())
        // What fails is tried again in the next window. Pauses in this one would be billed, with
        // every invocation for as long as the endpoint is away.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    let failed = client.clone();
    let exporter = Explained::new(exporter, endpoint).with_cause(move || failed.take_trouble());
    Ok((exporter, client))
}

/// Makes clients that share nothing but the certificates, which take time to read.
fn connect(timeout: Duration) -> impl Fn() -> Arc<dyn HttpClient> + Send + Sync {
    // Without a word, rustls takes the provider that its features name, and panics where other
    // crates of the function have brought in a second one.
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(ring::default_provider());
    let connector = match builder {
        Ok(builder) => Some(builder.https_or_http().enable_http1().build()),
        Err(error) => {
            // A collector beside the function needs no certificates.
            warn_once("no-root-certificates", || {
                format!(
                    "there are no root certificates ({error}), so OTLP goes to `http://` endpoints \
                     only: install them, or name their file in SSL_CERT_FILE"
                )
            });
            None
        }
    };
    move || match &connector {
        Some(connector) => Arc::new(HyperClient::new(connector.clone(), timeout, None)),
        None => Arc::new(HyperClient::with_default_connector(timeout, None)),
    }
}

/// A client that can let go of its connections, and does when one has gone.
#[derive(Clone)]
struct Reconnecting {
    client: Arc<Mutex<Arc<dyn HttpClient>>>,
    connect: Arc<dyn Fn() -> Arc<dyn HttpClient> + Send + Sync>,
    /// Why the last request failed, which the exporter leaves out of its error.
    trouble: Arc<Mutex<Option<String>>>,
}

impl Reconnecting {
    fn new(connect: impl Fn() -> Arc<dyn HttpClient> + Send + Sync + 'static) -> Self {
        Self {
            client: Arc::new(Mutex::new(connect())),
            connect: Arc::new(connect),
            trouble: Arc::default(),
        }
    }

    /// Sends a request, and once more on a new connection if it is closed under it.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let again = request.clone();
        match self.current().send_bytes(request).await {
            Err(error) if is_closed(&*error) => {
                self.reset();
                self.current().send_bytes(again).await
            }
            result => result,
        }
    }

    fn note(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    fn take_trouble(&self) -> Option<String> {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.take()
    }

    fn reset(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = (self.connect)();
    }

    fn current(&self) -> Arc<dyn HttpClient> {
        let client = self.client.lock();
        client.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Reconnecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnecting").finish_non_exhaustive()
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Reconnecting {
    /// A request whose connection is closed under it, as idle ones are while the environment is
    /// frozen, is sent once more on a new one. The receiver may have had it already: spans come at
    /// least once.
    fn send_bytes<'s, 'a>(&'s self, request: Request<Bytes>) -> Sent<'a>
    where
        's: 'a,
        Self: 'a,
    {
        Box::pin(async move {
            let result = self.send(request).await;
            self.note(match &result {
                Ok(response) if response.status().is_success() => None,
                Ok(response) => Some(format!("answered with status {}", response.status())),
                Err(error) => Some(causes(&**error)),
            });
            result
        })
    }
}

/// Whether the other side closed the connection without an answer.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && (error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && matches!(
                error.kind(),
                ErrorKind::BrokenPipe
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset
                    | ErrorKind::NotConnected
                    | ErrorKind::UnexpectedEof
            )
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
#[path = "otlp_tests.rs"]
mod tests;
