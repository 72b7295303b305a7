//! Statistics of cleaning.

/// Counters of cleaned spans, and of spans that were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CleanStats {
    /// Spans in the output.
    pub spans: u64,
    /// Of these, spans whose bytes are unchanged.
    pub untouched: u64,
    /// Identical copies of a span that were dropped.
    pub duplicates: u64,
    /// Spans that were dropped because a different span had the same id.
    pub conflicts: u64,
    /// Spans that were dropped by conditions and transforms.
    pub left_out: u64,
    /// Spans that were dropped because a transform panicked.
    pub panics: u64,
    /// Spans that were dropped because they were malformed.
    pub malformed: u64,
    /// Span events that were removed.
    pub events: u64,
    /// Attributes that were removed.
    pub attributes: u64,
    /// Attributes and texts in which a value was masked or hashed.
    pub redacted: u64,
    /// Values that were truncated.
    pub truncated: u64,
}
