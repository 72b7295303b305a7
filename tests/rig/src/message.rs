//! HTTP/1.1 messages.

use std::io::{self, Read, Write};

use httparse::{EMPTY_HEADER, Status};

/// The maximum number of headers of a message.
const MAX_HEADERS: usize = 64;

/// A request or response, read to its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Method of a request; empty for a response.
    pub method: String,
    /// Target of a request; empty for a response.
    pub path: String,
    /// Body, assembled if it was chunked.
    pub body: Vec<u8>,
    /// The complete message as sent over the wire.
    pub wire: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Message {
    /// Takes a message from the front of `buffer`; `None` if it is not all there.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidData`] if the bytes are not HTTP/1.1.
    pub fn take(buffer: &mut Vec<u8>) -> io::Result<Option<Self>> {
        let Some(head) = Head::parse(buffer)? else {
            return Ok(None);
        };
        let rest = buffer.get(head.length..).unwrap_or_default();
        let Some((body, length)) = body(&head, rest)? else {
            return Ok(None);
        };
        let wire = buffer.drain(..head.length + length).collect();
        Ok(Some(Self {
            method: head.method,
            path: head.path,
            body,
            wire,
            headers: head.headers,
        }))
    }

    /// Returns a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

/// Returns whether the message at the front of `bytes` comes in chunks; `false` until its head is
/// there.
pub fn is_chunked(bytes: &[u8]) -> bool {
    matches!(Head::parse(bytes), Ok(Some(head)) if head.is_chunked())
}

/// Returns the bytes of a response.
pub fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// A connection, with the bytes read from it that belong to its next message.
#[derive(Debug)]
pub struct Connection<S> {
    /// The stream, for writing.
    pub stream: S,
    buffer: Vec<u8>,
}

impl<S> Connection<S> {
    /// Returns the connection of a stream from which nothing has been read.
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Returns whether no part of another message has been read.
    pub fn is_idle(&self) -> bool {
        self.buffer.is_empty()
    }
}

impl<S: Read> Connection<S> {
    /// Reads the next message, blocking the thread; `None` when the peer has closed the connection.
    ///
    /// # Errors
    ///
    /// Those of the stream and of [`Message::take`].
    pub fn read(&mut self) -> io::Result<Option<Message>> {
        let mut chunk = [0; 16 << 10];
        loop {
            if let Some(message) = Message::take(&mut self.buffer)? {
                return Ok(Some(message));
            }
            let length = self.stream.read(&mut chunk)?;
            if length == 0 {
                return Ok(None);
            }
            self.buffer
                .extend_from_slice(chunk.get(..length).unwrap_or_default());
        }
    }
}

impl<S: Write> Connection<S> {
    /// Writes a response at once, blocking the thread.
    ///
    /// # Errors
    ///
    /// Those of the stream.
    pub fn respond(
        &mut self,
        status: u16,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<()> {
        self.stream.write_all(&response(status, headers, body))?;
        self.stream.flush()
    }
}

#[cfg(feature = "proxy")]
impl<S: tokio::io::AsyncRead + Unpin> Connection<S> {
    /// Reads the next message; `None` when the peer has closed the connection. No byte is lost when
    /// the future is dropped.
    ///
    /// # Errors
    ///
    /// Those of the stream and of [`Message::take`].
    pub async fn receive(&mut self) -> io::Result<Option<Message>> {
        use tokio::io::AsyncReadExt as _;

        loop {
            if let Some(message) = Message::take(&mut self.buffer)? {
                return Ok(Some(message));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// The first line and the headers of a message.
struct Head {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    /// Its length in bytes, including the empty line.
    length: usize,
}

impl Head {
    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut headers = [EMPTY_HEADER; MAX_HEADERS];
        let (method, path, length, headers) = if bytes.starts_with(b"HTTP/") {
            let mut response = httparse::Response::new(&mut headers);
            let Status::Complete(length) = response.parse(bytes).map_err(invalid)? else {
                return Ok(None);
            };
            (None, None, length, response.headers)
        } else {
            let mut request = httparse::Request::new(&mut headers);
            let Status::Complete(length) = request.parse(bytes).map_err(invalid)? else {
                return Ok(None);
            };
            (request.method, request.path, length, request.headers)
        };
        let value = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Ok(Some(Self {
            method: method.unwrap_or_default().to_owned(),
            path: path.unwrap_or_default().to_owned(),
            headers: headers
                .iter()
                .map(|header| (header.name.to_owned(), value(header.value)))
                .collect(),
            length,
        }))
    }

    fn is_chunked(&self) -> bool {
        find(&self.headers, "transfer-encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
    }
}

fn find<'h>(headers: &'h [(String, String)], name: &str) -> Option<&'h str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Returns the body at the front of `bytes`, and its length on the wire.
fn body(head: &Head, bytes: &[u8]) -> io::Result<Option<(Vec<u8>, usize)>> {
    if head.is_chunked() {
        return chunks(bytes);
    }
    let length = find(&head.headers, "content-length").unwrap_or("0");
    let length: usize = length.parse().map_err(invalid)?;
    Ok(bytes.get(..length).map(|body| (body.to_vec(), length)))
}

fn chunks(bytes: &[u8]) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let size = httparse::parse_chunk_size(rest)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no size of a chunk"))?;
        let Status::Complete((start, size)) = size else {
            return Ok(None);
        };
        let size = usize::try_from(size).map_err(invalid)?;
        let rest = rest.get(start..).unwrap_or_default();
        if size == 0 {
            let mut trailers = [EMPTY_HEADER; MAX_HEADERS];
            let trailers = httparse::parse_headers(rest, &mut trailers).map_err(invalid)?;
            return Ok(match trailers {
                Status::Complete((length, _)) => Some((body, at + start + length)),
                Status::Partial => None,
            });
        }
        // Includes the line break after it.
        let Some(chunk) = rest.get(..size + 2).and_then(|chunk| chunk.get(..size)) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        at += start + size + 2;
    }
}

fn invalid(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const REQUESTS: &[u8] = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nX-Amz-Target: T\r\n\r\nabc\
        POST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
        2\r\nde\r\na;note\r\n0123456789\r\n0\r\ntrailer: 1\r\n\r\n\
        GET /c HTTP/1.1\r\n\r\n";

    #[test]
    fn requests_end_where_they_say() {
        let mut connection = Connection::new(REQUESTS);
        let mut next = || connection.read().unwrap();
        let first = next().unwrap();
        assert_eq!(
            (first.path.as_str(), first.body.as_slice()),
            ("/a", &b"abc"[..])
        );
        assert_eq!(first.header("x-amz-target"), Some("T"));
        assert_eq!(first.wire.len(), 59);
        let second = next().unwrap();
        assert_eq!(second.body, b"de0123456789");
        let last = next().unwrap();
        let wire = [first.wire, second.wire, last.wire].concat();
        assert_eq!(wire, REQUESTS);
        assert_eq!((last.method.as_str(), last.body.len()), ("GET", 0));
        assert!(next().is_none());
    }

    #[test]
    fn a_message_that_comes_byte_by_byte_is_the_same() {
        let mut buffer = Vec::new();
        let mut bodies = Vec::new();
        for byte in REQUESTS {
            buffer.push(*byte);
            bodies.extend(Message::take(&mut buffer).unwrap().map(|it| it.body));
        }
        assert_eq!(bodies, [&b"abc"[..], b"de0123456789", b""]);
        assert!(buffer.is_empty());
    }

    #[test]
    fn chunks_are_known_by_the_head() {
        let head = b"POST /b HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n";
        assert!(is_chunked(head));
        assert!(!is_chunked(&head[..head.len() - 1]));
        assert!(!is_chunked(REQUESTS));
    }

    #[test]
    fn a_response_is_read_as_it_was_written() {
        let mut bytes = response(503, &[("retry-after", "1")], b"later");
        let message = Message::take(&mut bytes).unwrap().unwrap();
        assert_eq!(message.header("Retry-After"), Some("1"));
        assert_eq!(message.body, b"later");
        assert!(message.wire.starts_with(b"HTTP/1.1 503 "));
        assert!(bytes.is_empty());
    }

    #[test]
    fn what_is_not_http_is_an_error() {
        for bytes in [
            "\u{0}\r\n\r\n",
            "GET /a HTTP/1.1\r\ncontent-length: many\r\n\r\n",
            "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        ] {
            let error = Message::take(&mut bytes.as_bytes().to_vec()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{bytes:?}");
        }
    }
}
