//! Recorded spans, independent of their source.

use crate::model::{Literal, SpanKind};

/// A key with its recorded value.
pub type RecordedAttribute = (String, Literal);

/// A recorded span, reduced to the parts that conventions describe.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedSpan {
    /// Its name.
    pub name: String,
    /// Its kind; `None` if it was recorded as unspecified.
    pub kind: Option<SpanKind>,
    /// Its attributes.
    pub attributes: Vec<RecordedAttribute>,
    /// Name and attributes of its events.
    pub events: Vec<(String, Vec<RecordedAttribute>)>,
    /// Attributes of each of its links.
    pub links: Vec<Vec<RecordedAttribute>>,
    /// Keys of the attributes present at the start; `None` if they were not recorded.
    pub at_start: Option<Vec<String>>,
}
