//! `cargo demo`: builds what the demo needs, and runs it. See `--help`.

use std::process::ExitCode;

use lamplight_demo::{Command, HELP, start};

fn main() -> ExitCode {
    // What is wrong with the arguments is said before anything is built.
    let outcome = Command::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        _ => start::start(),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}
