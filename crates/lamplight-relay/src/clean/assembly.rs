//! Spans put into chunks.

use std::ops::Range;

use bytes::Bytes;

use super::{chunk::Chunk, splice::bytes};

/// The encoded fields of a resource and a scope.
#[derive(Debug, Clone, Default)]
pub(super) struct Encoded {
    pub(super) resource: Bytes,
    pub(super) scope: Bytes,
}

/// Chunks while they are made: spans of equal resource and scope that come one after the other are one.
#[derive(Debug)]
pub(super) struct Assembly {
    chunks: Vec<Chunk>,
    encoded: Encoded,
    count: usize,
    /// Spans that were written anew, or had to be copied beside such.
    buffer: Vec<u8>,
    /// Spans that lie one behind the other in a payload, after those in the buffer.
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

    /// Says what the next spans belong to.
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

    /// Adds the span whose field lies at a place in a payload.
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

    /// Returns the chunks, and the buffer for the next ones.
    pub(super) fn finish(mut self) -> (Vec<Chunk>, Vec<u8>) {
        self.close();
        (self.chunks, self.buffer)
    }

    /// Copies what is shared behind what is written.
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

/// Returns whether bytes are equal; those of one buffer are mostly found to be without being read.
pub(super) fn same(one: &Bytes, other: &Bytes) -> bool {
    one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
}
