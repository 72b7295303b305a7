//! The `lamplight` command. Each of its commands is a module that parses its own arguments.

mod input;
mod inspect;
mod output;
mod semconv;
mod serve;
mod traces;

use std::process::ExitCode;

use lexopt::prelude::{Long, Short, Value};

use output::{Failure, print, print_error};

const USAGE: &str = "\
usage: lamplight COMMAND ...

commands:
  inspect    an event: its source, and the trace it belongs to
  serve      live pages of spans, from OTLP, streams and logs
  semconv    semantic conventions: code, reference and checks of a registry
  traces     recorded spans: records of a stream, lines of a log, OTLP

`lamplight COMMAND --help` explains a command.";

fn main() -> ExitCode {
    match run(lexopt::Parser::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Problem(text)) => {
            print_error(&format!("error: {text}"));
            ExitCode::FAILURE
        }
        Err(Failure::Usage { message, usage }) => {
            print_error(&format!("error: {message}\n\n{usage}"));
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: lexopt::Parser) -> Result<(), Failure> {
    let wrong = |message: String| Failure::usage(message, USAGE);
    match arguments.next().map_err(|error| wrong(error.to_string()))? {
        Some(Value(command)) => match command.to_str() {
            Some("inspect") => inspect::run(arguments),
            Some("serve") => serve::run(arguments),
            Some("semconv") => semconv::run(arguments),
            Some("traces") => traces::run(arguments),
            _ => Err(wrong(format!("no command {}", command.display()))),
        },
        Some(Short('h') | Long("help")) => print(USAGE),
        Some(Short('V') | Long("version")) => {
            print(concat!("lamplight ", env!("CARGO_PKG_VERSION")))
        }
        Some(other) => Err(wrong(other.unexpected().to_string())),
        None => Err(wrong("a command is missing".to_owned())),
    }
}
