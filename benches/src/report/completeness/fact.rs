//! One answer in the table.

/// A finding.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) holds: bool,
    /// The evidence; may be empty.
    pub(super) evidence: String,
}

impl Fact {
    pub(super) fn new(holds: bool, evidence: impl Into<String>) -> Self {
        Self {
            holds,
            evidence: evidence.into(),
        }
    }

    pub(super) fn cell(&self) -> String {
        let verdict = if self.holds { "yes" } else { "**no**" };
        match self.evidence.as_str() {
            "" => verdict.to_owned(),
            evidence => format!("{verdict}: {evidence}"),
        }
    }
}
