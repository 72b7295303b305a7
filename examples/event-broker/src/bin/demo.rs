//! `cargo demo`: the event broker on a local AWS, and the trace of every order. See `--help`.

use std::process::ExitCode;

use event_broker::demo::{self, Command, Options, Result};

fn main() -> ExitCode {
    let outcome = Command::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Run(options) => run(&options),
        Command::Spans(options) => demo::spans(&options.dir).map(|trees| {
            print!("{trees}");
            true
        }),
        Command::Stop(options) => demo::stop(&options.dir).map(|stopped| {
            println!(
                "{}",
                if stopped {
                    "ended"
                } else {
                    "nothing was left running"
                }
            );
            true
        }),
        Command::Live { endpoint, stream } => demo::live(&endpoint, &stream).map(|()| true),
        Command::Help => {
            print!("{}", demo::HELP);
            Ok(true)
        }
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let report = demo::run(options)?;
    println!("{}", report.trees(options.all)?);
    if !options.all {
        println!(
            "these are some of {} traces; --all prints every one\n",
            report.traces.len()
        );
    }
    for flaw in &report.flaws {
        println!("broken: {flaw}");
    }
    println!("{}", report.summary);
    println!("as a page: file://{}", report.page.display());
    if let Some(kept) = &report.kept {
        println!("\n{kept}");
    }
    Ok(report.summary.is_good())
}
