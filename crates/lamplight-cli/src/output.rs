//! Output of commands, and their failures.

use std::{error::Error, io::Write as _};

/// The failure of a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are invalid. Exit code 2.
    Usage {
        message: String,
        usage: &'static str,
    },
    /// The command failed, or found faults. Exit code 1.
    Problem(String),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, usage: &'static str) -> Self {
        let message = message.into();
        Self::Usage { message, usage }
    }
}

/// Returns an error with its chain of causes, one per line.
pub(crate) fn format_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    text
}

/// Prints a line to standard output. A reader that has closed the pipe is not a failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Problem(format_chain(&error)))
        }
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
pub(crate) fn print_error(text: &str) {
    // There is no other place to report this failure.
    let _ = writeln!(std::io::stderr(), "{text}");
}
