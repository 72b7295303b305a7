//! Logs that are still being written.

use super::Found;

/// A reader of the lines of a log as they are written, such as the output of a running function.
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
    /// Returns the request in a line, as protobuf; `None` if there is none.
    pub fn line(&mut self, line: &str) -> Option<Vec<u8>> {
        self.number += 1;
        self.found.line(&format!("line {}", self.number), line);
        let requests = std::mem::take(&mut self.found.requests);
        // Concatenated requests form one request.
        (!requests.is_empty()).then(|| requests.concat())
    }

    /// Returns the problems of lines that should have contained traces, with line numbers, since
    /// the last call.
    pub fn problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.found.problems)
    }
}
