//! The cost of one entry.

/// What one entry costs in one scenario.
#[derive(Debug)]
pub(super) struct Cost {
    pub(super) title: &'static str,
    pub(super) extracts: bool,
    pub(super) spans: f64,
    pub(super) attributes: usize,
    pub(super) junk: usize,
    /// How its span and the caller's are connected.
    pub(super) trace: String,
    pub(super) allocations: f64,
    pub(super) bytes: f64,
    pub(super) instructions: Option<f64>,
    pub(super) wall: Vec<f64>,
    pub(super) cpu: Vec<f64>,
}
