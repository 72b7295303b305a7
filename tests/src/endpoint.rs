//! An OTLP/HTTP endpoint.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use tokio::{net::TcpListener, sync::watch};

use crate::{Behavior, Span, conventions, expect, spans::decode};

/// An OTLP endpoint on a free port of this machine, which ends with the test's runtime. It accepts requests
/// other than OTLP too, so it can also act as a faulty Kinesis.
///
/// A test fails at its end if a received span does not conform to the registry.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    received: watch::Receiver<Vec<Received>>,
}

#[derive(Debug, Clone)]
struct Received {
    headers: HeaderMap,
    body: Bytes,
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let received = self.received.borrow();
            conventions::assert_conforms(received.iter().map(|request| request.body.as_ref()));
        }
    }
}

impl Endpoint {
    /// Starts an endpoint with this behavior.
    pub async fn start(behavior: Behavior) -> Self {
        let (sender, received) = watch::channel(Vec::new());
        let traces = post(async move |headers: HeaderMap, body: Bytes| {
            sender.send_modify(|received| received.push(Received { headers, body }));
            StatusCode::OK
        });
        let router = Router::new()
            .route("/v1/traces", traces)
            .fallback(async || StatusCode::OK);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = behavior.of(router);
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { address, received }
    }

    /// Returns the address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns variables with which a function exports OTLP to it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("OTEL_TRACES_EXPORTER", "otlp".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.url()),
        ];
        variables.map(|(k, v)| (k.to_owned(), v)).into()
    }

    /// Returns the received spans, once there are at least `count`; a span that was sent twice occurs twice.
    pub async fn spans(&self, count: usize) -> Vec<Span> {
        let mut received = self.received.clone();
        let what = format!("{count} spans arrive");
        let enough = received.wait_for(|received| spans(received).len() >= count);
        spans(&expect(&what, enough).await.unwrap())
    }

    /// Returns a header of each request.
    pub fn header(&self, name: &str) -> Vec<Option<String>> {
        let value = |r: &Received| Some(r.headers.get(name)?.to_str().unwrap().to_owned());
        self.received.borrow().iter().map(value).collect()
    }
}

fn spans(received: &[Received]) -> Vec<Span> {
    let requests = received.iter();
    requests.flat_map(|request| decode(&request.body)).collect()
}

/// Returns an address of this machine without a listener. It stays without one while this process lives: the
/// port is bound, so that the endpoint of another test cannot get it.
pub fn unused_address() -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    std::mem::forget(socket);
    address
}
