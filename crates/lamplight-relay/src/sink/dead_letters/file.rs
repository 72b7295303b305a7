//! Dead letters in a file.

use std::path::Path;

use super::letter::{DeadLetter, DeadLetters};
use crate::sink::{
    destination::BoxFuture,
    lines::{LineFile, WhenFull},
};

/// A file of dead letters: a line of JSON each, which has reached the disk when it counts as kept.
///
/// It has a bound and is never rotated: a full file keeps no more letters until somebody makes room, which
/// holds the checkpoints of critical sinks.
#[derive(Debug, Clone)]
pub struct FileDeadLetters(LineFile);

impl FileDeadLetters {
    /// Returns a file of at most so many bytes. It is created by the first letter; its folder is not.
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
