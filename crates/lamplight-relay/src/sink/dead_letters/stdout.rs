//! Dead letters on standard output.

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::{destination::BoxFuture, stdout};

/// Dead letters on standard output, one line of JSON each: for functions, whose log it is.
///
/// Logs are widely readable. Therefore the data of a record that could not be read is omitted,
/// since none of it was cleaned; its shard and sequence number identify it for as long as the
/// stream retains it. Spans that a sink refused have been cleaned and are included. The length of a
/// log line is bounded: see [`DeadLetter::to_json_within`].
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct StdoutDeadLetters;

/// CloudWatch Logs accepts events of up to 256 KiB.
const MAX_LINE: usize = 250 << 10;

impl StdoutDeadLetters {
    /// Returns dead letters on standard output.
    pub const fn new() -> Self {
        Self
    }
}

impl DeadLetters for StdoutDeadLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let line = match letter.signal {
            Some(_) => letter.to_json_within(MAX_LINE),
            None => letter.to_json_without_data(MAX_LINE),
        };
        Box::pin(async {
            let written = stdout::write(line + "\n").await;
            written.map_err(|error| error.to_string())
        })
    }
}
