//! An OTLP receiver, to which the relay delivers.

use std::{
    collections::{HashMap, HashSet},
    fmt, io,
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use lamplight_test_rig::{Connection, Message};

use super::spans::{Span, SpanId, decode};
use crate::error::{Context, Result};

/// Takes OTLP over HTTP on a port of its own, until the runner ends.
#[derive(Debug)]
pub(crate) struct Receiver {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    received: Mutex<Received>,
    arrived: Condvar,
}

/// The deliveries of the relay.
#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    /// The spans, each once.
    pub(crate) spans: HashMap<SpanId, Span>,
    /// Spans that arrived again.
    pub(crate) duplicates: usize,
    /// Requests that were not OTLP.
    pub(crate) unreadable: usize,
}

impl Receiver {
    /// Starts a receiver.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("open a receiver")?;
        let address = listener.local_addr().context("open a receiver")?;
        let shared = Arc::<Shared>::default();
        let taken = shared.clone();
        thread::Builder::new()
            .name("receiver".into())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let shared = taken.clone();
                    // A connection that fails is the relay's to open again.
                    let _ = thread::Builder::new().spawn(move || serve(stream, &shared));
                }
            })
            .context("start a receiver")?;
        Ok(Self {
            endpoint: format!("http://{address}"),
            shared,
        })
    }

    /// Returns the endpoint for OTLP exporters.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns all that has arrived as soon as it is `enough`, or `limit` is over.
    pub(crate) fn wait(
        &self,
        limit: Duration,
        enough: impl Fn(&HashMap<SpanId, Span>) -> bool,
    ) -> Received {
        let deadline = Instant::now() + limit;
        let mut received = self.shared.lock();
        while !enough(&received.spans) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.shared.arrived.wait_timeout(received, left);
            received = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        received.clone()
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, request: &Message) -> u16 {
        if request.path != "/v1/traces" {
            return 404;
        }
        let decoded = decode(&request.body);
        let mut received = self.lock();
        let Ok(spans) = decoded else {
            received.unreadable += 1;
            return 400;
        };
        for span in spans {
            if received.spans.insert(span.id(), span).is_some() {
                received.duplicates += 1;
            }
        }
        self.arrived.notify_all();
        200
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream);
    while let Some(request) = connection.read()? {
        let status = shared.take(&request);
        let headers = [("content-type", "application/x-protobuf")];
        connection.respond(status, &headers, b"")?;
    }
    Ok(())
}

/// The verdict on the relay's sampling: its deliveries beside those that its rules ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relayed {
    /// Different spans that the relay delivered.
    pub delivered: usize,
    /// Spans that its rules keep and that it did not deliver.
    pub lost: usize,
    /// Spans that it delivered though its rules drop them.
    pub unwanted: usize,
    /// Spans that it delivered more than once.
    pub duplicates: usize,
    /// Requests that were not OTLP.
    pub unreadable: usize,
}

impl fmt::Display for Relayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "delivered {} spans, {} lost, {} unwanted, {} twice",
            self.delivered, self.lost, self.unwanted, self.duplicates
        )?;
        match self.unreadable {
            0 => Ok(()),
            requests => write!(f, ", {requests} requests not OTLP"),
        }
    }
}

impl Relayed {
    /// Returns whether the deliveries are those of the rules.
    pub fn is_good(&self) -> bool {
        self.delivered > 0 && self.lost + self.unwanted + self.duplicates + self.unreadable == 0
    }

    /// Compares the deliveries with the spans of the stream.
    pub(crate) fn compare(received: &Received, stream: &[Span]) -> Self {
        let must = stream.iter().filter(|span| is_kept(span));
        let errors: HashSet<_> = stream
            .iter()
            .filter(|span| span.error.is_some())
            .map(|span| span.trace_id.as_str())
            .collect();
        // Errors keep what came with them in a batch, which may be all of the trace or only a part.
        let may = |span: &Span| is_sampled(span) || errors.contains(span.trace_id.as_str());
        let unwanted = received.spans.values().filter(|span| !may(span)).count();
        Self {
            delivered: received.spans.len(),
            lost: must
                .filter(|span| !received.spans.contains_key(&span.id()))
                .count(),
            unwanted,
            duplicates: received.duplicates,
            unreadable: received.unreadable,
        }
    }
}

/// Returns whether the rules of the demo's relay keep a span, whatever it comes with: errors, and half of
/// the traces.
pub(crate) fn is_kept(span: &Span) -> bool {
    span.error.is_some() || is_sampled(span)
}

/// Returns whether a trace is of the half that is kept: the specification's `R >= T`, of which R is the low 56
/// bits of the trace id and T is `8` followed by zeros.
fn is_sampled(span: &Span) -> bool {
    let digit = span.trace_id.chars().nth(18);
    digit.and_then(|digit| digit.to_digit(16)) >= Some(8)
}
