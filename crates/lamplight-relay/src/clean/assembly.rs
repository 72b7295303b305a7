//! Assembly of spans into chunks.

use std::ops::Range;

use bytes::Bytes;

use super::{chunk::Chunk, splice::bytes};

/// The encoded fields of a resource and a scope.
#[derive(Debug, Clone, Default)]
pub(super) struct Encoded {
    pub(super) resource: Bytes,
    pub(super) scope: Bytes,
}

/// Chunks under construction. Consecutive spans with equal resource and scope form one chunk.
#[derive(Debug)]
pub(super) struct Assembly {
    chunks: Vec<Chunk>,
    encoded: Encoded,
    count: usize,
    /// Spans that were rewritten, and unchanged spans copied next to them.
    buffer: Vec<u8>,
    /// Consecutive spans of a payload, which come after those in the buffer.
    shared: Bytes,
    end: usize,
}

impl Assembly {
    pub(super) fn new(buffer: Vec<u8>) -> Self {
        Self {
            chunks: Vec::new(),
            encoded: Encoded::default(),
            count: 0,
            buffer,
            shared: Bytes::new(),
            end: 0,
        }
    }

    /// Sets the resource and scope of the next spans.
    pub(super) fn open(&mut self, encoded: &Encoded) {
        let Encoded { resource, scope } = &self.encoded;
        if self.count == 0 || !same(resource, &encoded.resource) || !same(scope, &encoded.scope) {
            self.close();
            self.encoded = encoded.clone();
        }
    }

    /// Adds a span.
    pub(super) fn add(&mut self, span: &[u8]) {
        self.settle();
        bytes(&mut self.buffer, 2, span);
        self.count += 1;
    }

    /// Adds the span whose field is at a position in a payload.
    pub(super) fn share(&mut self, payload: &Bytes, place: Range<usize>) {
        let shared_end = self.shared.as_ptr().addr() + self.shared.len();
        let goes_on = !self.shared.is_empty()
            && self.end == place.start
            && shared_end == payload.as_ptr().addr() + place.start;
        if goes_on {
            let start = self.end - self.shared.len();
            self.shared = slice(payload, start..place.end);
        } else {
            self.settle();
            self.shared = slice(payload, place.clone());
        }
        self.end = place.end;
        self.count += 1;
    }

    /// Returns the chunks, and the buffer for reuse.
    pub(super) fn finish(mut self) -> (Vec<Chunk>, Vec<u8>) {
        self.close();
        (self.chunks, self.buffer)
    }

    /// Copies the shared spans to the end of the buffer.
    fn settle(&mut self) {
        self.buffer.extend_from_slice(&self.shared);
        self.shared = Bytes::new();
    }

    fn close(&mut self) {
        if self.count == 0 {
            return;
        }
        let spans = if self.buffer.is_empty() {
            std::mem::take(&mut self.shared)
        } else {
            self.settle();
            Bytes::copy_from_slice(&self.buffer)
        };
        self.buffer.clear();
        let Encoded { resource, scope } = std::mem::take(&mut self.encoded);
        self.chunks.push(Chunk {
            resource,
            scope,
            spans,
            count: std::mem::take(&mut self.count),
        });
    }
}

/// Returns a part of shared bytes.
fn slice(payload: &Bytes, range: Range<usize>) -> Bytes {
    match payload.get(range) {
        Some(part) => payload.slice_ref(part),
        None => Bytes::new(),
    }
}

/// Returns whether bytes are equal. Slices of one buffer are mostly recognized as equal without
/// reading them.
pub(super) fn same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
}
