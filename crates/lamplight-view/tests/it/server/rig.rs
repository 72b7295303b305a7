//! A server on a thread of its own, and plain HTTP to it.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use lamplight_view::{
    server::{Intake, Server, Settings, Token},
    store::{self, SqliteStore},
};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, TracesData},
};
use tokio::sync::oneshot;

/// No answer takes as long on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) pages: SocketAddr,
    pub(crate) otlp: SocketAddr,
    pub(crate) url: String,
    pub(crate) intake: Intake,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Starts a server with an empty store in memory.
pub(crate) fn start(token: Option<&str>) -> Running {
    let (sender, receiver) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let mut settings = Settings::default();
    settings.otlp_port = Some(0);
    settings.token = token.map(|it| Token::new(it).unwrap());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let store = SqliteStore::in_memory(store::Settings::default()).unwrap();
            let server = Server::bind(Arc::new(store), settings).await.unwrap();
            let url = server.url();
            let otlp = server.otlp_endpoint().unwrap();
            sender.send((url, otlp, server.intake())).unwrap();
            let stop = async {
                let _ = stopped.await;
            };
            server.run(stop).await.unwrap();
        });
    });
    let (url, otlp, intake) = receiver.recv().unwrap();
    let address = |url: &str| {
        let host = url.strip_prefix("http://").unwrap();
        host.split('/').next().unwrap().parse().unwrap()
    };
    Running {
        pages: address(&url),
        otlp: address(&otlp),
        url,
        intake,
        stop: Some(stop),
        thread: Some(thread),
    }
}

impl Running {
    /// Ends the server, and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    /// Posts a request for spans, with these headers.
    pub(crate) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        request(self.otlp, "POST", "/v1/traces", headers, body)
    }

    /// Asks for a page.
    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        request(self.pages, "GET", path, headers, b"")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// Sends a request; `Host` is the address unless it is among the headers.
pub(crate) fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut reader = open(address, method, path, headers, body);
    let (status, headers) = head(&mut reader);
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    Answer {
        status,
        headers,
        body,
    }
}

/// Sends a request, and leaves its answer to be read.
pub(crate) fn open(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> BufReader<TcpStream> {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        head.push_str(&format!("host: {address}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    connection.write_all(head.as_bytes()).unwrap();
    // A server that refuses need not read the body.
    let _ = connection.write_all(body);
    BufReader::new(connection)
}

/// Reads the status and the headers of an answer.
pub(crate) fn head(reader: &mut impl BufRead) -> (u16, Vec<(String, String)>) {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines[1..].iter().map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_owned(), value.to_owned())
    });
    (status, headers.collect())
}

/// A request with one span of this name, of a trace whose id is all this byte.
pub(crate) fn traces(name: &str, byte: u8) -> TracesData {
    let service = KeyValue {
        key: lamplight_semconv::service::NAME.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue("shop".to_owned())),
        }),
        ..KeyValue::default()
    };
    let start = 1_800_000_000_000_000_000;
    TracesData {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![service],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                spans: vec![Span {
                    trace_id: vec![byte; 16],
                    span_id: vec![byte; 8],
                    name: name.to_owned(),
                    start_time_unix_nano: start,
                    end_time_unix_nano: start + 5_000_000,
                    ..Span::default()
                }],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}
