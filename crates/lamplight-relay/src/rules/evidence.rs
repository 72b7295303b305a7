//! What is known of an undecided trace.

/// What the spans of a trace have shown so far: 16 bytes.
///
/// What does not fit is in the [`RuleState`](super::RuleState) it was observed with, from where
/// [`Rules::forget`](super::Rules::forget) removes it.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The leaves that some span meets.
    pub(super) conditions: u64,
    /// How many spans there were.
    pub(super) spans: u32,
    /// One more than the index of what did not fit; 0 where nothing did not.
    pub(super) extra: u32,
}

impl Evidence {
    /// Returns how many spans were observed.
    pub fn spans(&self) -> u32 {
        self.spans
    }
}
