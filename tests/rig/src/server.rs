//! A plain HTTP/1 server with scripted responses, byte by byte.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write, copy},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// A received request.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Seen {
    /// Its first line.
    pub line: String,
    /// Its headers, whose names are in lower case.
    pub headers: HashMap<String, String>,
    /// Its body, of the length in `content-length`.
    pub body: Vec<u8>,
}

impl Seen {
    /// Reads a request; `None` at the end of the connection.
    pub fn read(stream: &mut impl BufRead) -> Option<Self> {
        let mut seen = Self::default();
        stream
            .read_line(&mut seen.line)
            .ok()
            .filter(|read| *read > 0)?;
        seen.line = seen.line.trim_end().to_owned();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                break;
            };
            seen.headers.insert(name.to_lowercase(), value.to_owned());
        }
        let length = seen.headers.get("content-length");
        let length = length.map_or(0, |length| length.parse().unwrap());
        seen.body = vec![0; length];
        stream.read_exact(&mut seen.body).ok()?;
        Some(seen)
    }

    /// Returns a header, by its name in lower case; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Returns the names of its spans.
    pub fn spans(&self) -> Vec<String> {
        let body = unpacked(self.header("content-encoding"), &self.body);
        names(ExportTraceServiceRequest::decode(&*body).unwrap())
    }
}

/// Returns the decompressed data; empty for an unknown encoding.
pub(crate) fn unpacked(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut plain = Vec::new();
            GzDecoder::new(body).read_to_end(&mut plain).unwrap();
            plain
        }
        "zstd" => zstd::bulk::decompress(body, 1 << 20).unwrap(),
        "" => body.to_vec(),
        other => panic!("{other}"),
    }
}

/// Returns the names of the spans of a request.
pub fn names(request: ExportTraceServiceRequest) -> Vec<String> {
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    let spans = scopes.flat_map(|scope| scope.spans);
    spans.map(|span| span.name).collect()
}

/// A server, and the requests it received.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its address.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server that responds to each request with the result of `answer` for it and its number.
    pub fn start(answer: impl Fn(&Seen, usize) -> Vec<u8> + Clone + Send + 'static) -> Self {
        Self::on(answer, |stream| stream)
    }

    /// Starts a server like [`start`](Self::start), on the streams that `accept` makes of connections.
    pub fn on<S: Read + Write>(
        answer: impl Fn(&Seen, usize) -> Vec<u8> + Clone + Send + 'static,
        accept: impl Fn(TcpStream) -> S + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
        };
        let seen = server.seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, accept, seen) = (answer.clone(), accept.clone(), seen.clone());
                std::thread::spawn(move || {
                    let mut stream = BufReader::new(accept(stream));
                    while let Some(request) = Seen::read(&mut stream) {
                        let number = {
                            let mut seen = seen.lock().unwrap();
                            seen.push(request.clone());
                            seen.len() - 1
                        };
                        let answer = answer(&request, number);
                        if stream.get_mut().write_all(&answer).is_err() {
                            return;
                        }
                        let _ = stream.get_mut().flush();
                    }
                });
            }
        });
        server
    }

    /// Starts a server that responds to every request in the same way.
    pub fn that_says(answer: Vec<u8>) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the number of spans of each request.
    pub fn sizes(&self) -> Vec<usize> {
        self.seen().iter().map(|seen| seen.spans().len()).collect()
    }
}

/// Returns a response with these headers, one per line, and a body.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        answer.push_str(header);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    answer.extend(body);
    answer
}

/// Returns a successful response.
pub fn ok() -> Vec<u8> {
    answer("200 OK", &[], b"")
}

/// Starts a server that reads any data, and responds with this.
pub fn that_says_at_once(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

/// A proxy's response after it has opened a tunnel.
pub const CONNECTED: &str = "HTTP/1.1 200 Connection established\r\n\r\n";

/// Starts a proxy that reaches only one host, and responds to tunnel requests with `answer`. Returns its
/// address, and the requests it received.
pub fn tunnel(to: SocketAddr, answer: &'static str) -> (SocketAddr, Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let asked = seen.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut client = BufReader::new(stream);
            let Some(request) = Seen::read(&mut client) else {
                continue;
            };
            asked.lock().unwrap().push(request);
            client.get_mut().write_all(answer.as_bytes()).unwrap();
            let server = TcpStream::connect(to).unwrap();
            let (mut from, mut to) = (server.try_clone().unwrap(), server);
            let mut back = client.get_ref().try_clone().unwrap();
            std::thread::spawn(move || copy(&mut from, &mut back));
            std::thread::spawn(move || copy(&mut client, &mut to));
        }
    });
    (address, seen)
}
