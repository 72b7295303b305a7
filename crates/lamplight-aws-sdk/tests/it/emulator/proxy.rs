//! A network that does wrong: stands between a client and a service and spoils some requests.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    /// It reaches the service, and the answer the client.
    Delivered,
    /// Something before the service answers: status and body.
    Answered(u16, &'static str),
    /// The connection is reset while the request is sent.
    Reset,
    /// Nobody answers until the client goes.
    Ignored,
    /// The answer breaks off after its first bytes.
    BrokenOff,
}

/// The proxy, on a port of its own until the test's process ends.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
}

impl Proxy {
    /// In front of `upstream`; the first requests have these fates, later ones are delivered.
    pub(super) fn new(upstream: SocketAddr, fates: &[Fate]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let fates = Arc::new(Mutex::new(VecDeque::from(fates.to_vec())));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let fates = Arc::clone(&fates);
                // An error is the end of the connection, which is what some of the fates want.
                thread::spawn(move || while serve(&client, upstream, &fates) == Some(()) {});
            }
        });
        Self { address }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Serves a request; `None` when the connection is to be closed.
fn serve(
    mut client: &TcpStream,
    upstream: SocketAddr,
    fates: &Mutex<VecDeque<Fate>>,
) -> Option<()> {
    if client.peek(&mut [0]).ok()? == 0 {
        return None;
    }
    let fate = fates.lock().unwrap().pop_front();
    match fate.unwrap_or(Fate::Delivered) {
        // Closed with bytes unread, which makes the system send a reset.
        Fate::Reset => None,
        Fate::Ignored => {
            while client.read(&mut [0; 1024]).ok()? > 0 {}
            None
        }
        Fate::Answered(status, body) => {
            read_request(client)?;
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} -\r\ncontent-length: {length}\r\n\r\n{body}");
            client.write_all(answer.as_bytes()).ok()
        }
        Fate::BrokenOff => {
            read_request(client)?;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"MessageId\":";
            client.write_all(answer).ok()?;
            None
        }
        Fate::Delivered => {
            let request = read_request(client)?;
            let line = request.iter().position(|byte| *byte == b'\n')? + 1;
            let mut service = TcpStream::connect(upstream).ok()?;
            service.write_all(&request[..line]).ok()?;
            // So that the end of the answer is the end of the stream.
            service.write_all(b"connection: close\r\n").ok()?;
            service.write_all(&request[line..]).ok()?;
            std::io::copy(&mut service, &mut client).ok()?;
            None
        }
    }
}

/// A whole request with a body of known length.
fn read_request(mut client: &TcpStream) -> Option<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    let mut request = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let length = client.read(&mut chunk).ok().filter(|length| *length > 0)?;
        request.extend_from_slice(&chunk[..length]);
        let Some(head) = request.windows(END.len()).position(|window| window == END) else {
            continue;
        };
        let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
        let body = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .map_or(0, |length| length.trim().parse().unwrap());
        if request.len() >= head + END.len() + body {
            return Some(request);
        }
    }
}
