//! OTLP over HTTP, with TLS by rustls on ring: the cryptography with the cheap first handshake.

use crate::environment::Environment;
use lamplight_export::ExporterSink;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithHttpConfig};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The exporter as `OTEL_EXPORTER_OTLP_*` configure it.
pub(crate) fn sink(
    environment: &Environment<'_>,
) -> Result<ExporterSink<SpanExporter>, Box<dyn std::error::Error>> {
    // The client has to know, since the exporter leaves the time to it.
    let timeout = environment.otlp_timeout();
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http1()
        .build();
    let connect = move || HyperClient::new(connector.clone(), timeout, None);
    let client = Reconnecting(Arc::new(Mutex::new(connect())));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client.clone())
        // What fails is tried again in the next window. Pauses in this one would be billed, with
        // every invocation for as long as the endpoint is away.
        .with_retry_policy(RetryPolicy::disabled())
        .build()?;
    let sink = ExporterSink::new(exporter);
    Ok(sink.with_disconnect(move || *client.lock() = connect()))
}

/// A client that can let go of its connections.
#[derive(Debug)]
struct Reconnecting<C>(Arc<Mutex<C>>);

impl<C> Reconnecting<C> {
    fn lock(&self) -> MutexGuard<'_, C> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> Clone for Reconnecting<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl<C: HttpClient + Clone + 'static> HttpClient for Reconnecting<C> {
    fn send_bytes<'s, 'a>(&'s self, request: Request<Bytes>) -> Sent<'a>
    where
        's: 'a,
        Self: 'a,
    {
        let client = self.lock().clone();
        Box::pin(async move { client.send_bytes(request).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    /// A server that counts its connections.
    fn server() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // A request without a body fits into one packet on this machine.
                    while let Ok(1..) = stream.read(&mut [0; 4096]) {
                        let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        stream.write_all(ok).unwrap();
                    }
                });
            }
        });
        (url, connections)
    }

    #[tokio::test]
    async fn a_client_that_let_go_opens_a_new_connection() {
        let (url, connections) = server();
        let connect = || HyperClient::with_default_connector(Duration::from_secs(10), None);
        let client = Reconnecting(Arc::new(Mutex::new(connect())));
        for expected in 1..=2 {
            for _ in 0..3 {
                let request = Request::get(&url).body(Bytes::new()).unwrap();
                client.send_bytes(request).await.unwrap();
            }
            assert_eq!(connections.load(Ordering::SeqCst), expected);
            *client.lock() = connect();
        }
    }
}
