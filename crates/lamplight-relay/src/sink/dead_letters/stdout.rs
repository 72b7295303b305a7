//! Dead letters on standard output.

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::{destination::BoxFuture, stdout};

/// Dead letters on standard output, a line of JSON each: for functions, whose log it is. A line of a log
/// has a bound, over which the data is left out; the records say where it can be read again.
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
        let mut line = letter.to_json();
        if line.len() > MAX_LINE {
            line = letter.to_json_without_data();
        }
        Box::pin(async {
            let written = stdout::write(line + "\n").await;
            written.map_err(|error| error.to_string())
        })
    }
}
