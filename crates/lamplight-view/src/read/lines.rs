//! A log that is still being written.

use super::Found;

/// A reader of the lines of a log, one after the other, such as the output of a function that runs.
///
/// ```
/// use lamplight_view::read::Lines;
///
/// let mut lines = Lines::default();
/// assert_eq!(lines.line("START RequestId: 1"), None);
/// let request = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"#;
/// assert!(lines.line(request).is_some());
/// ```
#[derive(Debug, Default)]
pub struct Lines {
    found: Found,
    number: u64,
}

impl Lines {
    /// Returns the request that is in a line, in protobuf; `None` where it has none.
    pub fn line(&mut self, line: &str) -> Option<Vec<u8>> {
        self.number += 1;
        self.found.line(&format!("line {}", self.number), line);
        let requests = std::mem::take(&mut self.found.requests);
        // Requests one behind the other are one request.
        (!requests.is_empty()).then(|| requests.concat())
    }

    /// Returns what was wrong with lines that should have had traces in them, each with its number,
    /// since it was asked last.
    pub fn problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.found.problems)
    }
}
