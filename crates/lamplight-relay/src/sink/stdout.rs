//! Standard output.

use std::io::{self, Write};

use super::{
    destination::{BoxFuture, Sink},
    json,
    outcome::Outcome,
    request::{Layout, Request},
};

/// A sink that writes OTLP/JSON to standard output, one line per trace, like the exporter
/// `otlp/stdout`.
///
/// The format is lossless and understood by other tools. The length of a line depends on its trace.
#[derive(Debug, Clone)]
pub struct StdoutSink(Box<str>);

impl StdoutSink {
    /// Returns a sink with this name.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

impl Sink for StdoutSink {
    fn name(&self) -> &str {
        &self.0
    }

    fn send(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            match json::lines(&request) {
                Ok(lines) => outcome(write(lines).await),
                Err(malformed) => Outcome::Rejected {
                    why: malformed.to_string(),
                },
            }
        })
    }

    fn layout(&self) -> Layout {
        Layout::ByTrace
    }
}

/// Returns the outcome of writing lines on this machine.
pub(super) fn outcome(written: io::Result<()>) -> Outcome {
    match written {
        Ok(()) => Outcome::accepted(),
        Err(error) => Outcome::Retryable {
            after: None,
            why: error.to_string(),
        },
    }
}

/// Writes lines, on a thread that may block.
pub(super) async fn write(lines: String) -> io::Result<()> {
    let writing = tokio::task::spawn_blocking(move || {
        let mut stdout = io::stdout().lock();
        stdout.write_all(lines.as_bytes())?;
        stdout.flush()
    });
    let gone = |_| Err(io::Error::other("the writing thread has ended"));
    writing.await.unwrap_or_else(gone)
}
