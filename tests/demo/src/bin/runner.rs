//! The runner of `cargo demo`: the event broker on a local AWS, and the trace of every order.

use std::process::ExitCode;

use lamplight_demo::{Command, HELP, Options, Result, run};

fn main() -> ExitCode {
    let outcome = Command::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Run(options) => show(&options),
        Command::Spans(options) => run::spans(&options.dir).map(|trees| {
            print!("{trees}");
            true
        }),
        Command::Stop(options) => run::stop(&options.dir).map(|stopped| {
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
        Command::Live { endpoint, stream } => run::live(&endpoint, &stream).map(|()| true),
        Command::Help => {
            print!("{}", HELP);
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

fn show(options: &Options) -> Result<bool> {
    let report = run::run(options)?;
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
