//! A wiretap between the function and the Runtime API.
//!
//! The simulator parses its input, and does not report when the function requests the next event. The tap
//! passes every request on and records it as sent over the wire.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use lamplight_test_rig::{Message, is_chunked, response};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use crate::expect;

/// A request of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    /// The time of the request.
    pub(crate) at: Instant,
}

/// The availability of the Extensions API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtensionsApi {
    /// Complete.
    #[default]
    Present,
    /// It responds with 404, like emulators without it.
    Absent,
    /// It never responds.
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

    /// Lets a function continue that was restored from a snapshot.
    pub(crate) fn restore(&self) {
        self.restored.add_permits(1);
    }

    /// Waits until the function has requested its invocation number `count`, from 1, and returns the time of
    /// the request.
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

    /// Returns the function's response to an invocation.
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
                let _ = function.write_all(&response(404, &[], b"")).await;
                return;
            }
            ExtensionsApi::Silent => return std::future::pending().await,
        }
    }
    if first.contains(RESTORE_NEXT) {
        // Part of the Runtime API that the simulator lacks.
        requests.send_modify(|requests| {
            requests.push(Request {
                method: "GET".to_owned(),
                path: RESTORE_NEXT.to_owned(),
                body: Vec::new(),
                at: Instant::now(),
            });
        });
        restored.acquire().await.unwrap().forget();
        let _ = function.write_all(&response(200, &[], b"")).await;
        return;
    }
    let (mut from_function, mut to_function) = function.into_split();
    let (mut from_api, mut to_api) = api.into_split();
    let back = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_api, &mut to_function).await;
    });
    let mut pending = Vec::new();
    while let Ok(1..) = from_function.read_buf(&mut pending).await {
        // Recorded first, so that the record exists when the answer has an effect.
        while let Ok(Some(message)) = Message::take(&mut pending) {
            // The simulator accepts only JSON responses. A streamed one is recorded here, and the simulator
            // receives a placeholder.
            let to_pass_on = match is_chunked(&message.wire) {
                true => {
                    let line = format!("POST {} HTTP/1.1\r\n", message.path);
                    let rest = "host: runtime\r\ncontent-length: 10\r\n\r\n\"streamed\"";
                    [line.as_bytes(), rest.as_bytes()].concat()
                }
                false => message.wire,
            };
            requests.send_modify(|requests| {
                requests.push(Request {
                    method: message.method,
                    path: message.path,
                    body: message.body,
                    at: Instant::now(),
                });
            });
            if to_api.write_all(&to_pass_on).await.is_err() {
                back.abort();
                return;
            }
        }
    }
    back.abort();
}

const RESTORE_NEXT: &str = "/runtime/restore/next";
