//! Dead letters in a file.

use std::path::Path;

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::{
    destination::BoxFuture,
    lines::{LineFile, WhenFull},
};

/// A file of dead letters, one line of JSON each. A letter counts as kept once it has reached the
/// disk.
///
/// The file is bounded and never rotated: a full file accepts no letters until its content is moved
/// away, and holds the checkpoints of critical sinks until then.
#[derive(Debug, Clone)]
pub struct FileDeadLetters(LineFile);

impl FileDeadLetters {
    /// Returns a file of at most `max_bytes`. The first letter creates the file, but not its
    /// folder.
    pub fn new(path: impl AsRef<Path>, max_bytes: u64) -> Self {
        Self(LineFile::new(
            path.as_ref(),
            max_bytes,
            WhenFull::Refuse,
            true,
        ))
    }
}

impl DeadLetters for FileDeadLetters {
    fn put<'a>(&'a self, letter: &'a DeadLetter) -> BoxFuture<'a, Result<(), String>> {
        let line = letter.to_json() + "\n";
        Box::pin(async {
            let written = self.0.append(line.into_bytes()).await;
            written.map_err(|error| error.to_string())
        })
    }
}
