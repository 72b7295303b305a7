//! Answers, complete or truncated.

use std::error::Error;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode};

/// The maximum number of bytes kept of an answer.
pub(super) const MAX_KEPT: usize = 64 << 10;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// An answer, complete or truncated.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) trailers: HeaderMap,
    /// The beginning of the body: at most [`MAX_KEPT`] bytes.
    pub(super) body: BytesMut,
    pub(super) end: End,
}

/// The way in which an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// It was interrupted, or did not end in time.
    #[default]
    Broken,
    /// It was complete.
    Whole,
    /// It was longer than the limit.
    TooLong,
}

impl Received {
    /// Keeps a part of the body, up to the limit. Returns whether all of it fit.
    pub(super) fn keep(&mut self, data: &[u8]) -> bool {
        let room = MAX_KEPT.saturating_sub(self.body.len());
        let kept = data.get(..data.len().min(room)).unwrap_or_default();
        self.body.extend_from_slice(kept);
        data.len() <= room
    }
}
