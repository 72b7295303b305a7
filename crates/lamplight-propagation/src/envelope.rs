//! The place of context in a JSON document, shared by the writing and the reading side.

/// The member that holds the fields unless a pointer names another place: `"_otel":{"traceparent":..}`.
pub const DEFAULT_KEY: &str = "_otel";

/// The place of the fields in a JSON document, as a JSON pointer (RFC 6901): `/metadata/otel` is the
/// member `otel` of the member `metadata`. Only objects are followed, never arrays.
///
/// Text without a leading `/` names one member of the document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Returns the pointer written as `text`.
    pub fn new(text: &str) -> Self {
        if text.is_empty() {
            return Self(Vec::new());
        }
        let text = text.strip_prefix('/').unwrap_or(text);
        Self(
            text.split('/')
                .map(|name| name.replace("~1", "/").replace("~0", "~"))
                .collect(),
        )
    }

    /// Returns the member names to follow, outermost first.
    pub(crate) fn names(&self) -> &[String] {
        &self.0
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
