//! The minimum of HTTP/1.1 that the benchmark needs.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use flate2::read::MultiGzDecoder;
use lamplight_otlp::trace::visit;

/// A connection to a server.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) fn open(to: SocketAddr) -> Self {
        let stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a request, and returns the status of the response.
    pub(crate) fn post(&mut self, path: &str, body: &[u8]) -> u16 {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.0.get_mut();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let (first, _) = message(&mut self.0).unwrap();
        first.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Returns the number of spans that a [`sink`] has received.
    pub(crate) fn count(&mut self) -> u64 {
        let head = b"GET /count HTTP/1.1\r\nhost: localhost\r\n\r\n";
        self.0.get_mut().write_all(head).unwrap();
        let (_, body) = message(&mut self.0).unwrap();
        String::from_utf8(body).unwrap().parse().unwrap()
    }
}

/// Returns the first line of a request or a response, and its body.
fn message(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    if stream.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
        assert!(!name.eq_ignore_ascii_case("transfer-encoding"), "{line}");
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((first, body))
}

/// Returns a decompressed body.
fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    if body.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(body)
            .read_to_end(&mut unpacked)
            .unwrap();
    } else {
        unpacked.extend_from_slice(body);
    }
    unpacked
}

/// Listens, counts spans, and accepts everything, until the process ends.
pub(crate) fn sink(listens: &str) -> ! {
    let listener = TcpListener::bind(listens).unwrap();
    let count = Arc::new(AtomicU64::new(0));
    loop {
        let (stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let count = count.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            while let Some((_, body)) = message(&mut stream) {
                let mut spans = 0;
                visit(&unpacked(&body), |_, _| spans += 1).unwrap();
                let all = count.fetch_add(spans, Ordering::SeqCst) + spans;
                let answer = if body.is_empty() {
                    all.to_string()
                } else {
                    String::new()
                };
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\n\
                     content-length: {}\r\n\r\n{answer}",
                    answer.len()
                );
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
    }
}
