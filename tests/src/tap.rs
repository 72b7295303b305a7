//! A wire-tap between the function and the Runtime API.
//!
//! The simulator parses what it gets and does not say when the function asks for more. The tap
//! passes every byte on and writes the function's requests down as they were on the wire.

use crate::expect;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// A request of the function.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// When it came.
    pub(crate) at: Instant,
}

/// What there is of the Extensions API.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ExtensionsApi {
    /// All of it.
    #[default]
    Present,
    /// It answers 404, as emulators without it do.
    Absent,
    /// It never answers.
    Silent,
}

#[derive(Debug)]
pub(crate) struct Tap {
    pub(crate) address: SocketAddr,
    requests: watch::Receiver<Vec<Request>>,
    restored: Arc<Semaphore>,
}

impl Tap {
    pub(crate) async fn to(upstream: SocketAddr, extensions: ExtensionsApi) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = watch::channel(Vec::new());
        let restored = Arc::new(Semaphore::new(0));
        let restores = restored.clone();
        tokio::spawn(async move {
            while let Ok((function, _)) = listener.accept().await {
                let api = TcpStream::connect(upstream).await.unwrap();
                let restores = restores.clone();
                tokio::spawn(pass_on(function, api, extensions, restores, sender.clone()));
            }
        });
        Self {
            address,
            requests,
            restored,
        }
    }

    /// Waits until the function is ready for a SnapStart snapshot.
    pub(crate) async fn ready_for_snapshot(&self) {
        let mut requests = self.requests.clone();
        let ready = requests.wait_for(|it| it.iter().any(|r| r.path.ends_with(RESTORE_NEXT)));
        let ready = expect("the function is ready for a snapshot", ready).await;
        ready.unwrap();
    }

    /// Lets a function go on that was restored from a snapshot.
    pub(crate) fn restore(&self) {
        self.restored.add_permits(1);
    }

    /// Waits until the function has asked for its invocation number `count`, from 1, and says when
    /// that was.
    pub(crate) async fn asked(&self, count: usize) -> Instant {
        let asked = |requests: &Vec<Request>| {
            let is_next = |r: &&Request| r.path.ends_with("/invocation/next");
            let next = requests.iter().filter(is_next).nth(count - 1);
            next.map(|next| next.at)
        };
        let mut requests = self.requests.clone();
        let enough = requests.wait_for(|requests| asked(requests).is_some());
        let requests = expect("the function asks for an event", enough).await;
        asked(&requests.unwrap()).unwrap()
    }

    /// The function's answer to an invocation.
    pub(crate) async fn answer(&self, request_id: &str) -> Request {
        let is_answer = |r: &&Request| r.method == "POST" && r.path.contains(request_id);
        let mut requests = self.requests.clone();
        let answered = requests.wait_for(|requests| requests.iter().any(|r| is_answer(&r)));
        let requests = expect("the function answers", answered).await.unwrap();
        requests.iter().find(is_answer).unwrap().clone()
    }
}

async fn pass_on(
    mut function: TcpStream,
    api: TcpStream,
    extensions: ExtensionsApi,
    restored: Arc<Semaphore>,
    requests: watch::Sender<Vec<Request>>,
) {
    let mut first = [0; 128];
    let length = function.peek(&mut first).await.unwrap_or(0);
    let first = String::from_utf8_lossy(first.get(..length).unwrap()).into_owned();
    if first.contains("/2020-01-01/extension/") {
        match extensions {
            ExtensionsApi::Present => {}
            ExtensionsApi::Absent => {
                let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
                let _ = function.write_all(answer).await;
                return;
            }
            ExtensionsApi::Silent => return std::future::pending().await,
        }
    }
    if first.contains(RESTORE_NEXT) {
        // Part of the Runtime API that the simulator does not have.
        requests.send_modify(|requests| {
            requests.push(Request {
                method: "GET".to_owned(),
                path: RESTORE_NEXT.to_owned(),
                body: Vec::new(),
                at: Instant::now(),
            });
        });
        restored.acquire().await.unwrap().forget();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        let _ = function.write_all(answer).await;
        return;
    }
    let (mut from_function, mut to_function) = function.into_split();
    let (mut from_api, mut to_api) = api.into_split();
    let back = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_api, &mut to_function).await;
    });
    let mut pending = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from_function.read(&mut chunk).await {
        let bytes = chunk.get(..length).unwrap();
        pending.extend_from_slice(bytes);
        // The simulator takes a response as JSON and nothing else. A streamed one is kept here, and
        // the simulator told that there was one.
        let streamed = is_chunked(&pending);
        let mut to_pass_on = if streamed { Vec::new() } else { bytes.to_vec() };
        // Written down first: when the answer has an effect, it can be looked up.
        while let Some(request) = take_request(&mut pending) {
            if streamed {
                let line = format!("POST {} HTTP/1.1\r\n", request.path);
                let rest = "host: runtime\r\ncontent-length: 10\r\n\r\n\"streamed\"";
                to_pass_on = [line.as_bytes(), rest.as_bytes()].concat();
            }
            requests.send_modify(|requests| requests.push(request));
        }
        if to_api.write_all(&to_pass_on).await.is_err() {
            break;
        }
    }
    back.abort();
}

const RESTORE_NEXT: &str = "/runtime/restore/next";

const END: &[u8] = b"\r\n\r\n";

/// Whether the request at the front of `bytes` comes in chunks.
fn is_chunked(bytes: &[u8]) -> bool {
    let head = bytes.windows(END.len()).position(|w| w == END);
    let head = head.and_then(|end| bytes.get(..end)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.contains("\r\ntransfer-encoding: chunked")
}

/// The contents of chunks, and how long they are with all that is around them.
fn chunks(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let line = |from: usize| {
        let rest = bytes.get(from..)?;
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        Some((
            String::from_utf8_lossy(rest.get(..end)?).into_owned(),
            from + end + 2,
        ))
    };
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let (size, after) = line(at)?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        at = after;
        if size == 0 {
            // Trailers, and an empty line.
            loop {
                let (trailer, after) = line(at)?;
                at = after;
                if trailer.is_empty() {
                    return Some((body, at));
                }
            }
        }
        body.extend_from_slice(bytes.get(at..at + size)?);
        at += size + 2;
    }
}

/// Takes a whole HTTP/1.1 request from the front of `bytes`.
fn take_request(bytes: &mut Vec<u8>) -> Option<Request> {
    let chunked = is_chunked(bytes);
    let head = bytes.windows(END.len()).position(|w| w == END)?;
    let text = String::from_utf8_lossy(bytes.get(..head)?).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    let start = head + END.len();
    let (body, length) = match chunked {
        true => chunks(bytes.get(start..)?)?,
        false => (bytes.get(start..start + length)?.to_vec(), length),
    };
    let end = start + length;
    bytes.drain(..end);
    let at = Instant::now();
    Some(Request {
        method,
        path,
        body,
        at,
    })
}
