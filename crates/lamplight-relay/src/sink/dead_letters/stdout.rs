//! Dead letters on standard output.

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::{destination::BoxFuture, stdout};

/// Dead letters on standard output, a line of JSON each: for functions, whose log it is.
///
/// A log is read by many. So the data of a record that could not be read, in which nothing was cleaned, is left
/// out; its shard and sequence number say where it can be read again, as long as the stream keeps it. Spans that
/// a sink refuses have been cleaned, and are there. A line of a log has a bound: see
/// [`DeadLetter::to_json_within`].
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct StdoutDeadLetters;

/// CloudWatch Logs takes events of 256 KiB.
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
