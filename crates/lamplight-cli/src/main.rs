//! The `lamplight` command. Each of its commands is a module, which reads its own arguments.

mod input;
mod inspect;
mod semconv;
mod traces;

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

const USAGE: &str = "\
usage: lamplight COMMAND ...

commands:
  inspect    an event: where it comes from and which trace it belongs to
  semconv    semantic conventions: code, reference and checks of a registry
  traces     recorded spans: records of a stream, lines of a log, OTLP

`lamplight COMMAND --help` tells about a command.";

/// Why a command did not do what it was asked.
#[derive(Debug)]
enum Failure {
    /// The arguments are not understood. Exit code 2.
    Usage {
        message: String,
        usage: &'static str,
    },
    /// It went wrong, or found what it was asked to look for. Exit code 1.
    Problem(String),
}

impl Failure {
    fn usage(message: impl Into<String>, usage: &'static str) -> Self {
        let message = message.into();
        Self::Usage { message, usage }
    }
}

/// An error with everything that caused it, on one line each.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  caused by: {error}"));
        cause = error.source();
    }
    text
}

fn main() -> ExitCode {
    match run(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Problem(text)) => {
            complain(&format!("error: {text}"));
            ExitCode::FAILURE
        }
        Err(Failure::Usage { message, usage }) => {
            complain(&format!("error: {message}\n\n{usage}"));
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: lexopt::Parser) -> Result<(), Failure> {
    let wrong = |message: String| Failure::usage(message, USAGE);
    match arguments.next().map_err(|error| wrong(error.to_string()))? {
        Some(Value(command)) => match command.to_str() {
            Some("inspect") => inspect::run(arguments),
            Some("semconv") => semconv::run(arguments),
            Some("traces") => traces::run(arguments),
            _ => Err(wrong(format!("no command {}", command.display()))),
        },
        Some(Short('h') | Long("help")) => say(USAGE),
        Some(Short('V') | Long("version")) => say(concat!("lamplight ", env!("CARGO_PKG_VERSION"))),
        Some(other) => Err(wrong(other.unexpected().to_string())),
        None => Err(wrong("a command is missing".to_owned())),
    }
}

/// Writes a line to standard output. A reader that has gone is no failure: it has read enough.
fn say(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Problem(told(&error)))
        }
        _ => Ok(()),
    }
}

fn complain(text: &str) {
    // There is nobody left to tell that this did not work.
    let _ = writeln!(std::io::stderr(), "{text}");
}
