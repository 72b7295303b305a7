//! The destination of spans: an OTLP/HTTP endpoint and a Kinesis in one, with TLS or without, healthy or
//! faulty.

use std::{
    borrow::Cow,
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;
use lamplight_test_rig::{Connection, Message};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

use super::spans::{Span, decode};

/// A span destination. Its threads end when this is dropped.
#[derive(Debug)]
pub(crate) struct Sink {
    address: SocketAddr,
    /// The authority that clients must trust, if TLS is used.
    authority: Option<PathBuf>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    behavior: Behavior,
    requests: usize,
    received: Vec<Received>,
    /// Connections of earlier generations are closed.
    generation: usize,
    closed: bool,
}

/// Spans of one request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) spans: Vec<Span>,
    /// Bytes of its body, and of all of it.
    pub(crate) sizes: (usize, usize),
}

/// The handling of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Behavior {
    /// Normal.
    #[default]
    Healthy,
    /// Answered after this delay.
    Late(Duration),
    /// Never answered.
    Hanging,
    /// Of ten requests, two are rejected with 503 and one is reset before it is read.
    Failing,
}

impl Sink {
    /// Without TLS.
    pub(crate) fn start() -> Self {
        Self::listen(None)
    }

    /// Starts a sink with TLS, whose own authority is written into `directory`.
    pub(crate) fn start_tls(directory: &Path) -> Self {
        Self::listen(Some(directory))
    }

    fn listen(directory: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let tls = directory.map(certify);
        let sink = Self {
            address: listener.local_addr().unwrap(),
            authority: tls.as_ref().map(|(path, _)| path.clone()),
            state: Arc::default(),
        };
        let config = tls.map(|(_, config)| config);
        let state = sink.state.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if state.lock().closed {
                    return;
                }
                let _ = connection.set_nodelay(true);
                let (state, config) = (state.clone(), config.clone());
                std::thread::spawn(move || match config {
                    None => state.serve(connection),
                    Some(config) => {
                        let session = ServerConnection::new(config).unwrap();
                        state.serve(StreamOwned::new(session, connection));
                    }
                });
            }
        });
        sink
    }

    pub(crate) fn url(&self) -> String {
        let scheme = if self.authority.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// Returns the certificate file that a client must trust.
    pub(crate) fn authority(&self) -> Option<&Path> {
        self.authority.as_deref()
    }

    pub(crate) fn behave(&self, behavior: Behavior) {
        self.state.lock().behavior = behavior;
        self.state.changed.notify_all();
    }

    /// Closes idle connections, as servers do while a function is frozen.
    pub(crate) fn close_idle(&self) {
        self.state.lock().generation += 1;
    }

    /// Returns the received spans, once there are at least `count` of them or the wait times out.
    pub(crate) fn received(&self, count: usize, patience: Duration) -> Vec<Received> {
        let end = Instant::now() + patience;
        let mut inner = self.state.lock();
        loop {
            let spans: usize = inner.received.iter().map(|r| r.spans.len()).sum();
            let left = end.saturating_duration_since(Instant::now());
            if spans >= count || left.is_zero() {
                return inner.received.clone();
            }
            inner = self.state.changed.wait_timeout(inner, left).unwrap().0;
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.state.lock().closed = true;
        self.state.changed.notify_all();
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn serve(&self, connection: impl Read + Write) {
        let mut connection = Connection::new(connection);
        let generation = self.lock().generation;
        while let Ok(Some(request)) = connection.read() {
            let now = Instant::now();
            // It was closed while idle, so the request is lost.
            if self.lock().generation != generation {
                return;
            }
            if self.treat(&request, now, &mut connection).is_err() {
                return;
            }
        }
    }

    fn treat<S: Read + Write>(
        &self,
        request: &Message,
        now: Instant,
        connection: &mut Connection<S>,
    ) -> io::Result<()> {
        let number = {
            let mut inner = self.lock();
            inner.requests += 1;
            inner.requests
        };
        let mut behavior = self.lock().behavior;
        if behavior == Behavior::Hanging {
            let mut inner = self.lock();
            while inner.behavior == Behavior::Hanging && !inner.closed {
                inner = self.changed.wait(inner).unwrap();
            }
            // A delayed client receives no answer any more.
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if let Behavior::Late(delay) = behavior {
            std::thread::sleep(delay);
            behavior = Behavior::Healthy;
        }
        match number % 10 {
            2 | 7 if behavior == Behavior::Failing => return connection.respond(503, &[], b""),
            4 if behavior == Behavior::Failing => {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            _ => {}
        }
        let (spans, answer) = understand(request);
        let (status, content_type, body) = answer;
        if !spans.is_empty() {
            let mut inner = self.lock();
            let sizes = (request.body.len(), request.wire.len());
            inner.received.push(Received {
                at: now,
                spans,
                sizes,
            });
        }
        self.changed.notify_all();
        connection.respond(status, &[("content-type", content_type)], &body)
    }
}

type Answer = (u16, &'static str, Vec<u8>);

fn understand(request: &Message) -> (Vec<Span>, Answer) {
    const AMZ_JSON: &str = "application/x-amz-json-1.1";

    if request.path.ends_with("/v1/traces") {
        let answer = (200, "application/x-protobuf", Vec::new());
        return (decode(&plain(request)), answer);
    }
    if request.header("x-amz-target") != Some("Kinesis_20131202.PutRecords") {
        return (Vec::new(), (404, "text/plain", Vec::new()));
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let records = body["Records"].as_array().map_or(&[][..], Vec::as_slice);
    if records.is_empty() {
        let error = json!({"__type": "ValidationException", "message": "Records: at least 1"});
        return (Vec::new(), (400, AMZ_JSON, error.to_string().into_bytes()));
    }
    let data = records.iter().filter_map(|record| {
        let data = record["Data"].as_str()?;
        BASE64_STANDARD.decode(data).ok()
    });
    let spans = data.flat_map(|data| decode(&data)).collect();
    let stored = json!({"SequenceNumber": "1", "ShardId": "shardId-000000000000"});
    let stored = vec![stored; records.len()];
    let answer = json!({"FailedRecordCount": 0, "Records": stored});
    (spans, (200, AMZ_JSON, answer.to_string().into_bytes()))
}

/// Returns the decompressed body.
fn plain(request: &Message) -> Cow<'_, [u8]> {
    if request.header("content-encoding") != Some("gzip") {
        return Cow::Borrowed(&request.body);
    }
    let mut plain = Vec::new();
    let read = GzDecoder::new(&*request.body).read_to_end(&mut plain);
    read.map_or(Cow::default(), |_| Cow::Owned(plain))
}

/// The usual places of the system's certificates.
const SYSTEM_AUTHORITIES: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// Returns an authority, whose certificate is written into `directory`, and a server certified by it.
fn certify(directory: &Path) -> (PathBuf, Arc<ServerConfig>) {
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let name = &mut authority.distinguished_name;
    name.push(rcgen::DnType::CommonName, "an authority of its own");
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);

    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let server = rcgen::CertificateParams::new(names).unwrap();
    let server_key = rcgen::KeyPair::generate().unwrap();
    let server = server.signed_by(&server_key, &issuer).unwrap();

    std::fs::create_dir_all(directory).unwrap();
    let path = directory.join("authority.pem");
    // In addition to those of the system, which a function has to read too.
    let system = SYSTEM_AUTHORITIES.iter().map(std::fs::read_to_string);
    let mut authorities = system.flatten().next().unwrap_or_default();
    authorities.push_str(&certificate.pem());
    std::fs::write(&path, authorities).unwrap();
    let key = PrivatePkcs8KeyDer::from(server_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    (path, Arc::new(config))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
    use prost::Message;

    use super::{Behavior, Sink};

    /// Sends a span as OTLP and gives what comes back before the connection ends or is silent.
    fn send(sink: &Sink) -> String {
        let scope_spans = vec![ScopeSpans {
            spans: vec![Span::default()],
            ..Default::default()
        }];
        let resource_spans = vec![ResourceSpans {
            scope_spans,
            ..Default::default()
        }];
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        let mut connection = TcpStream::connect(sink.address).unwrap();
        let silence = Some(Duration::from_millis(200));
        connection.set_read_timeout(silence).unwrap();
        let head = "POST /v1/traces HTTP/1.1\r\ncontent-length:";
        write!(connection, "{head} {}\r\n\r\n", body.len()).unwrap();
        connection.write_all(&body).unwrap();
        let mut answer = [0; 64];
        let read = connection.read(&mut answer).unwrap_or_default();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    fn count(sink: &Sink) -> usize {
        let received = sink.received(0, Duration::ZERO);
        received.iter().map(|request| request.spans.len()).sum()
    }

    #[test]
    fn spans_are_taken_when_it_is_well_only() {
        let sink = Sink::start();
        assert!(send(&sink).starts_with("HTTP/1.1 200"));
        assert_eq!(count(&sink), 1);
        sink.behave(Behavior::Hanging);
        assert_eq!((send(&sink).as_str(), count(&sink)), ("", 1));
        sink.behave(Behavior::Failing);
        let answers: Vec<String> = (0..10).map(|_| send(&sink)).collect();
        let answered = |status: &str| answers.iter().filter(|a| a.contains(status)).count();
        assert_eq!(
            (answered(" 200 "), answered(" 503 "), answered(" ")),
            (7, 2, 9)
        );
        assert_eq!(count(&sink), 8);
    }
}
