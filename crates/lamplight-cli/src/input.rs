//! Input files of commands.

use std::{io::Read as _, path::Path};

use crate::output::{Failure, format_chain};

/// Larger than any event, and than anything a user would read.
const MAX_INPUT: u64 = 256 * 1024 * 1024;

/// Returns the bytes of a file, or of standard input for `-`.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let result = if file.as_os_str() == "-" {
        std::io::stdin().take(MAX_INPUT).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|it| it.take(MAX_INPUT).read_to_end(&mut bytes))
    };
    match result {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::Problem(format!(
            "{}: {}",
            file.display(),
            format_chain(&error)
        ))),
    }
}
