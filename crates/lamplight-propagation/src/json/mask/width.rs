//! The numbers of bytes that are compared together.

/// Bytes looked at together: a bit each makes one word.
pub(crate) const BLOCK: usize = 64;

/// Bytes looked at together where little is expected, such as a key: one register of SSE2.
pub(crate) const CHUNK: usize = 16;
