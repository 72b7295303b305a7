//! A proxy that corrupts requests.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::message::{Connection, Message, response};

/// The fault of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// An intermediary answers before the service, with this status and body.
    Answered(u16, &'static str),
    /// An intermediary begins an answer before the service, and breaks off after these bytes of its body.
    AnsweredInPart(&'static str),
    /// The request is never delivered and never answered.
    Hang,
    /// The connection is reset before the request is delivered.
    Reset,
    /// The request is processed, and the connection is reset before the answer.
    AnswerReset,
    /// The request is processed, and the answer is truncated.
    AnswerCut,
    /// The request is processed, and the answer is delayed.
    AnswerLate(Duration),
}

/// A script of faults.
pub trait Script: Send + 'static {
    /// Returns the fault of a request; `None` lets it and its answer pass.
    fn next(&mut self, request: &Message) -> Option<Fault>;

    /// Records that `request` was processed, and that its connection ended before another request on it could
    /// show that the answer was read.
    fn unconfirmed(&mut self, request: &Message) {
        let _ = request;
    }
}

/// The first requests get these faults in order, later ones none.
impl Script for VecDeque<Fault> {
    fn next(&mut self, _: &Message) -> Option<Fault> {
        self.pop_front()
    }
}

/// The way in which idle connections end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// They are closed.
    Closed,
    /// They are reset.
    Reset,
    /// The client is not notified, and data sent on them is lost.
    Forgotten,
}

/// An HTTP/1.1 proxy on a free port of this machine, which ends with its runtime.
#[derive(Debug)]
pub struct Proxy<S> {
    address: SocketAddr,
    script: Arc<Mutex<S>>,
    closing: watch::Sender<Option<Closing>>,
    connections: watch::Sender<usize>,
}

impl<S> Clone for Proxy<S> {
    fn clone(&self) -> Self {
        Self {
            address: self.address,
            script: Arc::clone(&self.script),
            closing: self.closing.clone(),
            connections: self.connections.clone(),
        }
    }
}

impl<S: Script> Proxy<S> {
    /// Starts a proxy in front of `upstream`.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn start(upstream: SocketAddr, script: S) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            address: listener.local_addr()?,
            script: Arc::new(Mutex::new(script)),
            closing: watch::Sender::new(None),
            connections: watch::Sender::new(0),
        };
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let route = Route {
                    client: Connection::new(client),
                    upstream,
                    proxy: accepting.clone(),
                    unconfirmed: None,
                };
                let open = accepting.connections.clone();
                open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    route.serve().await;
                    open.send_modify(|open| *open -= 1);
                });
            }
        });
        Ok(proxy)
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Locks the script, to read or change it.
    pub fn script(&self) -> MutexGuard<'_, S> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connections without a request in progress.
    pub fn close_idle(&self, closing: Closing) {
        self.closing.send_replace(Some(closing));
    }

    /// Waits until all connections have ended.
    pub async fn ended(&self) {
        // The sender is `self`, so it cannot be gone.
        let _ = self
            .connections
            .subscribe()
            .wait_for(|open| *open == 0)
            .await;
    }
}

/// One connection through the proxy.
struct Route<S> {
    client: Connection<TcpStream>,
    upstream: SocketAddr,
    proxy: Proxy<S>,
    /// The last processed request, until another one shows that its answer was read.
    unconfirmed: Option<Message>,
}

impl<S: Script> Route<S> {
    async fn serve(mut self) {
        let mut closing = self.proxy.closing.subscribe();
        closing.mark_unchanged();
        let ending = loop {
            let idle = self.client.is_idle();
            tokio::select! {
                request = self.client.receive() => {
                    let Ok(Some(request)) = request else { break None };
                    self.unconfirmed = None;
                    if self.answer(request).await.is_none() {
                        break None;
                    }
                    closing.mark_unchanged();
                }
                Ok(()) = closing.changed(), if idle => {
                    let kind = *closing.borrow_and_update();
                    if kind.is_some() {
                        break kind;
                    }
                }
            }
        };
        if let Some(request) = self.unconfirmed.take() {
            self.proxy.script().unconfirmed(&request);
        }
        match ending {
            Some(Closing::Reset) => self.reset(),
            Some(Closing::Forgotten) => self.ignore().await,
            Some(Closing::Closed) | None => {}
        }
    }

    /// Handles a request; `None` if the connection must end.
    async fn answer(&mut self, request: Message) -> Option<()> {
        let fault = self.proxy.script().next(&request);
        match fault {
            Some(Fault::Answered(status, body)) => {
                let json = [("content-type", "application/x-amz-json-1.1")];
                return self.write(&response(status, &json, body.as_bytes())).await;
            }
            Some(Fault::AnsweredInPart(start)) => {
                let whole = format!("{start}...");
                let answer = response(200, &[], whole.as_bytes());
                self.write(answer.get(..answer.len() - 3)?).await;
                return None;
            }
            Some(Fault::Hang) => {
                self.ignore().await;
                return None;
            }
            Some(Fault::Reset) => {
                self.reset();
                return None;
            }
            _ => {}
        }
        let answer = self.pass_on(&request).await?;
        self.unconfirmed = Some(request);
        match fault {
            Some(Fault::AnswerReset) => {
                self.reset();
                None
            }
            Some(Fault::AnswerCut) => {
                let length = answer.wire.len().saturating_sub(8);
                self.write(answer.wire.get(..length)?).await;
                None
            }
            Some(Fault::AnswerLate(time)) => {
                tokio::time::sleep(time).await;
                self.write(&answer.wire).await
            }
            _ => self.write(&answer.wire).await,
        }
    }

    async fn pass_on(&self, request: &Message) -> Option<Message> {
        let mut upstream = TcpStream::connect(self.upstream).await.ok()?;
        upstream.write_all(&request.wire).await.ok()?;
        Connection::new(upstream).receive().await.ok()?
    }

    async fn write(&mut self, bytes: &[u8]) -> Option<()> {
        self.client.stream.write_all(bytes).await.ok()
    }

    /// Makes the connection end with a reset.
    fn reset(&self) {
        let _ = self.client.stream.set_zero_linger();
    }

    /// Reads and ignores data until the client disconnects.
    async fn ignore(&mut self) {
        let mut nowhere = [0; 1024];
        while let Ok(1..) = self.client.stream.read(&mut nowhere).await {}
    }
}
