//! A receiver of OTLP over HTTP, and records.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lamplight_otlp::trace;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status},
};
use prost::Message as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A receiver of OTLP over HTTP.
pub(crate) struct Receiver {
    pub(crate) url: String,
    spans: Arc<Mutex<Vec<Span>>>,
    copies: Arc<Mutex<Copies>>,
    count: watch::Receiver<usize>,
    faults: Arc<Faults>,
}

/// All accepted copies of each span, as received, by the trace and the last byte of the span's id.
pub(crate) type Copies = BTreeMap<(Vec<u8>, u8), Vec<Vec<u8>>>;

/// The shared state of a receiver's connections.
#[derive(Clone)]
struct Taken {
    spans: Arc<Mutex<Vec<Span>>>,
    copies: Arc<Mutex<Copies>>,
    told: Arc<watch::Sender<usize>>,
    faults: Arc<Faults>,
}

impl Taken {
    fn take(&self, body: &[u8]) {
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        let resources = request.resource_spans.into_iter();
        let scopes = resources.flat_map(|it| it.scope_spans);
        let spans = scopes.flat_map(|scope| scope.spans);
        let visited = trace::visit(body, |_, span| {
            let id = (span.trace_id.to_vec(), *span.span_id.last().unwrap());
            let mut copies = self.copies.lock().unwrap();
            copies.entry(id).or_default().push(span.message.to_vec());
        });
        visited.unwrap();
        let mut taken = self.spans.lock().unwrap();
        taken.extend(spans);
        self.told.send_replace(taken.len());
    }
}

/// The numbers of upcoming requests with a fault.
#[derive(Debug, Default)]
struct Faults {
    refused: AtomicUsize,
    unanswered: AtomicUsize,
    /// Number of refused requests.
    refusals: watch::Sender<usize>,
}

/// Returns whether one was left.
fn take(left: &AtomicUsize) -> bool {
    let one_less = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (told, count) = watch::channel(0);
        let taken = Taken {
            spans: Arc::default(),
            copies: Arc::default(),
            told: Arc::new(told),
            faults: Arc::default(),
        };
        let receiver = Self {
            url,
            spans: taken.spans.clone(),
            copies: taken.copies.clone(),
            count,
            faults: taken.faults.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, taken.clone()));
            }
        });
        receiver
    }

    /// Responds to the next requests with 503, without accepting them.
    #[allow(dead_code, reason = "this file is part of two programs")]
    pub(crate) fn refuse(&self, requests: usize) {
        self.faults.refused.store(requests, Ordering::Relaxed);
    }

    /// Accepts the next requests, and closes their connections without a response.
    #[allow(dead_code, reason = "this file is part of two programs")]
    pub(crate) fn forget_to_answer(&self, requests: usize) {
        self.faults.unanswered.store(requests, Ordering::Relaxed);
    }

    /// Waits until a request has been refused.
    #[allow(dead_code, reason = "this file is part of two programs")]
    pub(crate) async fn refused(&self) {
        let mut refusals = self.faults.refusals.subscribe();
        let one = refusals.wait_for(|refusals| *refusals > 0);
        let in_time = tokio::time::timeout(PATIENCE, one).await;
        in_time.expect("a request in time").unwrap();
    }

    /// Returns all copies of all spans.
    #[allow(dead_code, reason = "this file is part of two programs")]
    pub(crate) fn copies(&self) -> Copies {
        self.copies.lock().unwrap().clone()
    }

    /// Ends all faults.
    #[allow(dead_code, reason = "this file is part of two programs")]
    pub(crate) fn heal(&self) {
        self.refuse(0);
        self.forget_to_answer(0);
    }

    pub(crate) async fn wait_for(&mut self, spans: usize) -> Vec<Span> {
        let enough = self.count.wait_for(|count| *count >= spans);
        let in_time = tokio::time::timeout(PATIENCE, enough).await;
        in_time.expect("spans in time").unwrap();
        self.spans()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }
}

/// Responds to the requests of a connection.
async fn connection(mut stream: TcpStream, taken: Taken) {
    let faults = &taken.faults;
    let mut buffer = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.unwrap().trim().parse().unwrap();
        while buffer.len() < head + length {
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let is_refused = take(&faults.refused);
        if text.starts_with("post /v1/traces") && !is_refused {
            taken.take(&buffer[head..head + length]);
        }
        buffer.drain(..head + length);
        if take(&faults.unanswered) {
            return;
        }
        if is_refused {
            faults.refusals.send_modify(|refusals| *refusals += 1);
        }
        let status = match is_refused {
            true => "503 Service Unavailable",
            false => "200 OK",
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"
        );
        // The client may have been killed.
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Returns a record with one span.
pub(crate) fn record(trace: u8, span: u8, is_error: bool) -> Vec<u8> {
    let mut trace_id = vec![0; 16];
    trace_id[0] = trace;
    let span = Span {
        trace_id,
        span_id: vec![0, 0, 0, 0, 0, 0, 0, span],
        name: "work".to_owned(),
        status: Some(Status {
            code: if is_error { 2 } else { 0 },
            message: String::new(),
        }),
        ..Span::default()
    };
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans {
                spans: vec![span],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    };
    request.encode_to_vec()
}
