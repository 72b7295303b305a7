//! A proxy that spoils requests.

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

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Something before the service answers, with this status and body.
    Answered(u16, &'static str),
    /// Something before the service begins an answer, which breaks off after these bytes of its
    /// body.
    AnsweredInPart(&'static str),
    /// It arrives nowhere and is never answered.
    Hang,
    /// The connection is reset before it arrives.
    Reset,
    /// It is done, and the connection is reset before the answer.
    AnswerReset,
    /// It is done, and the answer breaks off before its end.
    AnswerCut,
    /// It is done, and the answer takes so much longer.
    AnswerLate(Duration),
}

/// Decides what happens to requests.
pub trait Script: Send + 'static {
    /// Returns what happens to the request; `None` lets it and its answer pass.
    fn next(&mut self, request: &Message) -> Option<Fault>;

    /// Notes that `request` was done, and that its connection ended before another request on it
    /// could show that the answer was read.
    fn unconfirmed(&mut self, request: &Message) {
        let _ = request;
    }
}

/// The first requests meet these faults in turn, later ones none.
impl Script for VecDeque<Fault> {
    fn next(&mut self, _: &Message) -> Option<Fault> {
        self.pop_front()
    }
}

/// How idle connections end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// They are closed.
    Closed,
    /// They are reset.
    Reset,
    /// Nobody is told, and what is sent on them goes nowhere.
    Forgotten,
}

/// A proxy for HTTP/1.1 on a free port of this machine, gone with the runtime it was started in.
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

    /// Ends the connections on which no request is under way.
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
    /// The last request, if it was done, until another one shows that its answer was read.
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

    /// Treats a request; `None` when the connection has to end.
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

    /// Lets the connection end without a farewell.
    fn reset(&self) {
        let _ = self.client.stream.set_zero_linger();
    }

    /// Reads until the client goes, for nothing.
    async fn ignore(&mut self) {
        let mut nowhere = [0; 1024];
        while let Ok(1..) = self.client.stream.read(&mut nowhere).await {}
    }
}
