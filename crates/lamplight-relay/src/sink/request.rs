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

/// The layout of a sink's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// One message, in which equal resources and scopes are written once.
    #[default]
    Merged,
    /// One message per trace.
    ByTrace,
}

/// A request to a [`Sink`](super::Sink): encoded telemetry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The signal of the content.
    pub signal: Signal,
    /// The encoded content.
    pub body: Body,
    /// Number of spans or data points.
    pub items: usize,
}

/// The content of a request: `ExportTraceServiceRequest` or `ExportMetricsServiceRequest` as
/// protobuf.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Body {
    /// One message.
    Merged(Bytes),
    /// One message per trace.
    ByTrace(Vec<TraceBody>),
}

/// The encoded spans of a trace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TraceBody {
    /// The id of the trace.
    pub trace_id: [u8; 16],
    /// `ExportTraceServiceRequest`.
    pub message: Bytes,
    /// Number of spans.
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

    /// Returns the content as one message. The messages of several traces are concatenated, which
    /// results in a valid message.
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

    /// Returns the size of the content, in bytes.
    pub fn len(&self) -> usize {
        match &self.body {
            Body::Merged(message) => message.len(),
            Body::ByTrace(traces) => traces.iter().map(|trace| trace.message.len()).sum(),
        }
    }

    /// Returns whether the content is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
