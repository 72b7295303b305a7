//! Files that a command reads.

use std::{io::Read as _, path::Path};

use crate::output::{Failure, format_chain};

/// More than any event has and than anybody looks through.
const MAX_INPUT: u64 = 256 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`, whatever they are.
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
