//! A network between function and destination, in which everything goes wrong.

use crate::{decode, expect};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What happens to a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Fault {
    /// Kinesis takes nothing at the moment.
    Throttled,
    /// The service is broken.
    ServerError,
    /// It arrives nowhere and is never answered.
    Hang,
    /// The connection is reset before it arrives.
    Reset,
    /// It is done, and the connection is reset before the answer.
    AnswerReset,
    /// It is done, and the answer breaks off in its middle.
    AnswerCut,
    /// It is done, and the answer takes longer than anybody waits.
    AnswerLate,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Throttled,
        Self::ServerError,
        Self::Hang,
        Self::Reset,
        Self::AnswerReset,
        Self::AnswerCut,
        Self::AnswerLate,
    ];
}

/// How idle connections come to their end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Closing {
    /// They are closed.
    Closed,
    /// They are reset.
    Reset,
    /// Nobody says anything, and what is sent on them goes nowhere.
    Forgotten,
}

impl State {
    /// What the next request meets.
    fn next(&mut self) -> Option<Fault> {
        let fault = self.random.choice(&self.faults).copied();
        if self.storm > 0 {
            self.storm -= 1;
            return fault;
        }
        let disturbed = self.random.u8(..100) < self.share;
        if disturbed && self.random.u8(..100) < 5 {
            self.storm = 10;
        }
        fault.filter(|_| disturbed)
    }
}

/// A proxy for HTTP/1.1 on a free port of this machine, gone with the test's runtime.
#[derive(Clone, Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    closing: watch::Sender<Option<Closing>>,
    connections: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    faults: Vec<Fault>,
    /// Of a hundred requests.
    share: u8,
    /// How many of the next requests are disturbed in any case.
    storm: u8,
    random: fastrand::Rng,
    late: Duration,
    happened: HashMap<Fault, usize>,
    requests: usize,
    /// Spans of requests that were done and whose answer may not have been seen.
    unanswered: HashSet<String>,
}

impl Proxy {
    /// A proxy in front of `upstream` that does no harm yet.
    pub async fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let (closing, _) = watch::channel(None);
        let (connections, _) = watch::channel(0);
        let proxy = Self {
            address,
            state,
            closing,
            connections,
        };
        let accepting = proxy.clone();
        tokio::spawn(async move {
            while let Ok((function, _)) = listener.accept().await {
                let connection = Connection {
                    function,
                    upstream,
                    proxy: accepting.clone(),
                    buffer: Vec::new(),
                    unconfirmed: Vec::new(),
                };
                let open = accepting.connections.clone();
                open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    connection.serve().await;
                    open.send_modify(|open| *open -= 1);
                });
            }
        });
        proxy
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on `share` of a hundred requests meet one of `faults`, and now and then ten requests
    /// on end; an answer that is late takes `late`.
    pub fn disturb(&self, faults: &[Fault], share: u8, late: Duration, seed: u64) {
        let mut state = self.state();
        faults.clone_into(&mut state.faults);
        state.share = share;
        state.late = late;
        state.random = fastrand::Rng::with_seed(seed);
    }

    /// From now on nothing goes wrong.
    pub fn heal(&self) {
        let mut state = self.state();
        state.share = 0;
        state.storm = 0;
    }

    /// Ends the connections on which no request is under way.
    pub fn close_idle(&self, closing: Closing) {
        self.closing.send_replace(Some(closing));
    }

    /// How many requests there were, and how often each fault happened.
    pub fn happened(&self) -> (usize, HashMap<Fault, usize>) {
        let state = self.state();
        (state.requests, state.happened.clone())
    }

    /// The spans of requests that were done and whose answer the function may not have seen, when all
    /// connections are at their end.
    pub async fn unanswered(&self) -> HashSet<String> {
        let mut connections = self.connections.subscribe();
        let closed = connections.wait_for(|open| *open == 0);
        expect("all connections end", closed).await.unwrap();
        self.state().unanswered.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

struct Connection {
    function: TcpStream,
    upstream: SocketAddr,
    proxy: Proxy,
    buffer: Vec<u8>,
    /// The spans of the last request, if it was done, until another one shows that its answer was
    /// read.
    unconfirmed: Vec<String>,
}

impl Connection {
    async fn serve(mut self) {
        let mut closing = self.proxy.closing.subscribe();
        closing.mark_unchanged();
        loop {
            let idle = self.buffer.is_empty();
            tokio::select! {
                request = read_message(&mut self.function, &mut self.buffer) => {
                    let Some(request) = request else { return self.gone() };
                    self.unconfirmed.clear();
                    if self.answer(&request).await.is_none() {
                        return self.gone();
                    }
                    closing.mark_unchanged();
                }
                Ok(()) = closing.changed(), if idle => {
                    let kind = *closing.borrow_and_update();
                    match kind {
                        None => {}
                        Some(Closing::Closed) => return self.gone(),
                        Some(Closing::Reset) => {
                            reset(&self.function);
                            return self.gone();
                        }
                        Some(Closing::Forgotten) => {
                            self.remember();
                            // Whatever comes is read and goes nowhere.
                            let mut nowhere = tokio::io::sink();
                            let _ = tokio::io::copy(&mut self.function, &mut nowhere).await;
                            return;
                        }
                    }
                }
            }
        }
    }

    /// The connection is at its end: the function may not have read the last answer.
    fn gone(mut self) {
        self.remember();
    }

    fn remember(&mut self) {
        let spans = std::mem::take(&mut self.unconfirmed);
        self.proxy.state().unanswered.extend(spans);
    }

    /// Treats a request; `None` when the connection is at its end.
    async fn answer(&mut self, request: &[u8]) -> Option<()> {
        let spans = spans(request);
        let (fault, late) = {
            let mut state = self.proxy.state();
            // The function's calls to warm up carry nothing, so nothing can go wrong with them.
            let fault = if spans.is_empty() { None } else { state.next() };
            state.requests += usize::from(!spans.is_empty());
            if let Some(fault) = fault {
                *state.happened.entry(fault).or_default() += 1;
            }
            (fault, state.late)
        };
        match fault {
            Some(Fault::Throttled) => {
                let body = r#"{"__type":"ProvisionedThroughputExceededException","message":"x"}"#;
                return self.say("400 Bad Request", body).await;
            }
            Some(Fault::ServerError) => {
                let body = r#"{"__type":"InternalFailure","message":"x"}"#;
                return self.say("500 Internal Server Error", body).await;
            }
            Some(Fault::Hang) => {
                // Until the function gives up.
                let mut rest = [0; 64];
                while let Ok(1..) = self.function.read(&mut rest).await {}
                return None;
            }
            Some(Fault::Reset) => {
                reset(&self.function);
                return None;
            }
            _ => {}
        }
        let answer = pass_on(self.upstream, request).await?;
        self.unconfirmed = spans;
        match fault {
            Some(Fault::AnswerReset) => {
                reset(&self.function);
                None
            }
            Some(Fault::AnswerCut) => {
                let half = answer.get(..answer.len() - 8)?;
                let _ = self.function.write_all(half).await;
                None
            }
            _ => {
                if fault.is_some() {
                    tokio::time::sleep(late).await;
                }
                self.function.write_all(&answer).await.ok()
            }
        }
    }

    async fn say(&mut self, status: &str, body: &str) -> Option<()> {
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        self.function.write_all(answer.as_bytes()).await.ok()
    }
}

/// Without a farewell.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

async fn pass_on(upstream: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut upstream = TcpStream::connect(upstream).await.ok()?;
    upstream.write_all(request).await.ok()?;
    read_message(&mut upstream, &mut Vec::new()).await
}

/// A whole HTTP/1.1 message with a content length. Can be dropped and called again.
async fn read_message(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    const END: &[u8] = b"\r\n\r\n";
    loop {
        if let Some(head) = buffer.windows(END.len()).position(|w| w == END) {
            let text = String::from_utf8_lossy(buffer.get(..head)?).into_owned();
            let length = text
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.trim().parse().unwrap());
            let end = head + END.len() + length;
            if buffer.len() >= end {
                return Some(buffer.drain(..end).collect());
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

/// The spans in a request to Kinesis or to an OTLP endpoint.
fn spans(request: &[u8]) -> Vec<String> {
    let head = request.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    let body = request.get(head + 4..).unwrap();
    let is_otlp = request.starts_with(b"POST /v1/traces");
    let records = if is_otlp {
        vec![body.to_vec()]
    } else {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let records = body.get("Records").and_then(Value::as_array);
        let data = |record: &Value| BASE64.decode(record.get("Data")?.as_str()?).ok();
        records.into_iter().flatten().filter_map(data).collect()
    };
    let spans = records.iter().flat_map(|record| decode(record));
    spans.map(|span| span.span_id).collect()
}
