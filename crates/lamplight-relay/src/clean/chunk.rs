//! Encoded spans with a common resource and scope.

use bytes::Bytes;

/// Encoded spans with a common resource and scope, ready for use in a request.
///
/// All three parts are fields with their keys, so that the spans of equal resources and scopes are
/// merged by concatenation. Cloning a chunk copies no bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Chunk {
    /// The fields of a `ResourceSpans` other than `scope_spans`: the resource and its schema.
    pub resource: Bytes,
    /// The fields of a `ScopeSpans` other than `spans`: the scope and its schema.
    pub scope: Bytes,
    /// The fields `spans` of the `ScopeSpans`.
    pub spans: Bytes,
    /// Number of spans.
    pub count: usize,
}

impl Chunk {
    /// Returns the size in bytes.
    pub fn len(&self) -> usize {
        self.resource.len() + self.scope.len() + self.spans.len()
    }

    /// Returns whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
