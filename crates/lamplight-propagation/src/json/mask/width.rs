//! The numbers of bytes compared at once.

/// Bytes compared at once: with one bit each, the result is one 64-bit word.
pub(crate) const BLOCK: usize = 64;

/// Bytes compared at once in short texts, such as keys: one SSE2 register.
pub(crate) const CHUNK: usize = 16;
