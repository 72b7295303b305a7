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

/// An OTLP endpoint on a free port of this machine, gone with the test's runtime. Whatever is not
/// OTLP it takes without a word, so it can be a Kinesis that misbehaves too.
///
/// A test fails in the end if a span that arrived is not what the registry says.
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
    /// An endpoint that behaves as `behavior` says.
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

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Variables that make a function export to it as OTLP.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = [
            ("OTEL_TRACES_EXPORTER", "otlp".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.url()),
        ];
        variables.map(|(k, v)| (k.to_owned(), v)).into()
    }

    /// The spans it has, at least `count`; a span that was sent twice is there twice.
    pub async fn spans(&self, count: usize) -> Vec<Span> {
        let mut received = self.received.clone();
        let what = format!("{count} spans arrive");
        let enough = received.wait_for(|received| spans(received).len() >= count);
        spans(&expect(&what, enough).await.unwrap())
    }

    /// A header of each request.
    pub fn header(&self, name: &str) -> Vec<Option<String>> {
        let value = |r: &Received| Some(r.headers.get(name)?.to_str().unwrap().to_owned());
        self.received.borrow().iter().map(value).collect()
    }
}

fn spans(received: &[Received]) -> Vec<Span> {
    let requests = received.iter();
    requests.flat_map(|request| decode(&request.body)).collect()
}

/// An address of this machine where nobody listens, and nobody will while this process lives: the port
/// is bound, or another test's endpoint could get it.
pub fn unused_address() -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    std::mem::forget(socket);
    address
}
