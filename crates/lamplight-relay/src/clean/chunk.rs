//! Encoded spans of one resource and scope.

use bytes::Bytes;

/// Encoded spans of one resource and one scope, ready to be put into a request.
///
/// All three parts are fields with their keys, so that spans of equal parts are merged by putting their
/// bytes one after the other. Cloning one copies no bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Chunk {
    /// The fields of a `ResourceSpans` but `scope_spans`: the resource and its schema.
    pub resource: Bytes,
    /// The fields of a `ScopeSpans` but `spans`: the scope and its schema.
    pub scope: Bytes,
    /// The fields `spans` of the `ScopeSpans`.
    pub spans: Bytes,
    /// How many spans these are.
    pub count: usize,
}

impl Chunk {
    /// Returns how many bytes it has.
    pub fn len(&self) -> usize {
        self.resource.len() + self.scope.len() + self.spans.len()
    }

    /// Returns whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}
