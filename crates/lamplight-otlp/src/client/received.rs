//! Answers, as far as they came.

use std::error::Error;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode};

/// The most bytes that are kept of an answer.
pub(super) const MAX_KEPT: usize = 64 << 10;

pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// An answer, as far as it came.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) trailers: HeaderMap,
    /// How it begins: at most [`MAX_KEPT`] bytes.
    pub(super) body: BytesMut,
    pub(super) end: End,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// It broke off, or did not come to its end in time.
    #[default]
    Broken,
    /// It came to its end.
    Whole,
    /// It is longer than is read of one.
    TooLong,
}

impl Received {
    /// Keeps a part of the body, as far as there is room for it. Returns whether there was.
    pub(super) fn keep(&mut self, data: &[u8]) -> bool {
        let room = MAX_KEPT.saturating_sub(self.body.len());
        let kept = data.get(..data.len().min(room)).unwrap_or_default();
        self.body.extend_from_slice(kept);
        data.len() <= room
    }
}
