//! Requests.

use bytes::{Bytes, BytesMut};

/// A kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Spans.
    Traces,
    /// Data points.
    Metrics,
}

/// How a sink wants its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// As one message, in which equal resources and scopes are written once.
    #[default]
    Merged,
    /// As a message for each trace.
    ByTrace,
}

/// A request to a [`Sink`](super::Sink): encoded telemetry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// What it has.
    pub signal: Signal,
    /// It, encoded.
    pub body: Body,
    /// How many spans or data points it has.
    pub items: usize,
}

/// The content of a request: `ExportTraceServiceRequest` or `ExportMetricsServiceRequest` in protobuf.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Body {
    /// One message.
    Merged(Bytes),
    /// One message for each trace.
    ByTrace(Vec<TraceBody>),
}

/// The spans of a trace, encoded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TraceBody {
    /// Whose spans these are.
    pub trace_id: [u8; 16],
    /// `ExportTraceServiceRequest`.
    pub message: Bytes,
    /// How many spans it has.
    pub items: usize,
}

impl Request {
    /// Returns a request with one message.
    pub const fn new(signal: Signal, message: Bytes, items: usize) -> Self {
        Self {
            signal,
            body: Body::Merged(message),
            items,
        }
    }

    /// Returns its one message. Messages of several traces are put together, which is a valid message.
    pub fn message(&self) -> Bytes {
        match &self.body {
            Body::Merged(message) => message.clone(),
            Body::ByTrace(traces) => match &**traces {
                [one] => one.message.clone(),
                traces => {
                    let mut message = BytesMut::with_capacity(self.len());
                    traces
                        .iter()
                        .for_each(|trace| message.extend_from_slice(&trace.message));
                    message.freeze()
                }
            },
        }
    }

    /// Returns how many bytes its content has.
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Merged(message) => message.len(),
            Body::ByTrace(traces) => traces.iter().map(|trace| trace.message.len()).sum(),
        }
    }

    /// Returns whether it has no content.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
