//! As much HTTP/1.1 as clients of a Runtime API, of Kinesis and of OTLP speak.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A request, read to its last byte.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Bytes of all of it, as they came.
    pub(crate) size: usize,
}

impl Request {
    /// The next request of a connection; `None` when the client has closed it.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut from = Counting { from, size: 0 };
        let request = Self::read_all(&mut from)?;
        Ok(request.map(|request| Self {
            size: from.size,
            ..request
        }))
    }

    fn read_all(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(first) = line(from)? else {
            return Ok(None);
        };
        let mut words = first.split(' ').map(ToOwned::to_owned);
        let mut request = Self {
            method: words.next().unwrap_or_default(),
            path: words.next().unwrap_or_default(),
            ..Self::default()
        };
        while let Some(header) = line(from)?.filter(|line| !line.is_empty()) {
            if let Some((name, value)) = header.split_once(':') {
                let name = name.to_ascii_lowercase();
                request.headers.push((name, value.trim().to_owned()));
            }
        }
        request.body = request.read_body(from)?;
        Ok(Some(request))
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    fn read_body(&self, from: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding") == Some("chunked") {
            loop {
                let size = line(from)?.unwrap_or_default();
                let size = size.split(';').next().unwrap_or_default();
                let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
                from.by_ref().take(size).read_to_end(&mut body)?;
                // The end of the chunk; after the last one there may be trailers.
                while line(from)?.is_some_and(|line| size == 0 && !line.is_empty()) {}
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        let length = self.header("content-length").unwrap_or("0");
        let length: u64 = length.parse().map_err(io::Error::other)?;
        from.take(length).read_to_end(&mut body)?;
        Ok(body)
    }
}

/// Counts what is read through it.
struct Counting<'a, R> {
    from: &'a mut R,
    size: usize,
}

impl<R: BufRead> Read for Counting<'_, R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.size += read;
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counting<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.from.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.size += amount;
        self.from.consume(amount);
    }
}

/// Answers in one write.
pub(crate) fn respond<S: Read + Write>(
    connection: &mut BufReader<S>,
    status: u16,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut answer = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        answer.push_str(name);
        answer.push_str(": ");
        answer.push_str(value);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(body);
    let connection = connection.get_mut();
    connection.write_all(&answer)?;
    connection.flush()
}

fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = from.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn requests_end_where_they_say() {
        let bytes = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nX-Amz-Target: T\r\n\r\nabc\
            POST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
            2\r\nde\r\na;note\r\n0123456789\r\n0\r\ntrailer: 1\r\n\r\n\
            GET /c HTTP/1.1\r\n\r\n";
        let mut connection = &bytes[..];
        let mut next = || Request::read(&mut connection).unwrap();
        let first = next().unwrap();
        assert_eq!(
            (first.path.as_str(), first.body.as_slice()),
            ("/a", &b"abc"[..])
        );
        assert_eq!(first.header("x-amz-target"), Some("T"));
        assert_eq!(first.size, 59);
        let second = next().unwrap();
        assert_eq!(second.body, b"de0123456789");
        let last = next().unwrap();
        assert_eq!(first.size + second.size + last.size, bytes.len());
        assert_eq!((last.method.as_str(), last.body.len()), ("GET", 0));
        assert!(next().is_none());
    }
}
