//! Evidence about an undecided trace.

/// The evidence from the observed spans of a trace, in 16 bytes.
///
/// Data that does not fit is in the [`RuleState`](super::RuleState) it was observed with, from
/// which [`Rules::forget`](super::Rules::forget) removes it.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The leaves that at least one span meets.
    pub(super) conditions: u64,
    /// Number of spans.
    pub(super) spans: u32,
    /// One more than the index of the data that did not fit; 0 if there is none.
    pub(super) extra: u32,
}

impl Evidence {
    /// Returns the number of observed spans.
    pub fn spans(&self) -> u32 {
        self.spans
    }
}
