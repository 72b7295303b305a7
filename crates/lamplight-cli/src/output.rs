//! Output of commands, and their failures.

use std::{error::Error, io::Write as _};

/// Failure of a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The arguments are not understood. Exit code 2.
    Usage {
        message: String,
        usage: &'static str,
    },
    /// It went wrong, or found what it was asked to look for. Exit code 1.
    Problem(String),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, usage: &'static str) -> Self {
        let message = message.into();
        Self::Usage { message, usage }
    }
}

/// Returns an error with everything that caused it, on one line each.
pub(crate) fn format_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    text
}

/// Prints a line to standard output. A reader that has gone is no failure: it has read enough.
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
    // There is nowhere left to report that this failed.
    let _ = writeln!(std::io::stderr(), "{text}");
}
