//! The cost of one entry.

/// The cost of one entry in one scenario.
#[derive(Debug)]
pub(super) struct Cost {
    pub(super) title: &'static str,
    pub(super) extracts: bool,
    pub(super) spans: f64,
    pub(super) attributes: usize,
    pub(super) junk: usize,
    /// The relation of its span to the caller's.
    pub(super) trace: String,
    pub(super) allocations: f64,
    pub(super) bytes: f64,
    pub(super) instructions: Option<f64>,
    pub(super) wall: Vec<f64>,
    pub(super) cpu: Vec<f64>,
}
