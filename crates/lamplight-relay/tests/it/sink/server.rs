//! A server of plain HTTP/1 that answers as it is told, byte by byte.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// Reads one; `None` at the end of the connection.
    pub(crate) fn read(stream: &mut impl BufRead) -> Option<Self> {
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

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The names of its spans.
    pub(crate) fn spans(&self) -> Vec<String> {
        let body = match self.header("content-encoding") {
            "gzip" => {
                let mut plain = Vec::new();
                GzDecoder::new(&*self.body).read_to_end(&mut plain).unwrap();
                plain
            }
            "" => self.body.clone(),
            other => panic!("{other}"),
        };
        names(ExportTraceServiceRequest::decode(&*body).unwrap())
    }
}

pub(crate) fn names(request: ExportTraceServiceRequest) -> Vec<String> {
    let resources = request.resource_spans.into_iter();
    let scopes = resources.flat_map(|resource| resource.scope_spans);
    let spans = scopes.flat_map(|scope| scope.spans);
    spans.map(|span| span.name).collect()
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers each request with what `answer` makes of it and of its number.
    pub(crate) fn start(answer: impl Fn(&Seen, usize) -> Vec<u8> + Clone + Send + 'static) -> Self {
        Self::on(answer, |stream| stream)
    }

    /// As `start`, on what `accept` makes of a connection.
    pub(crate) fn on<S: Read + Write>(
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

    /// One that gives each request the same answer.
    pub(crate) fn that_says(answer: Vec<u8>) -> Self {
        Self::start(move |_, _| answer.clone())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer with these headers, a line each, and a body.
pub(crate) fn answer(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
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

pub(crate) fn ok() -> Vec<u8> {
    answer("200 OK", &[], b"")
}
