//! A wire-tap between the function and the Runtime API.
//!
//! The simulator parses what it gets and does not say when the function asks for more. The tap
//! passes every byte on and writes the function's requests down as they were on the wire.

use crate::expect;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

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
}

impl Tap {
    pub(crate) async fn to(upstream: SocketAddr, extensions: ExtensionsApi) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((function, _)) = listener.accept().await {
                let api = TcpStream::connect(upstream).await.unwrap();
                tokio::spawn(pass_on(function, api, extensions, sender.clone()));
            }
        });
        Self { address, requests }
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
        // Written down first: when the answer has an effect, it can be looked up.
        while let Some(request) = take_request(&mut pending) {
            requests.send_modify(|requests| requests.push(request));
        }
        if to_api.write_all(bytes).await.is_err() {
            break;
        }
    }
    back.abort();
}

/// Takes a whole HTTP/1.1 request from the front of `bytes`.
fn take_request(bytes: &mut Vec<u8>) -> Option<Request> {
    const END: &[u8] = b"\r\n\r\n";
    let head = bytes.windows(END.len()).position(|w| w == END)?;
    let text = String::from_utf8_lossy(bytes.get(..head)?).into_owned();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, length)| length.trim().parse().unwrap());
    let body = head + END.len()..head + END.len() + length;
    let end = body.end;
    let body = bytes.get(body)?.to_vec();
    bytes.drain(..end);
    let at = Instant::now();
    Some(Request {
        method,
        path,
        body,
        at,
    })
}
