//! What is counted.

/// How much was cleaned, and what could not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CleanStats {
    /// Spans that went out.
    pub spans: u64,
    /// Of these, spans that went out as the bytes they came in.
    pub untouched: u64,
    /// Copies of a span, byte for byte, that were left out.
    pub duplicates: u64,
    /// Spans that were left out since another one of the same id came before.
    pub conflicts: u64,
    /// Spans that were left out by conditions and transforms.
    pub left_out: u64,
    /// Spans that were left out since a transform panicked.
    pub panics: u64,
    /// Spans that were left out since they are no spans.
    pub malformed: u64,
    /// Span events that were removed.
    pub events: u64,
    /// Attributes that were removed.
    pub attributes: u64,
    /// Attributes and texts in which something was masked or hashed.
    pub redacted: u64,
    /// Values that were cut down.
    pub truncated: u64,
}
